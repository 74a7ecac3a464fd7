/* SPDX-License-Identifier: MIT */
/* --uptime, --boottime and --monotonic: what the clocks shall be. */
#ifndef TIMENS_CLI_UPTIME_H
#define TIMENS_CLI_UPTIME_H

#include "options.h"

struct uptime {
	struct span boottime, monotonic, uptime;
};

#define UPTIME_OPTIONS(type, member)                                                               \
	OPTION("boottime", "T", option_set_span, offsetof(type, member.boottime),                  \
	       "add T to CLOCK_BOOTTIME, which is the uptime"),                                    \
		OPTION("monotonic", "T", option_set_span, offsetof(type, member.monotonic),        \
		       "add T to CLOCK_MONOTONIC"),                                                \
		OPTION("uptime", "T", option_set_span, offsetof(type, member.uptime),              \
		       "both clocks read T at the start, with or without an @")

/* Whether a time was given, and not two for one clock. `word`, the first of the others or "", may
 * be one that was meant so. 0 or the exit status. */
int uptime_check(const struct command *self, struct uptime *uptime, const char *word);

/* Call it as late as can be: the clocks go on. 0 or -errno. */
int uptime_offsets(const struct uptime *uptime, struct timens_offsets *offsets,
		   struct timens_error *error);

#endif
