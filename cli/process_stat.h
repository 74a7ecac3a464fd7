/* SPDX-License-Identifier: MIT */
#ifndef TIMENS_CLI_PROCESS_STAT_H
#define TIMENS_CLI_PROCESS_STAT_H

#include <stdint.h>
#include <sys/types.h>

/* When a process was started, in whole seconds of the uptime clock as we read it. 0 or -errno. */
int process_started(pid_t pid, int64_t *seconds);

#endif
