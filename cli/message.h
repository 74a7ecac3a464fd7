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

/* `word` is none of `known` (NULL at its end); says which is nearest, if one is near. */
int complain_unknown(const struct command *command, const char *what, const char *prefix,
		     const char *word, const char *const *known);

#endif
