/* SPDX-License-Identifier: MIT */
#ifndef TIMENS_OPTIONS_H
#define TIMENS_OPTIONS_H

#include "command.h"

/* Parses the options of `command` into `settings`. True: go on, with *words at the first of the
 * other words (NULL at their end). False: nothing is left to do, and *status is the exit status:
 * --help stands in `out`, or a complaint was made. */
bool options_parse(const struct command *command, int argc, char **argv, void *settings, FILE *out,
		   char ***words, int *status);

void options_help(const struct command *command, FILE *out);

/* For a setting that is a bool. */
option_setter option_set_flag;
/* For a setting that is a const char *. */
option_setter option_set_text;

/* The last rows of every table. */
#define OPTIONS_END                                                                                \
	{.name = "help", .help = "print this text"},                                               \
	{                                                                                          \
		.name = NULL                                                                       \
	}

#endif
