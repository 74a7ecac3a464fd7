/* SPDX-License-Identifier: MIT */
#ifndef TIMENS_CLI_TABLE_H
#define TIMENS_CLI_TABLE_H

#include <stdio.h>

#include "results.h"

/* For people: the points, the end of each failure's output, and a sentence. */
void table_put(FILE *out, const struct suite *suites, size_t count);

/* "passed", "FAILED", …; also for the reports. Gives the words' own storage, or buf. */
const char *verdict_text(const struct suite *suite, const struct sweep_case *c, char *buf,
			 size_t size);
/* The sentence at the end. */
void summary_put(FILE *out, const struct suite *suites, size_t count);

#endif
