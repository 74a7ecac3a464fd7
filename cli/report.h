/* SPDX-License-Identifier: MIT */
/* The reports of a sweep, or of several shards of one. */
#ifndef TIMENS_CLI_REPORT_H
#define TIMENS_CLI_REPORT_H

#include <stdio.h>

#include "command.h"
#include "results.h"

struct report {
	const char *junit, *html; /* files; NULL: none */
	bool json;		  /* in place of the table */
	bool no_table;		  /* nor that */
};

/* Whether those files can be written; leaves none. 0 or the exit status. */
int report_check(const struct command *self, const char *junit, const char *html);

/* The files, and the table or JSON to `out`. 0 or the exit status. */
int report_put(const struct command *self, const struct report *report, const struct suite *suites,
	       size_t count, FILE *out);

/* -- One file each -- */

void junit_put(FILE *out, const struct suite *suites, size_t count);
void html_put(FILE *out, const struct suite *suites, size_t count);
void sweep_json_put(FILE *out, const struct suite *suites, size_t count);

/* Text in XML and HTML, as it comes out of text_to_plain. */
void report_put_escaped(FILE *out, const char *text);
/* The same between the quotes of an attribute of XML. */
void report_put_attribute(FILE *out, const char *text);

/* The suite of a JUnit report of ours. 0, or the exit status with the complaint made. The suite is
 * the caller's to free, also after a failure. */
int junit_read(const struct command *self, const char *path, struct suite *suite);

#endif
