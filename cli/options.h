/* SPDX-License-Identifier: MIT */
#ifndef TIMENS_OPTIONS_H
#define TIMENS_OPTIONS_H

#include "command.h"

/* Parses the options of `command` into `settings`. True: go on, with *words at the first of the
 * other words (NULL at their end). False: nothing is left to do, and *status is the exit status:
 * --help stands in `out`, or a complaint was made. */
bool options_parse(const struct command *command, int argc, char **argv, void *settings, FILE *out,
		   char ***words, int *status);

/* How many other words there are. */
size_t options_count(char **words);

/* "run" of "timens run". */
const char *command_word(const struct command *command);

void options_help(const struct command *command, FILE *out);

/* For a setting that is a bool. */
option_setter option_set_flag;
/* For a setting that is a const char *. */
option_setter option_set_text;
/* For a setting that is an unsigned: gets the place of the value in the row's choices. */
option_setter option_set_choice;
/* For a setting that is an unsigned: a whole number from 1 up. */
option_setter option_set_count;

/* Of an option that may be given more than once. The words stay the command line's. */
struct words {
	const char **items;
	size_t count;
};
/* For a setting that is a struct words, whose items are the owner's to free. */
option_setter option_add_word;

/* A time, and whether it began with an @. */
struct span {
	struct timens_timespec value;
	unsigned is_reading;
	bool given;
};
/* For a setting that is a struct span. */
option_setter option_set_span;
/* The same, and readings are refused. */
option_setter option_set_duration;
/* The time `text` of option --`name`; `is_reading` may be NULL, which refuses readings. */
int option_parse_time(const struct command *command, const char *name, const char *text,
		      struct timens_timespec *value, unsigned *is_reading);

/* Whether a clock can read that; the parser asks so only after an @. 0 or the exit status. */
int option_check_reading(const struct command *command, const char *name,
			 const struct timens_timespec *reading);

/* The last rows of every table. */
#define OPTIONS_END                                                                                \
	OPTION("help", NULL, NULL, 0, "print this text", .letter = 'h'),                           \
	{                                                                                          \
		.name = NULL                                                                       \
	}

#endif
