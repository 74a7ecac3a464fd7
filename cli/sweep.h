/* SPDX-License-Identifier: MIT */
/* timens sweep: the settings, and the parts between which they go. */
#ifndef TIMENS_CLI_SWEEP_H
#define TIMENS_CLI_SWEEP_H

#include "options.h"
#include "results.h"
#include "shard.h"

struct sweep_settings {
	struct words points, leads; /* each may be a list with commas */
	unsigned jobs, repeat, userns;
	struct span timeout;
	bool fail_fast, json;
	const char *keep_output, *junit, *html;
	struct shard shard;
};

/* -- sweep_plan.c -- */

/* What this machine's share is; all runs are yet to be made. 0 or the exit status. The suite is the
 * caller's to free, also after a failure. */
int sweep_plan(const struct command *self, const struct sweep_settings *settings, char **argv,
	       struct suite *suite);

/* -- sweep_engine.c -- */

/* A run that is under way. */
struct live_view {
	const struct sweep_case *c;
	const struct run *run;
	double seconds;
};

/* Told what happens. */
struct sweep_observer {
	void (*finished)(struct sweep_observer *observer, const struct sweep_case *c,
			 const struct run *run);
	/* Every tenth of a second; NULL: not wanted. */
	void (*tick)(struct sweep_observer *observer, const struct live_view *live, size_t count);
};

/* Runs it all, at most `jobs` at once, and fills in the suite. Nothing that was started is left
 * when it returns. 0; the exit status if a start failed, with the complaint made; or 128 + the
 * signal that ended it early. */
int sweep_run(const struct command *self, const struct sweep_settings *settings, char **argv,
	      struct suite *suite, struct sweep_observer *observer);

/* -- sweep_view.c -- */

/* For standard error: a live picture on a terminal, else a line per run. */
struct sweep_observer *view_open(const struct suite *suite);
/* Wipes the picture. */
void view_close(struct sweep_observer *observer);

#endif
