/* SPDX-License-Identifier: MIT */
/* One call of the library, as the words of the command line make it up. */
#ifndef TIMENS_FAULTS_JOB_H
#define TIMENS_FAULTS_JOB_H

#include <linux/sched.h>
#include <stdint.h>

#include "timens.h"

struct job {
	struct timens_spawn_args args; /* also what warm-up and helpers are started with */
	const char *with;	       /* a variant of the call */
	unsigned userns;
	int hold, again, repeat;
	int burn_nr, burn_count;
};

/* -- options.c -- */

/* The shifts that all calls ask for. */
extern const struct timens_offsets job_offsets;
/* The pipes that the options ask for; POISON where none was made. */
#define POISON	  (-77)
#define PIPES_MAX 8
extern int32_t job_pipes[PIPES_MAX];

/* Fills in job->args for the set of options of that name; ends the process if there is none. */
void choose_options(struct job *job, const char *name);

/* -- conditions.c -- */

/* Changes the calling process, or what it sees, as the word KEY=VALUE says. 0 if the key is none of
 * these. Ends the process with status 77 if this machine has no such thing. */
int set_condition(const char *key, const char *value);

/* The limit of the words "limit" and "memory" counts for the call alone: the driver itself needs
 * its descriptors and memory. */
void set_limit(int on);

__attribute__((format(printf, 1, 2), noreturn)) void give_up(const char *format, ...);

#endif
