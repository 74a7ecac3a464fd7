/* SPDX-License-Identifier: MIT */
#include "columns.h"

#include <string.h>

#include "text.h"

static int width_of(const struct columns_line *lines, size_t line_count, size_t column)
{
	size_t width = 0, n;

	for (size_t i = 0; i < line_count; i++) {
		n = strlen(lines[i].cell[column]);
		width = n > width ? n : width;
	}
	return (int)width;
}

void columns_put(FILE *out, const struct columns_line *lines, size_t line_count, size_t first,
		 size_t count)
{
	int width[COLUMNS_MAX];

	for (size_t c = first; c < first + count; c++)
		width[c] = width_of(lines, line_count, c);
	for (size_t i = 0; i < line_count; i++) {
		for (size_t c = first; c < first + count; c++)
			fprintf(out, "%-*s  ", width[c], lines[i].cell[c]);
		text_put_visible(out, lines[i].last, strlen(lines[i].last));
		fputc('\n', out);
	}
}
