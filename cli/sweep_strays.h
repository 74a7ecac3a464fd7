/* SPDX-License-Identifier: MIT */
/* Processes that left the session of their run, as daemons do. */
#ifndef TIMENS_CLI_SWEEP_STRAYS_H
#define TIMENS_CLI_SWEEP_STRAYS_H

#include <stddef.h>
#include <sys/types.h>

/* The children that we had before: a shell that executes us leaves us its own. */
struct strays {
	pid_t *before;
	size_t count;
};

/* From here on, what loses its parent becomes our child. */
struct strays strays_begin(void);

/* Kills and reaps all children that were not there before; call it when no run is under way. */
void strays_kill(const struct strays *strays);

#endif
