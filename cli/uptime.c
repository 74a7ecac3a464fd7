/* SPDX-License-Identifier: MIT */
#include "uptime.h"

#include "message.h"

/* To start with clocks as they are would be a silent surprise, and so would a guess that the first
 * word is a time. */
static int complain_no_time(const struct command *self, const char *word)
{
	struct timens_timespec unused;
	unsigned is_reading;

	if (timens_parse(word, &unused, &is_reading, NULL) == 0)
		return complain(self, "no time given; did you mean --uptime %s?", word);
	return complain(self, "no time given: use --uptime T, or --boottime T, --monotonic T or "
			      "both");
}

int uptime_check(const struct command *self, struct uptime *uptime, const char *word)
{
	bool one = uptime->boottime.given || uptime->monotonic.given;

	if (!one && !uptime->uptime.given)
		return complain_no_time(self, word);
	if (one && uptime->uptime.given)
		return complain(self, "--uptime is for both clocks: it excludes --boottime and "
				      "--monotonic");
	uptime->uptime.is_reading = uptime->uptime.given;
	return one ? 0 : option_check_reading(self, "uptime", &uptime->uptime.value);
}

static int set_offset(clockid_t clock, const struct span *span, struct timens_timespec *offset,
		      struct timens_error *error)
{
	*offset = span->value;
	return span->is_reading ? timens_offset_to(clock, &span->value, offset, error) : 0;
}

int uptime_offsets(const struct uptime *uptime, struct timens_offsets *offsets,
		   struct timens_error *error)
{
	bool both = uptime->uptime.given;
	int r = set_offset(CLOCK_BOOTTIME, both ? &uptime->uptime : &uptime->boottime,
			   &offsets->clock_boottime, error);

	return r < 0 ? r
		     : set_offset(CLOCK_MONOTONIC, both ? &uptime->uptime : &uptime->monotonic,
				  &offsets->clock_monotonic, error);
}
