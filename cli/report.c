/* SPDX-License-Identifier: MIT */
#include "report.h"

#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "message.h"
#include "table.h"

/* `--junit /dev/stdout >file`: the report would take the place of the table. */
static bool is_standard_output(const struct stat *status)
{
	struct stat out;

	return fstat(STDOUT_FILENO, &out) == 0 && out.st_dev == status->st_dev &&
	       out.st_ino == status->st_ino;
}

/* A file is replaced, so it is the directory that must be writable. */
static int check_directory(const struct command *self, const char *option, const char *path)
{
	char target[PATH_MAX], *directory;
	int r = file_follow(path, target);

	if (r < 0)
		return complain(self, "--%s: %s: %s", option, path, strerror(-r));
	directory = dirname(target);
	if (access(directory, W_OK | X_OK) < 0)
		return complain(self, "--%s: %s: %s", option, directory, strerror(errno));
	return 0;
}

/* What is no regular file (/dev/stdout, a pipe) is written to. */
static int check_special(const struct command *self, const char *option, const char *path,
			 const struct stat *status)
{
	if (S_ISDIR(status->st_mode))
		return complain(self, "--%s: %s: %s", option, path, strerror(EISDIR));
	if (access(path, W_OK) < 0)
		return complain(self, "--%s: %s: %s", option, path, strerror(errno));
	return 0;
}

static int check_one(const struct command *self, const char *option, const char *path)
{
	struct stat status;

	if (!path)
		return 0;
	if (!*path || path[strlen(path) - 1] == '/')
		return complain(self, "--%s: '%s' is no file; give a file of its own", option,
				path);
	if (stat(path, &status) < 0)
		return check_directory(self, option, path);
	if (!S_ISREG(status.st_mode))
		return check_special(self, option, path, &status);
	if (is_standard_output(&status))
		return complain(self, "--%s: %s is where the table goes; give a file of its own",
				option, path);
	return check_directory(self, option, path);
}

static bool is_special(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

int report_check(const struct command *self, const char *junit, const char *html)
{
	int status = check_one(self, "junit", junit);

	if (status == 0)
		status = check_one(self, "html", html);
	if (status == 0 && junit && html && !strcmp(junit, html) && !is_special(html))
		status = complain(self, "--html: %s is where --junit goes; give a file of its own",
				  html);
	return status;
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

	if (report->json)
		sweep_json_put(out, suites, count);
	else if (!report->no_table)
		table_put(out, suites, count);
	junit = put_file(self, report->junit, junit_put, suites, count);
	html = put_file(self, report->html, html_put, suites, count);
	return junit ? junit : html;
}

/* In an attribute a parser takes each of the last three for a blank. */
static const char *escape_of(char c, bool in_attribute)
{
	static const char marks[] = "&<>\"\r\t\n";
	static const char *const escapes[] = {"&amp;", "&lt;", "&gt;", "&quot;",
					      "&#13;", "&#9;", "&#10;"};
	const char *mark = strchr(marks, c);

	if (!mark || (!in_attribute && strchr("\t\n", c)))
		return NULL;
	return escapes[mark - marks];
}

static void put_escaped(FILE *out, const char *text, bool in_attribute)
{
	const char *escape;

	for (; *text; text++) {
		escape = escape_of(*text, in_attribute);
		if (escape)
			fputs(escape, out);
		else
			fputc(*text, out);
	}
}

void report_put_escaped(FILE *out, const char *text)
{
	put_escaped(out, text, false);
}

void report_put_attribute(FILE *out, const char *text)
{
	put_escaped(out, text, true);
}
