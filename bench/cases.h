/* SPDX-License-Identifier: MIT */
/* The ways to start a program that are compared. */
#ifndef TIMENS_BENCH_CASES_H
#define TIMENS_BENCH_CASES_H

#include <sys/types.h>

/* What has been started; `pidfd` is -1 where there is none. */
struct started {
	pid_t pid;
	int pidfd;
};

/* Returns when the program runs; a failure ends the process. Any number of threads may call it. */
typedef struct started start_fn(const char *const *argv);

struct bench_case {
	const char *name;
	start_fn *start;
};

/* Ends with a name of NULL. */
extern const struct bench_case bench_cases[];
start_fn *find_case(const char *name);

/* peers.c: none of the library. */
start_fn peer_posix_spawn, peer_posix_spawn_closing, peer_bare_clone, peer_fork_setns;
/* timens_cases.c */
start_fn start_plain, start_clone3, start_vfork, start_fork, start_closing, start_options;

/* Ends the process if r is -errno. */
void check(long r, const char *what);

#endif
