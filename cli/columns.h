/* SPDX-License-Identifier: MIT */
/* A table for people. */
#ifndef TIMENS_CLI_COLUMNS_H
#define TIMENS_CLI_COLUMNS_H

#include <stddef.h>
#include <stdio.h>

#define COLUMNS_MAX 7

struct columns_line {
	char cell[COLUMNS_MAX][96];
	const char *last; /* behind them, since it may hold anything; not copied */
};

/* The cells from `first` on, `count` of them, each column as wide as its widest. */
void columns_put(FILE *out, const struct columns_line *lines, size_t line_count, size_t first,
		 size_t count);

#endif
