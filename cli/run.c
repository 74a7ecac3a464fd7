/* SPDX-License-Identifier: MIT */
/* timens run: this process moves into a new time namespace and becomes the program. */
#include <stddef.h>

#include "become.h"
#include "message.h"
#include "userns.h"

struct settings {
	struct span boottime, monotonic, uptime;
	unsigned userns;
	struct become become;
};

static const struct option_row options[] = {
	OPTION("boottime", "T", option_set_span, offsetof(struct settings, boottime),
	       "add T to CLOCK_BOOTTIME, which is the uptime"),
	OPTION("monotonic", "T", option_set_span, offsetof(struct settings, monotonic),
	       "add T to CLOCK_MONOTONIC"),
	OPTION("uptime", "T", option_set_span, offsetof(struct settings, uptime),
	       "both clocks read T at the start, with or without an @"),
	USERNS_OPTION(struct settings, userns),
	BECOME_OPTIONS(struct settings, become),
	OPTIONS_END,
};

/* As late as can be: the clock goes on. */
static int set_offset(clockid_t clock, const struct span *span, struct timens_timespec *offset,
		      struct timens_error *error)
{
	*offset = span->value;
	return span->is_reading ? timens_offset_to(clock, &span->value, offset, error) : 0;
}

static int enter(const struct settings *s, struct timens_error *error)
{
	const struct span *boottime = s->uptime.given ? &s->uptime : &s->boottime;
	const struct span *monotonic = s->uptime.given ? &s->uptime : &s->monotonic;
	struct timens_offsets offsets;
	int r = set_offset(CLOCK_BOOTTIME, boottime, &offsets.clock_boottime, error);

	if (r == 0)
		r = set_offset(CLOCK_MONOTONIC, monotonic, &offsets.clock_monotonic, error);
	return r < 0 ? r : timens_enter(&offsets, sizeof offsets, s->userns, error);
}

/* To run it with clocks as they are would be a silent surprise, and so would a guess that the first
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

static int run(const struct command *self, int argc, char **argv, FILE *out)
{
	struct settings settings = {0};
	struct timens_error error;
	char **words;
	int status;

	if (!options_parse(self, argc, argv, &settings, out, &words, &status))
		return status;
	if (!*words)
		return complain(self, "no program given: %s %s", self->name, self->usage);
	if (!settings.boottime.given && !settings.monotonic.given && !settings.uptime.given)
		return complain_no_time(self, *words);
	if (settings.uptime.given && (settings.boottime.given || settings.monotonic.given))
		return complain(self, "--uptime is for both clocks: it excludes --boottime and "
				      "--monotonic");
	settings.uptime.is_reading = settings.uptime.given;
	status = become_prepare(self, &settings.become);
	if (status)
		return status;
	if (enter(&settings, &error) < 0)
		return complain_error(self, &error);
	return become_program(self, &settings.become, words);
}

const struct command command_run = {
	.name = "timens run",
	.usage = "[OPTION...] [--] CMD [ARG...]",
	.summary = "Becomes program CMD, whose uptime clocks read what you say",
	.main = run,
	.options = options,
	.stops_at_word = true,
	.notes =
		"T is added to your own clock: 49d17h2m47.296s, -1.5s, '-1000s 42ns', or plain\n"
		"seconds. Units: ns us ms s m h d w month y. With an @ in front it is what the\n"
		"clock reads at the start: @49d17h, @u32-ms-5s. At least one T is needed. A clock\n"
		"without T goes on as yours.\n\n"
		"Exit status: that of CMD; 125 timens itself failed, 126 CMD was found but is not\n"
		"executable, 127 CMD was not found.",
};
