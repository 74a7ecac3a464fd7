/* SPDX-License-Identifier: MIT */
/* timens run: this process moves into a new time namespace and becomes the program. */
#include <stddef.h>
#include <stdlib.h>

#include "become.h"
#include "message.h"
#include "uptime.h"
#include "userns.h"

struct settings {
	struct uptime uptime;
	unsigned userns;
	struct become become;
};

static const struct option_row options[] = {
	UPTIME_OPTIONS(struct settings, uptime),
	USERNS_OPTION(struct settings, userns),
	BECOME_OPTIONS(struct settings, become),
	OPTIONS_END,
};

static int enter(const struct settings *settings, struct timens_error *error)
{
	struct timens_offsets offsets;
	int r = uptime_offsets(&settings->uptime, &offsets, error);

	return r < 0 ? r : timens_enter(&offsets, sizeof offsets, settings->userns, error);
}

/* `--uptime 49d 17h -- CMD`: the first word that is no option is the program, and here that is 17h.
 */
static void explain_blanks(const struct command *self, const char *word)
{
	struct timens_timespec unused;

	if (timens_parse(word, &unused, NULL, NULL) == 0)
		complain(self, "'%s' is a time; put a time with blanks in quotes", word);
}

/* Only returns if the program could not be started. */
static int start(const struct command *self, struct settings *settings, char **argv)
{
	struct timens_error error;
	int status;

	if (!*argv)
		return complain(self, "no program given: %s %s", self->name, self->usage);
	status = uptime_check(self, &settings->uptime, *argv);
	if (status == 0)
		status = become_prepare(self, &settings->become);
	if (status)
		return status;
	if (enter(settings, &error) < 0)
		return complain_error(self, &error);
	status = become_program(self, &settings->become, argv);
	if (status == EXIT_NOT_FOUND)
		explain_blanks(self, *argv);
	return status;
}

static int run(const struct command *self, int argc, char **argv, FILE *out)
{
	struct settings settings = {0};
	char **words;
	int status;

	if (options_parse(self, argc, argv, &settings, out, &words, &status))
		status = start(self, &settings, words);
	free(settings.become.env.items);
	return status;
}

const struct command command_run = {
	.name = "timens run",
	.usage = "[OPTION...] [--] CMD [ARG...]",
	.summary = "Becomes program CMD, whose uptime clocks read what you say",
	.main = run,
	.options = options,
	.stops_at_word = true,
	.program = 1,
	.notes =
		"T is added to your own clock: 49d17h2m47.296s, -1.5s, '-1000s 42ns', or plain\n"
		"seconds. With an @ in front it is what the clock reads at the start: @49d17h,\n"
		"@u32-ms-5s. At least one T is needed. A clock without T goes on as yours.\n"
		"Units: ns us ms s, m or min, h d w, M or month, y, and longer names (seconds).\n\n"
		"Exit status: that of CMD; 125 timens itself failed, 126 CMD was found but is not\n"
		"executable, 127 CMD was not found.",
};
