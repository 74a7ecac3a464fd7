/* SPDX-License-Identifier: MIT */
/* What a subcommand consists of. To add one: its file, its declaration here, its line in main.c. */
#ifndef TIMENS_COMMAND_H
#define TIMENS_COMMAND_H

#include <stdbool.h>
#include <stdio.h>

#include "timens.h"

/* As env(1), so that our own failures are not taken for the program's. */
#define EXIT_TIMENS_FAILED  125
#define EXIT_NOT_EXECUTABLE 126
#define EXIT_NOT_FOUND	    127

struct command;
struct option_row;

/* Puts the value of an option into its setting. Returns 0, or EXIT_TIMENS_FAILED with the complaint
 * made. */
typedef int option_setter(const struct command *command, const struct option_row *row,
			  const char *value, void *setting);

/* One option. The table drives the parsing, the text of --help and the shells' completion. */
struct option_row {
	const char *name;
	const char *value;  /* what --help calls its value; NULL: it takes none */
	option_setter *set; /* NULL: --help itself */
	size_t at;	    /* where in the command's settings */
	const char *help;
	const char *const *choices; /* all values there are, NULL at the end; NULL: many */
	char letter;		    /* 'j' for -j; 0: none */
};

#define OPTION(name_, value_, set_, at_, help_, ...)                                               \
	{                                                                                          \
		.name = name_, .value = value_, .set = set_, .at = at_, .help = help_, __VA_ARGS__ \
	}

struct command {
	const char *name;    /* "timens run" */
	const char *usage;   /* what follows the name */
	const char *summary; /* one line */
	/* argv[0] is the command's own name. What is for standard output goes into `out`; main
	 * writes it when this has returned. Returns the exit status. */
	int (*main)(const struct command *self, int argc, char **argv, FILE *out);
	const struct option_row *options; /* the last one has no name */
	bool stops_at_word;		  /* the first word that is no option ends the options */
	unsigned program;  /* from which word on it is another's command line, 1 or 2; 0: never */
	const char *notes; /* below the options in --help; NULL: none */
	const struct command *const *subcommands; /* NULL at the end; NULL: none */
};

extern const struct command command_run, command_sweep, command_merge, command_show, command_join,
	command_points, command_check, command_oci, command_completion;

/* timens(1) itself, whose table has all others. */
extern const struct command command_top;

#endif
