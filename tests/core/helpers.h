/* SPDX-License-Identifier: MIT */
/*
 * What the C suite shares: starting a program with its output captured, reading what `clocks`
 * prints, counting what a start may leave behind. subprocess.c holds what changes the state of a
 * process, for tests that do so in a process of their own.
 *
 * Functions named assert_* stop the running test. The others may be called from any thread.
 */
#ifndef TIMENS_TESTS_HELPERS_H
#define TIMENS_TESTS_HELPERS_H

#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "timens.h"

/* cmocka's `state`, a body's `arg`: most of them need neither. */
#pragma GCC diagnostic ignored "-Wunused-parameter"

#define ARGV(...)	  ((const char *const[]){__VA_ARGS__, NULL})
#define WITH(offsets_ptr) .offsets = (offsets_ptr), .offsets_size = sizeof *(offsets_ptr)
#define COUNT(array)	  (sizeof(array) / sizeof((array)[0]))

/* -- The run -- */

/* Group setup of every suite: fails where TIMENS_TEST_PROGRAMS is not set. */
int need_programs(void **state);
/* The path of a program of tests/programs. */
const char *test_program(const char *name);

/* -- Times -- */

struct timens_timespec now(clockid_t clock);
struct timens_timespec add_spans(struct timens_timespec a, struct timens_timespec b);
struct timens_timespec subtract_spans(struct timens_timespec a, struct timens_timespec b);
void assert_between(struct timens_timespec low, struct timens_timespec x,
		    struct timens_timespec high);
int compare_spans(struct timens_timespec a, struct timens_timespec b);
struct timens_offsets add_offsets(struct timens_offsets a, struct timens_offsets b);
/* The caller's own, to which the ones asked for are added. */
struct timens_offsets own_offsets(void);
void assert_offsets_equal(struct timens_offsets found, struct timens_offsets expected);

/* -- Starts -- */

struct capture {
	int result; /* of timens_spawn */
	int status; /* as waitpid has it */
	struct timens_process process;
	struct timens_error error;
	char out[8192]; /* what the program wrote to its standard output */
};

/* Starts, reads the output to its end, waits. `args.fds` may name other targets than 1. Returns 0
 * or -errno of the start, the pipe or the wait. */
int capture(const struct timens_spawn_args *args, struct capture *c);
/* The same; it must start and exit with 0. Returns c->out. */
const char *assert_runs(const struct timens_spawn_args *args, struct capture *c);
/* Starts `clocks` in the way of `args` (whose argv is not looked at), which must show `own` plus
 * args->offsets in its offsets file and in its clocks. */
void assert_clocks(const struct timens_spawn_args *args, struct capture *c,
		   struct timens_offsets own);
/* The start must fail so. Returns the text of the error, in storage of its own until next time. */
const char *assert_fails(const struct timens_spawn_args *args, int stage, int errnum);
/* A program that runs until it is killed or this process has ended. */
void assert_sleeper(struct timens_process *process, const struct timens_offsets *offsets);
void assert_ended(struct timens_process *process);

/* Of the text of an offsets file; 0 or -EINVAL. */
int parse_offsets(const char *text, struct timens_offsets *offsets);

/* The routes that are right on this kernel. */
struct routes {
	unsigned count, route[3];
};
struct routes routes_here(void);
void assert_route_here(unsigned route);
/* Calls `check` with the arguments of a start by each of them, with offsets. */
void on_each_route(void (*check)(struct timens_spawn_args *args));

/* -- Looking around -- */

int count_fds(void);
int count_children(void);
/* Where a symbolic link such as /proc/self/ns/time leads. */
const char *assert_link(const char *path, char buf[64]);
/* A hexadecimal member of /proc/PID/status such as SigBlk. */
uint64_t assert_status_mask(const char *status, const char *member);
json_t *assert_vectors(const char *file, const char *member);

#define assert_contains(text, part) assert_contains_at(text, part, __FILE__, __LINE__)
void assert_contains_at(const char *text, const char *part, const char *file, int line);

/* -- Files -- */

/* A new folder; remove_folder takes all that is in it. */
void make_folder(char path[32]);
void remove_folder(const char *path);
/* Writes the file FOLDER/NAME with these permissions. */
void make_file(const char *folder, const char *name, const char *text, unsigned mode);

/* -- subprocess.c -- */

/* Ends the test as skipped; with TIMENS_REQUIRE=1 as failed. */
void skip_because(const char *reason);

/* Runs `body` in a forked process. Its failed assertion fails the test, with its text; so does its
 * death by a signal. A skip there is a skip here. */
void in_child(void (*body)(void *arg), void *arg);

/* Ends the test as skipped where this is not root. */
void need_root(void);

/* All of these change the calling process for good. Where one takes capabilities and there is no
 * root, it first makes a user namespace, in which the process is root. */
void assert_leave_pending(const struct timens_offsets *offsets);
void assert_move_into(const struct timens_offsets *offsets);
/* A child that is in another namespace only after so many milliseconds, as a program that has just
 * been started is after a few microseconds. To be killed. */
pid_t assert_late_mover(const struct timens_offsets *offsets, int milliseconds);
/* Stays who it is, if that is not root. */
void assert_become_nobody(void);
void assert_new_user_namespace(void);
/* One bit per capability; 0 drops them all. */
void assert_keep_capabilities(uint64_t kept);
/* Keeps what makes a time namespace, and drops what writes its offsets. */
void assert_drop_sys_time(void);
/* A new cgroup of version 2, on a mount of its own; a descriptor and its path, to be removed. */
int assert_make_cgroup(char path[64]);
/* From now on a system call is answered with this errno, as by a container's seccomp profile; or
 * whoever makes it is killed. */
void assert_filter(int nr, int errnum);
void assert_deadly_filter(int nr);
/* The same, where the call's first argument (32 bits, little-endian) is that one. */
void assert_deadly_filter_of(int nr, unsigned first);
/* A limit of user_namespaces(7), such as "max_time_namespaces", in the caller's user namespace. */
void assert_set_limit(const char *name, const char *value);

#endif
