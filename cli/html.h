/* SPDX-License-Identifier: MIT */
/* The parts of the page. */
#ifndef TIMENS_CLI_HTML_H
#define TIMENS_CLI_HTML_H

#include <stdio.h>

#include "results.h"

extern const char html_style[];

/* Of the style: "passed", "failed", "grey". */
const char *html_class(enum verdict verdict);

/* The points on a line, by the logarithm of their readings. */
void html_timeline(FILE *out, const struct suite *suites, size_t count);

#endif
