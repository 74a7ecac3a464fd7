/* SPDX-License-Identifier: MIT */
/* One run of a sweep while it is under way. */
#ifndef TIMENS_CLI_SWEEP_CHILD_H
#define TIMENS_CLI_SWEEP_CHILD_H

#include "sweep.h"

/* Of a run's output, what is kept in memory for the reports. */
#define TAIL_SIZE ((size_t)65536)

struct child {
	const struct sweep_case *c;
	struct run *run;
	struct timens_process process;
	int pipe;	 /* its output; -1: all is read */
	int keep;	 /* the file for it; -1: none */
	int keep_errnum; /* why not all of it could be written there; 0: it could */
	char *tail;
	size_t tail_length;
	int64_t started;
	/* By time_now_ns; 0: not set. */
	int64_t deadline, kill_at, drained_at, gone_by;
	bool timed_out, interrupted;
};

/* 0, or the exit status with the complaint made. */
int child_start(const struct command *self, const struct sweep_settings *settings, char **argv,
		const struct sweep_case *c, struct run *run, struct child *child);

/* Takes what there is to read. */
void child_read(struct child *child);

/* Asks the whole process group to end; in a while it must. */
void child_terminate(struct child *child);
void child_kill(struct child *child);

/* The program has ended: waits a little for the rest of its output. */
void child_drain(struct child *child);
/* When something is due next, and does it. */
int64_t child_due(const struct child *child);
void child_act(struct child *child, int64_t now);

/* Ended, with its output read or given up: then it is to be reaped, with which what is left of its
 * group is killed and the run is filled in. */
bool child_is_done(const struct child *child, int64_t now);
void child_reap(struct child *child);
/* Nothing of its group is there any more, which takes a moment, so that the next run does not find
 * a port or a lock taken. Then it is to be released. */
bool child_is_gone(const struct child *child, int64_t now);
void child_release(struct child *child);
/* For a released one: whether the file that takes its output has all of it. If not, the report does
 * not name it. 0, or the exit status with the complaint made. */
int child_check_kept(const struct command *self, const struct child *child);

#endif
