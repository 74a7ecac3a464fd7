/* SPDX-License-Identifier: MIT */
/* timens run: this process moves into a new time namespace and becomes the program. */
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "message.h"
#include "options.h"
#include "text.h"

struct span {
	struct timens_timespec value;
	unsigned is_reading;
	bool given;
};

struct settings {
	struct span boottime, monotonic, uptime;
	unsigned userns;
	const char *cwd;
};

/* The text again, and a caret under the column that the library names. */
static void show_column(const char *text, int32_t column)
{
	size_t before = (size_t)(column - 1), width;

	fputs("  ", stderr);
	width = text_put_visible(stderr, text, before);
	text_put_visible(stderr, text + before, strlen(text + before));
	fprintf(stderr, "\n  %*s^\n", (int)width, "");
}

static int set_span(const struct command *command, const struct option_row *row, const char *value,
		    void *setting)
{
	struct span *span = setting;
	char text[TIMENS_ERROR_TEXT_MAX];
	struct timens_error error;

	if (timens_parse(value, &span->value, &span->is_reading, &error) < 0) {
		timens_error_text(&error, text, sizeof text);
		complain(command, "--%s: %s", row->name, text);
		show_column(value, error.column);
		return EXIT_TIMENS_FAILED;
	}
	span->given = true;
	return 0;
}

static int set_userns(const struct command *command, const struct option_row *row,
		      const char *value, void *setting)
{
	static const char *const names[] = {
		[TIMENS_USERNS_AUTO] = "auto",
		[TIMENS_USERNS_NEVER] = "never",
		[TIMENS_USERNS_ALWAYS] = "always",
		NULL,
	};

	for (unsigned i = 0; names[i]; i++)
		if (!strcmp(names[i], value)) {
			*(unsigned *)setting = i;
			return 0;
		}
	return complain(command, "--%s: '%s' is none of auto, never, always", row->name, value);
}

static const struct option_row options[] = {
	{"boottime", "T", set_span, offsetof(struct settings, boottime),
	 "add T to CLOCK_BOOTTIME, which is the uptime"},
	{"monotonic", "T", set_span, offsetof(struct settings, monotonic),
	 "add T to CLOCK_MONOTONIC"},
	{"uptime", "T", set_span, offsetof(struct settings, uptime),
	 "both clocks read T at the start, with or without an @"},
	{"userns", "WHEN", set_userns, offsetof(struct settings, userns),
	 "a user namespace too: auto (if unprivileged), never, always"},
	{"cwd", "DIR", option_set_text, offsetof(struct settings, cwd),
	 "change to directory DIR before the start"},
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

/* Only returns if the program could not be started. */
static int become(const struct command *self, const struct settings *settings, char **argv)
{
	struct timens_error error;
	int errnum;

	if (enter(settings, &error) < 0)
		return complain_error(self, &error);
	if (settings->cwd && chdir(settings->cwd) < 0)
		return complain_stage(self, TIMENS_STAGE_CWD, errno, settings->cwd);
	/* Whoever started us may have it ignored, as Python does; then `CMD | head` never ends. */
	signal(SIGPIPE, SIG_DFL);
	execvp(argv[0], argv);
	errnum = errno;
	complain_stage(self, TIMENS_STAGE_EXEC, errnum, argv[0]);
	return errnum == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
}

static int run(const struct command *self, int argc, char **argv, FILE *out)
{
	struct settings settings = {0};
	char **words;
	int status;

	if (!options_parse(self, argc, argv, &settings, out, &words, &status))
		return status;
	if (!*words)
		return complain(self, "no program given: %s %s", self->name, self->usage);
	/* To run it with clocks as they are would be a silent surprise. */
	if (!settings.boottime.given && !settings.monotonic.given && !settings.uptime.given)
		return complain(self, "no time given: use --uptime T, or --boottime T, --monotonic "
				      "T or both");
	if (settings.uptime.given && (settings.boottime.given || settings.monotonic.given))
		return complain(self, "--uptime is for both clocks: it excludes --boottime and "
				      "--monotonic");
	settings.uptime.is_reading = settings.uptime.given;
	return become(self, &settings, words);
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
