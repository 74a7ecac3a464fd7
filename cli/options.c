/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <assert.h>
#include <getopt.h>
#include <string.h>

#include "message.h"

#define ROWS_MAX 32
/* What getopt_long returns for row N is ROW_BASE + N: no character. */
#define ROW_BASE 256

/* -- Setters -- */

int option_set_flag(const struct command *command, const struct option_row *row, const char *value,
		    void *setting)
{
	(void)command, (void)row, (void)value;
	*(bool *)setting = true;
	return 0;
}

int option_set_text(const struct command *command, const struct option_row *row, const char *value,
		    void *setting)
{
	(void)command, (void)row;
	*(const char **)setting = value;
	return 0;
}

/* -- Help -- */

static void help_line(FILE *out, const char *dashes, const char *name, const char *value,
		      const char *help)
{
	int width = 14 - (int)(strlen(dashes) + strlen(name));

	fprintf(out, "  %s%s %-*s  %s\n", dashes, name, width > 0 ? width : 0, value ? value : "",
		help);
}

/* People look here for a way to set the date, so that comes first. */
void options_help(const struct command *command, FILE *out)
{
	fprintf(out,
		"The wall clock and the speed of time are not changed: only uptime clocks are.\n\n"
		"Usage: %s %s\n%s.\n\n",
		command->name, command->usage, command->summary);
	for (const struct command *const *c = command->subcommands; c && *c; c++)
		help_line(out, "", strrchr((*c)->name, ' ') + 1, NULL, (*c)->summary);
	for (const struct option_row *row = command->options; row->name; row++)
		help_line(out, "--", row->name, row->value, row->help);
	if (command->notes)
		fprintf(out, "\n%s\n", command->notes);
}

/* -- Parsing -- */

static void fill_long_options(const struct option_row *rows, struct option *options)
{
	int count = 0;

	for (; rows[count].name; count++) {
		assert(count < ROWS_MAX);
		options[count] = (struct option){
			.name = rows[count].name,
			.has_arg = rows[count].value ? required_argument : no_argument,
			.val = ROW_BASE + count,
		};
	}
	options[count] = (struct option){0};
}

static int complain_unknown_option(const struct command *command, const char *word)
{
	const char *names[ROWS_MAX + 1];
	char name[64];
	int count = 0;

	for (; command->options[count].name; count++)
		names[count] = command->options[count].name;
	names[count] = NULL;
	snprintf(name, sizeof name, "%.*s", (int)strcspn(word, "="), word);
	return complain_unknown(command, "option", "--", name, names);
}

/* `what` is getopt_long's answer: ':' no value, '?' all else; optopt tells which option. */
static int complain_option(const struct command *command, int what, char **argv)
{
	const struct option_row *row = command->options + (optopt - ROW_BASE);

	if (optopt >= ROW_BASE && what == ':')
		return complain(command, "--%s needs a value: --%s %s", row->name, row->name,
				row->value);
	if (optopt >= ROW_BASE)
		return complain(command, "--%s takes no value", row->name);
	if (optopt)
		return complain(command, "unknown option '-%c'; see %s --help", optopt,
				command->name);
	return complain_unknown_option(command, argv[optind - 1] + strlen("--"));
}

static int take(const struct command *command, const struct option_row *row, void *settings)
{
	return row->set(command, row, optarg, (char *)settings + row->at);
}

bool options_parse(const struct command *command, int argc, char **argv, void *settings, FILE *out,
		   char ***words, int *status)
{
	struct option options[ROWS_MAX + 1];
	int c;

	fill_long_options(command->options, options);
	optind = 0; /* the C library's sign to start anew: main has parsed words before */
	opterr = 0;
	*status = 0;
	while ((c = getopt_long(argc, argv, command->stops_at_word ? "+:" : ":", options, NULL)) !=
	       -1) {
		if (c < ROW_BASE) {
			*status = complain_option(command, c, argv);
			return false;
		}
		if (!command->options[c - ROW_BASE].set) {
			options_help(command, out);
			return false;
		}
		*status = take(command, &command->options[c - ROW_BASE], settings);
		if (*status)
			return false;
	}
	*words = argv + optind;
	return true;
}
