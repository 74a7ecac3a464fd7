/* SPDX-License-Identifier: MIT */
#include "report.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "message.h"
#include "table.h"

/* A file will be put in the place of what is there, so it is the directory that must be writable.
 */
static int check_one(const struct command *self, const char *option, const char *path)
{
	char *copy = path ? strdup(path) : NULL;
	int status = 0;

	if (copy && access(dirname(copy), W_OK | X_OK) < 0)
		status = complain(self, "--%s: %s: %s", option, copy, strerror(errno));
	free(copy);
	return status;
}

int report_check(const struct command *self, const char *junit, const char *html)
{
	int status = check_one(self, "junit", junit);

	return status ? status : check_one(self, "html", html);
}

typedef void put_report(FILE *out, const struct suite *suites, size_t count);

static int put_file(const struct command *self, const char *path, put_report *put,
		    const struct suite *suites, size_t count)
{
	char *text = NULL;
	size_t length = 0;
	FILE *out;
	int r;

	if (!path)
		return 0;
	out = open_memstream(&text, &length);
	if (!out)
		return complain(self, "not enough memory");
	put(out, suites, count);
	r = fclose(out) == 0 ? file_write(path, text, length) : -ENOMEM;
	free(text);
	return r < 0 ? complain(self, "%s: %s", path, strerror(-r)) : 0;
}

int report_put(const struct command *self, const struct report *report, const struct suite *suites,
	       size_t count, FILE *out)
{
	int junit, html;

	(report->json ? sweep_json_put : table_put)(out, suites, count);
	junit = put_file(self, report->junit, junit_put, suites, count);
	html = put_file(self, report->html, html_put, suites, count);
	return junit ? junit : html;
}

void report_put_escaped(FILE *out, const char *text)
{
	static const char *const escapes[] = {
		['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;"};

	for (; *text; text++)
		if ((unsigned char)*text < sizeof escapes / sizeof escapes[0] &&
		    escapes[(unsigned char)*text])
			fputs(escapes[(unsigned char)*text], out);
		else
			fputc(*text, out);
}
