/* SPDX-License-Identifier: MIT */
/* timens(1): finds the subcommand. */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "begin.h"
#include "file.h"
#include "message.h"
#include "options.h"

static const struct command *const subcommands[] = {
	&command_run,	&command_sweep, &command_show,	     &command_join, &command_points,
	&command_check, &command_oci,	&command_completion, NULL,
};
#define SUBCOMMAND_COUNT (sizeof subcommands / sizeof subcommands[0] - 1)

struct settings {
	bool version;
};

static const struct option_row options[] = {
	OPTION("version", NULL, option_set_flag, offsetof(struct settings, version),
	       "print the version", .letter = 'V'),
	OPTIONS_END,
};

static int complain_unknown_subcommand(const struct command *self, const char *word)
{
	const char *known[SUBCOMMAND_COUNT + 1] = {NULL};
	struct timens_timespec unused;
	unsigned is_reading;

	/* `timens 49d17h -- CMD` is not guessed: a time may be an offset or a reading. */
	if (timens_parse(word, &unused, &is_reading, NULL) == 0)
		return complain(self, "unknown subcommand '%s'; did you mean run --uptime %s?",
				word, word);
	for (size_t i = 0; i < SUBCOMMAND_COUNT; i++)
		known[i] = command_word(subcommands[i]);
	return complain_unknown(self, &(struct vocabulary){"subcommand", "", known, NULL}, word);
}

static const struct command *find(const char *word)
{
	for (const struct command *const *c = subcommands; *c; c++)
		if (!strcmp(command_word(*c), word))
			return *c;
	return NULL;
}

static int dispatch(const struct command *self, int argc, char **argv, FILE *out)
{
	const struct command *command;
	struct settings settings = {0};
	char **words;
	int status;

	if (!options_parse(self, argc, argv, &settings, out, &words, &status))
		return status;
	if (settings.version) {
		fprintf(out, "timens %s\n", TIMENS_VERSION);
		return 0;
	}
	if (!*words)
		return complain(self, "no subcommand given; see %s --help", self->name);
	command = find(*words);
	if (!command)
		return complain_unknown_subcommand(self, *words);
	return command->main(command, argc - (int)(words - argv), words, out);
}

const struct command command_top = {
	.name = "timens",
	.usage = "SUBCOMMAND ... | --version | --help",
	.summary = "Starts programs whose uptime clocks read what you say, in a time namespace",
	.main = dispatch,
	.options = options,
	.stops_at_word = true,
	.notes = "See 'timens SUBCOMMAND --help', and timens(1).",
	.subcommands = subcommands,
};

/* All output is made first and then written at once: an error on the way leaves no half line. */
static int run_and_write(const struct command *command, int argc, char **argv)
{
	size_t length = 0;
	char *text = NULL;
	FILE *out = open_memstream(&text, &length);
	int status, r;

	if (!out)
		return complain(command, "output buffer: %s", strerror(errno));
	status = command->main(command, argc, argv, out);
	if (fclose(out) != 0)
		status = complain(command, "output buffer: %s", strerror(errno));
	r = file_write_all(STDOUT_FILENO, text, length);
	if (r < 0)
		status = complain(command, "write to standard output: %s", strerror(-r));
	free(text);
	return status;
}

int main(int argc, char **argv)
{
	int status = begin(&command_top);

	return status ? status : run_and_write(&command_top, argc, argv);
}
