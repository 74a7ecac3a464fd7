/* SPDX-License-Identifier: MIT */
/* Messages on standard error. All return EXIT_TIMENS_FAILED, which is what most of them end in. */
#ifndef TIMENS_MESSAGE_H
#define TIMENS_MESSAGE_H

#include "command.h"

/* One line: "timens run: …". */
__attribute__((format(printf, 2, 3))) int complain(const struct command *command,
						   const char *format, ...);

/* The library's own text, which says what to do about it. */
int complain_error(const struct command *command, const struct timens_error *error);

/* A step of ours that is also a stage of the library gets the library's text and hint. */
int complain_stage(const struct command *command, int stage, int errnum, const char *subject);

/* Words of one kind. */
struct vocabulary {
	const char *what, *prefix;
	const char *const *known; /* NULL at its end */
	const char *listed_by;	  /* the command that lists them */
};

/* `word` is none of them; says which is nearest or, if none is near, where they are listed. */
int complain_unknown(const struct command *command, const struct vocabulary *words,
		     const char *word);

#endif
