/* SPDX-License-Identifier: MIT */
/* What a sweep is to do and what came out: made by sweep_plan.c or junit_read.c, filled in by
 * sweep_engine.c, and written by table.c, junit.c, sweep_json.c and html.c. */
#ifndef TIMENS_CLI_RESULTS_H
#define TIMENS_CLI_RESULTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "timens.h"

enum outcome { OUTCOME_NOT_RUN, OUTCOME_PASSED, OUTCOME_FAILED, OUTCOME_TIMED_OUT, OUTCOME_COUNT };

/* One start of the command. */
struct run {
	unsigned repeat; /* from 1 */
	enum outcome outcome;
	char how[64]; /* "exit status 3"; "" if it passed */
	double seconds;
	char *output;  /* its end, as text_to_plain gives it; NULL: none */
	char *kept_at; /* the file with all of it; NULL: none */
};

/* One reading to start at: a point, and how long before it. */
struct sweep_case {
	char name[64]; /* the point's, or the time as it was given; CONTROL_NAME */
	struct timens_timespec reading, lead, start;
	const char *counter, *effect;
	struct run *runs;
	size_t run_count;
};

/* One machine's share, with a control of its own. */
struct suite {
	char *command; /* as for a shell */
	char host[256], kernel[128], started[32];
	unsigned shard, shards;
	size_t total;		  /* runs on points in all shards */
	uint64_t plan;		  /* the same in all shards of a sweep, and in no other */
	struct sweep_case *cases; /* the first one is the control */
	size_t case_count;
	double seconds;
};

#define CONTROL_NAME "control"

/* As opposed to the control. */
enum verdict {
	VERDICT_PASSED,
	VERDICT_EARLY, /* it ended well, but before its point: that says little */
	VERDICT_FAILED,
	VERDICT_AS_CONTROL,
	VERDICT_NOT_RUN,
	VERDICT_COUNT
};

bool case_is_control(const struct sweep_case *c);
/* Without the suite's control having failed as well. */
enum verdict run_verdict(const struct suite *suite, const struct sweep_case *c,
			 const struct run *run);
/* The worst of its runs; one that lived through the point makes up for those that ended early. */
enum verdict case_verdict(const struct suite *suite, const struct sweep_case *c);
bool control_failed(const struct suite *suite);

/* How many of its runs came out so. */
size_t count_runs(const struct suite *suite, const struct sweep_case *c, enum verdict verdict);
/* How many points of all suites came out so; the control is none. */
size_t count_cases(const struct suite *suites, size_t count, enum verdict verdict);
/* The longest of its runs. */
double case_seconds(const struct sweep_case *c);

/* "u32-ms, 5s before"; "control". */
void case_title(const struct sweep_case *c, char *buf, size_t size);
/* The command that runs it again. For the caller to free; NULL: the control, or no memory. */
char *case_again(const struct suite *suite, const struct sweep_case *c);

/* Runs ended before their points, and none reached one: a green light would be a false one. */
bool nothing_was_tested(const struct suite *suites, size_t count);

/* 0 all passed, 1 some point failed, 2 the control failed and so nothing is known, 125 not all was
 * run, or nothing was tested. */
int results_status(const struct suite *suites, size_t count);

void suite_free(struct suite *suite);

#endif
