/* SPDX-License-Identifier: MIT */
#ifndef TIMENS_CLI_PID_H
#define TIMENS_CLI_PID_H

#include "command.h"

/* The process id of a word; 0: it is none. */
pid_t pid_parse(const char *word);

int complain_pid(const struct command *self, const char *word);

#endif
