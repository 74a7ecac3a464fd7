/* SPDX-License-Identifier: MIT */
#include "message.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

#define WORD_MAX 32

int complain(const struct command *command, const char *format, ...)
{
	char message[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof message, format, args);
	va_end(args);
	fprintf(stderr, "%s: ", command->name);
	/* Words of the command line must not drive the terminal. */
	text_put_visible(stderr, message, strlen(message));
	fputc('\n', stderr);
	return EXIT_TIMENS_FAILED;
}

int complain_error(const struct command *command, const struct timens_error *error)
{
	char text[TIMENS_ERROR_TEXT_MAX];

	timens_error_text(error, text, sizeof text);
	return complain(command, "%s", text);
}

int complain_stage(const struct command *command, int stage, int errnum, const char *subject)
{
	struct timens_error error = {.errnum = errnum, .stage = stage};

	snprintf(error.subject, sizeof error.subject, "%s", subject);
	return complain_error(command, &error);
}

/* -- The nearest word -- */

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* How many letters must be changed, added or left out (Levenshtein's distance), row by row. */
static unsigned distance(const char *a, const char *b)
{
	unsigned row[WORD_MAX + 1], width = (unsigned)strlen(b), corner, above;

	if (width > WORD_MAX)
		return UINT32_MAX;
	for (unsigned j = 0; j <= width; j++)
		row[j] = j;
	for (; *a; a++) {
		corner = row[0]++;
		for (unsigned j = 1; j <= width; j++) {
			above = row[j];
			row[j] = least(least(above, row[j - 1]) + 1, corner + (*a != b[j - 1]));
			corner = above;
		}
	}
	return row[width];
}

/* A third of the letters may differ: more is a guess. */
static const char *nearest(const char *word, const char *const *known)
{
	const char *best = NULL;
	unsigned best_distance = UINT32_MAX, d;

	for (; *known; known++) {
		d = distance(word, *known);
		if (d < best_distance && d <= (strlen(*known) + 2) / 3) {
			best = *known;
			best_distance = d;
		}
	}
	return best;
}

int complain_unknown(const struct command *command, const struct vocabulary *words,
		     const char *word)
{
	const char *near = nearest(word, words->known), *prefix = words->prefix;

	if (near)
		return complain(command, "unknown %s '%s%s'; did you mean %s%s?", words->what,
				prefix, word, prefix, near);
	if (words->listed_by)
		return complain(command, "unknown %s '%s%s'; see %s", words->what, prefix, word,
				words->listed_by);
	return complain(command, "unknown %s '%s%s'; see %s --help", words->what, prefix, word,
			command->name);
}
