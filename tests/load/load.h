/* SPDX-License-Identifier: MIT */
#ifndef TIMENS_LOAD_H
#define TIMENS_LOAD_H

#include <stdint.h>

#include "timens.h"

#define DAY 86400

/* What is shared by all starts of load_child. */
extern char load_child[512];

struct start {
	struct timens_offsets offsets;
	char boottime[32], monotonic[32];
	const char *argv[5];
	struct timens_fd fds[2];
	struct timens_spawn_args args;
};

/* A start whose clocks are shifted by `days` and twice that, that checks them, and that has its own
 * environment and no descriptor but the first three. `in` and `out`: -1, or for one that waits. */
void make_start(struct start *start, int days, int in, int out);
/* Starts it, waits for it; its exit status, or -errno. */
int run_start(struct start *start, unsigned route, struct timens_error *error);

/* -- Figures -- */

double seconds_now(void);
long resident_kib(void);
int count_fds(void);
/* Dead or alive. */
int has_children(void);

/* Writes one row of the table; `good` 0 makes the whole run fail. */
__attribute__((format(printf, 3, 4))) void row(int good, const char *what, const char *format, ...);

/* -- threads.c -- */

void load_threads(int seconds);

#endif
