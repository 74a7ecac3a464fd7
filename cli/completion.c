/* SPDX-License-Identifier: MIT */
/*
 * timens completion: the shells' scripts ask back, with --words, so that what they offer comes out
 * of the tables that parse the command line.
 */
#include <stddef.h>
#include <string.h>

#include "completion.h"
#include "message.h"
#include "options.h"

struct settings {
	bool words;
};

static const struct option_row options[] = {
	OPTION("words", NULL, option_set_flag, offsetof(struct settings, words),
	       "what may stand for the last WORD, for a script"),
	OPTIONS_END,
};

#define LIST_MAX 1024 /* of points with commas, which may be many */

/* -- What may stand there: a line "word TAB explanation", or one of these -- */

#define FILES	    ":files\n"
#define DIRECTORIES ":directories\n"
#define PROGRAM	    ":program %zu\n" /* from the Nth word on it is another's command line */

static bool begins(const char *word, const char *start)
{
	return !strncmp(word, start, strlen(start));
}

static void offer(FILE *out, const char *start, const char *prefix, const char *word,
		  const char *text)
{
	char whole[2 * LIST_MAX];

	snprintf(whole, sizeof whole, "%s%s", prefix, word);
	if (begins(whole, start))
		fprintf(out, "%s\t%s\n", whole, text);
}

/* The last one of a list with commas. */
static void offer_points(FILE *out, const char *start)
{
	const char *comma = strrchr(start, ',');
	char before[LIST_MAX] = "";
	size_t count;
	const struct timens_point *points = timens_points(&count);

	if (strlen(start) >= sizeof before)
		return;
	if (comma)
		snprintf(before, sizeof before, "%.*s", (int)(comma + 1 - start), start);
	for (size_t i = 0; i < count; i++)
		offer(out, start, before, points[i].name, points[i].counter);
}

static void offer_choices(FILE *out, const char *start, const struct option_row *row)
{
	for (const char *const *choice = row->choices; *choice; choice++)
		offer(out, start, "", *choice, row->help);
}

/* What --help calls a value says what it is. */
static void offer_values(FILE *out, const char *start, const struct option_row *row)
{
	if (row->choices)
		offer_choices(out, start, row);
	else if (!strcmp(row->value, "LIST"))
		offer_points(out, start);
	else if (!strcmp(row->value, "FILE"))
		fputs(FILES, out);
	else if (!strcmp(row->value, "DIR"))
		fputs(DIRECTORIES, out);
}

static void offer_options(FILE *out, const char *start, const struct command *command)
{
	for (const struct option_row *row = command->options; row->name; row++)
		offer(out, start, "--", row->name, row->help);
}

/* -- Where in the command line we are -- */

struct place {
	const struct command *command;
	const struct option_row *row; /* whose value comes next; NULL: none */
	size_t operands;	      /* words that are no options, of this command */
	bool dashes;		      /* after -- */
	bool glued;		      /* what comes next is the rest of the last word */
	size_t program;		      /* where another command line begins; 0: not yet */
};

static const struct option_row *find_row(const struct command *command, const char *word)
{
	for (const struct option_row *row = command->options; row->name; row++)
		if ((begins(word, "--") && !strcmp(word + 2, row->name)) ||
		    (row->letter && word[0] == '-' && word[1] == row->letter && !word[2]))
			return row->value ? row : NULL;
	return NULL;
}

static const struct command *find_subcommand(const struct command *command, const char *word)
{
	for (const struct command *const *c = command->subcommands; c && *c; c++)
		if (!strcmp(command_word(*c), word))
			return *c;
	return NULL;
}

static void take_operand(struct place *place, const char *word, size_t index)
{
	const struct command *sub = find_subcommand(place->command, word);

	if (sub && !place->operands && !place->dashes)
		*place = (struct place){.command = sub};
	else if (++place->operands == place->command->program)
		place->program = index;
}

/* bash makes three words of --userns=auto, and of --env A=1 and --uptime @49d as well: their last
 * one is no program. */
static bool is_break(const char *word)
{
	return *word && !word[strspn(word, "=:@")];
}

static bool is_rest(const struct place *place, const char *word)
{
	return place->glued && !begins(word, "--");
}

static void take_break(struct place *place, const char *word)
{
	if (place->row && !strcmp(word, "="))
		return; /* its value is yet to come */
	place->row = NULL;
	place->glued = true;
}

static void take_word(struct place *place, const char *word, size_t index)
{
	bool is_rest_of_last = is_rest(place, word);

	if (is_break(word)) {
		take_break(place, word);
		return;
	}
	place->glued = false;
	if (is_rest_of_last)
		return;
	if (place->row)
		place->row = NULL;
	else if (!strcmp(word, "--") && !place->dashes)
		place->dashes = true;
	else if (*word == '-' && !place->dashes)
		place->row = find_row(place->command, word);
	else
		take_operand(place, word, index);
}

static void offer_operands(FILE *out, const char *start, const struct place *place, size_t index)
{
	const struct command *command = place->command;

	for (const struct command *const *c = command->subcommands; c && *c && !place->dashes; c++)
		offer(out, start, "", command_word(*c), (*c)->summary);
	if (place->operands + 1 == command->program)
		fprintf(out, PROGRAM, index);
	else if (command == &command_points)
		offer_points(out, start);
	else if (command == &command_completion)
		offer_choices(out, start,
			      &(struct option_row){.choices = completion_shells, .help = "shell"});
	else if (command == &command_merge || command == &command_oci)
		fputs(FILES, out);
}

/* words[count - 1] is the one that is being typed. */
static void offer_words(FILE *out, char **words, size_t count)
{
	struct place place = {.command = &command_top};
	const char *last = words[count - 1];

	for (size_t i = 0; i + 1 < count && !place.program; i++)
		take_word(&place, words[i], i + 1);
	if (place.program)
		fprintf(out, PROGRAM, place.program);
	else if (is_rest(&place, last) || (is_break(last) && !place.row))
		return;
	else if (place.row)
		offer_values(out, strcmp(last, "=") != 0 ? last : "", place.row);
	else if (*last == '-' && !place.dashes)
		offer_options(out, last, place.command);
	else
		offer_operands(out, last, &place, count);
}

/* -- The command -- */

static int put_script(const struct command *self, const char *shell, FILE *out)
{
	for (size_t i = 0; completion_shells[i]; i++)
		if (!strcmp(completion_shells[i], shell))
			return fputs(completion_scripts[i], out), 0;
	return complain(self, "unknown shell '%s'; there are bash, fish and zsh", shell);
}

static int completion(const struct command *self, int argc, char **argv, FILE *out)
{
	struct settings settings = {0};
	char **words;
	int status;

	if (!options_parse(self, argc, argv, &settings, out, &words, &status))
		return status;
	if (settings.words) {
		if (*words)
			offer_words(out, words, (size_t)(argc - (words - argv)));
		return 0;
	}
	if (!*words || words[1])
		return complain(self, "give one shell: bash, fish or zsh");
	return put_script(self, *words, out);
}

const struct command command_completion = {
	.name = "timens completion",
	.usage = "bash|fish|zsh | --words -- WORD...",
	.summary = "Prints the script that completes timens' words in a shell",
	.main = completion,
	.options = options,
	.stops_at_word = true,
	.notes = "In bash and zsh: eval \"$(timens completion bash)\". In fish: timens completion\n"
		 "fish | source. An installed timens has them in place.\n\n"
		 "Exit status: 0, 125 timens itself failed.",
};
