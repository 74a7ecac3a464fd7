/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"
#include "text.h"

#define ROWS_MAX  32
#define COUNT_MAX 100000
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

/* "'x' is none of a, b, c" */
static int complain_choice(const struct command *command, const struct option_row *row,
			   const char *value)
{
	char known[256] = "";

	for (const char *const *choice = row->choices; *choice; choice++)
		snprintf(known + strlen(known), sizeof known - strlen(known), "%s%s",
			 *known ? ", " : "", *choice);
	return complain(command, "--%s: '%s' is none of %s", row->name, value, known);
}

int option_set_choice(const struct command *command, const struct option_row *row,
		      const char *value, void *setting)
{
	for (unsigned i = 0; row->choices[i]; i++)
		if (!strcmp(row->choices[i], value)) {
			*(unsigned *)setting = i;
			return 0;
		}
	return complain_choice(command, row, value);
}

int option_set_count(const struct command *command, const struct option_row *row, const char *value,
		     void *setting)
{
	unsigned long count;
	char *end;

	errno = 0;
	count = strtoul(value, &end, 10);
	if (*value < '0' || *value > '9' || *end || errno || count < 1 || count > COUNT_MAX)
		return complain(command, "--%s: '%s' is no number from 1 to %d", row->name, value,
				COUNT_MAX);
	*(unsigned *)setting = (unsigned)count;
	return 0;
}

int option_add_word(const struct command *command, const struct option_row *row, const char *value,
		    void *setting)
{
	struct words *words = setting;
	const char **items = realloc(words->items, (words->count + 1) * sizeof *items);

	(void)row;
	if (!items)
		return complain(command, "not enough memory");
	words->items = items;
	items[words->count++] = value;
	return 0;
}

/* The text again, and a caret under the column that the library names. */
static void show_column(const char *text, int32_t column)
{
	size_t before = (size_t)(column - 1), width;

	fputs("  ", stderr);
	width = text_put_visible(stderr, text, before);
	text_put_visible(stderr, text + before, strlen(text + before));
	fprintf(stderr, "\n  %*s^\n", (int)width, "");
}

int option_parse_time(const struct command *command, const char *name, const char *text,
		      struct timens_timespec *value, unsigned *is_reading)
{
	char message[TIMENS_ERROR_TEXT_MAX];
	struct timens_error error;

	if (timens_parse(text, value, is_reading, &error) == 0)
		return 0;
	timens_error_text(&error, message, sizeof message);
	complain(command, "--%s: %s", name, message);
	show_column(text, error.column);
	return EXIT_TIMENS_FAILED;
}

int option_check_reading(const struct command *command, const char *name,
			 const struct timens_timespec *reading)
{
	if (reading->tv_sec >= 0 && reading->tv_sec <= TIMENS_READING_MAX_SEC)
		return 0;
	return complain(command, "--%s: no clock reads that; give a time from 0 to 146 years",
			name);
}

int option_set_span(const struct command *command, const struct option_row *row, const char *value,
		    void *setting)
{
	struct span *span = setting;

	span->given = true;
	return option_parse_time(command, row->name, value, &span->value, &span->is_reading);
}

int option_set_duration(const struct command *command, const struct option_row *row,
			const char *value, void *setting)
{
	struct span *span = setting;

	span->given = true;
	return option_parse_time(command, row->name, value, &span->value, NULL);
}

/* -- Help -- */

/* "-j, --jobs N": what stands left of the explanation. Returns its width. */
static int put_left(char *buf, size_t size, const struct option_row *row)
{
	char letter[8] = "";

	if (row->letter)
		snprintf(letter, sizeof letter, "-%c, ", row->letter);
	return snprintf(buf, size, "%s--%s%s%s", letter, row->name, row->value ? " " : "",
			row->value ? row->value : "");
}

static int left_width(const struct command *command)
{
	char left[64];
	int width = 0, n;

	for (const struct command *const *c = command->subcommands; c && *c; c++)
		if ((n = (int)strlen(command_word(*c))) > width)
			width = n;
	for (const struct option_row *row = command->options; row->name; row++)
		if ((n = put_left(left, sizeof left, row)) > width)
			width = n;
	return width;
}

static void put_rows(const struct command *command, FILE *out)
{
	int width = left_width(command);
	char left[64];

	for (const struct command *const *c = command->subcommands; c && *c; c++)
		fprintf(out, "  %-*s  %s\n", width, command_word(*c), (*c)->summary);
	for (const struct option_row *row = command->options; row->name; row++) {
		put_left(left, sizeof left, row);
		fprintf(out, "  %-*s  %s\n", width, left, row->help);
	}
}

/* People look here for a way to set the date, so that comes first. */
void options_help(const struct command *command, FILE *out)
{
	fprintf(out,
		"The wall clock and the speed of time are not changed: only uptime clocks are.\n\n"
		"Usage: %s %s\n%s.\n\n",
		command->name, command->usage, command->summary);
	put_rows(command, out);
	if (command->notes)
		fprintf(out, "\n%s\n", command->notes);
}

/* -- Parsing -- */

/* Letters are told by getopt_long as themselves, long options as ROW_BASE + N. */
static void fill_options(const struct option_row *rows, struct option *options, char *letters)
{
	int count = 0;

	for (; rows[count].name; count++) {
		if (rows[count].letter) {
			*letters++ = rows[count].letter;
			if (rows[count].value)
				*letters++ = ':';
		}
		assert(count < ROWS_MAX);
		options[count] = (struct option){
			.name = rows[count].name,
			.has_arg = rows[count].value ? required_argument : no_argument,
			.val = ROW_BASE + count,
		};
	}
	options[count] = (struct option){0};
	*letters = '\0';
}

/* The row that getopt_long's answer, or optopt, is about; NULL: none. */
static const struct option_row *find_row(const struct command *command, int c)
{
	if (c >= ROW_BASE)
		return command->options + (c - ROW_BASE);
	for (const struct option_row *row = command->options; row->name; row++)
		if (row->letter && row->letter == c)
			return row;
	return NULL;
}

/* getopt_long takes the beginning of a name, where only one begins so. */
static bool complain_ambiguous(const struct command *command, const char *name)
{
	const struct option_row *first = NULL;

	for (const struct option_row *row = command->options; row->name; row++) {
		if (strncmp(row->name, name, strlen(name)) != 0)
			continue;
		if (first) {
			complain(command, "option '--%s' is ambiguous: --%s or --%s?", name,
				 first->name, row->name);
			return true;
		}
		first = row;
	}
	return false;
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
	if (complain_ambiguous(command, name))
		return EXIT_TIMENS_FAILED;
	return complain_unknown(command, &(struct vocabulary){"option", "--", names, NULL}, name);
}

static int complain_no_value(const struct command *command, const struct option_row *row)
{
	return complain(command, "--%s needs a value: --%s %s", row->name, row->name, row->value);
}

/* `what` is getopt_long's answer: ':' no value, '?' all else; optopt tells which option. */
static int complain_option(const struct command *command, int what, char **argv)
{
	const struct option_row *row = find_row(command, optopt);

	if (row && what == ':')
		return complain_no_value(command, row);
	if (row)
		return complain(command, "--%s takes no value", row->name);
	if (optopt)
		return complain(command, "unknown option '-%c'; see %s --help", optopt,
				command->name);
	return complain_unknown_option(command, argv[optind - 1] + strlen("--"));
}

/* `--uptime -- CMD`: getopt_long takes the dashes for the value. `--cwd=--` says it is one. */
static bool is_end_of_options(const struct option_row *row, char **argv)
{
	return row->value && optarg == argv[optind - 1] && !strcmp(optarg, "--");
}

/* True: go on with the next option. */
static bool take(const struct command *command, int c, char **argv, void *settings, FILE *out,
		 int *status)
{
	const struct option_row *row = find_row(command, c);

	if (c == ':' || c == '?' || !row)
		*status = complain_option(command, c, argv);
	else if (!row->set)
		return options_help(command, out), false;
	else if (is_end_of_options(row, argv))
		*status = complain_no_value(command, row);
	else
		*status = row->set(command, row, optarg, (char *)settings + row->at);
	return *status == 0;
}

bool options_parse(const struct command *command, int argc, char **argv, void *settings, FILE *out,
		   char ***words, int *status)
{
	struct option options[ROWS_MAX + 1];
	char letters[2 * ROWS_MAX + 3];
	int c;

	strcpy(letters, command->stops_at_word ? "+:" : ":");
	fill_options(command->options, options, letters + strlen(letters));
	optind = 0; /* the C library's sign to start anew: main has parsed words before */
	opterr = 0;
	*status = 0;
	while ((c = getopt_long(argc, argv, letters, options, NULL)) != -1)
		if (!take(command, c, argv, settings, out, status))
			return false;
	*words = argv + optind;
	return true;
}

const char *command_word(const struct command *command)
{
	return strrchr(command->name, ' ') + 1;
}

size_t options_count(char **words)
{
	size_t count = 0;

	while (words[count])
		count++;
	return count;
}
