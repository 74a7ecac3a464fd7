/* SPDX-License-Identifier: MIT */
/*
 * The quick half of timens(1): `run` and `join` themselves, since what stands in front of a program
 * is paid at each start of it. It is linked statically, with a C library that starts at once; the
 * rest of the command, with its libraries, is another program, which this one becomes.
 */
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "begin.h"
#include "message.h"
#include "options.h"

static const struct command *const quick[] = {&command_run, &command_join, NULL};

static const struct command *find(const char *word)
{
	for (const struct command *const *c = quick; *c; c++)
		if (!strcmp(command_word(*c), word))
			return *c;
	return NULL;
}

/* From where we are: an installation may be moved, and a build tree is like one. Without /proc it
 * is where it was to be installed. */
static void find_rest(char path[PATH_MAX])
{
	char self[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);

	strcpy(path, TIMENS_REST);
	if (length < 0)
		return;
	self[length] = '\0';
	if ((size_t)length + sizeof TIMENS_REST_FROM_HERE < PATH_MAX)
		snprintf(path, PATH_MAX, "%s/" TIMENS_REST_FROM_HERE, dirname(self));
}

static int become_rest(const struct command *self, char **argv)
{
	char path[PATH_MAX];

	find_rest(path);
	execv(path, argv);
	return complain(self, "%s: %s; without it there are only run and join", path,
			strerror(errno));
}

/* What is for standard output is a text of --help, or nothing: it needs no memory of its own. */
static int run_quick(const struct command *self, const struct command *command, int argc,
		     char **argv)
{
	static char text[8192];
	int status;

	setvbuf(stdout, text, _IOFBF, sizeof text);
	status = command->main(command, argc, argv, stdout);
	if (fflush(stdout) != 0)
		status = complain(self, "write to standard output: %s", strerror(errno));
	return status;
}

int main(int argc, char **argv)
{
	static const struct command self = {.name = "timens"};
	const struct command *command = argc > 1 ? find(argv[1]) : NULL;
	int status = begin(&self);

	if (status)
		return status;
	return command ? run_quick(&self, command, argc - 1, argv + 1) : become_rest(&self, argv);
}
