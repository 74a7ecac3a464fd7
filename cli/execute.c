/* SPDX-License-Identifier: MIT */
#include "execute.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_PATH "/bin:/usr/bin"

/* -- Scripts without a first line that names their interpreter: they are the shell's, as for env(1)
 */

/* The path is kept behind the words. */
static char **script_words(const char *path, char **argv)
{
	size_t count = 0, size;
	char **words;

	while (argv[count])
		count++;
	size = (count + 2) * sizeof *words;
	words = malloc(size + strlen(path) + 1);
	if (!words)
		return NULL;
	words[0] = (char *)"/bin/sh";
	words[1] = strcpy((char *)words + size, path);
	memcpy(words + 2, argv + 1, count * sizeof *words);
	return words;
}

static int run_script(const char *path, char **argv)
{
	char **words = script_words(path, argv);
	int errnum;

	if (!words)
		return ENOMEM;
	execv(words[0], words);
	errnum = errno;
	free(words);
	return errnum;
}

static int run_file(const char *path, char **argv)
{
	execv(path, argv);
	return errno == ENOEXEC ? run_script(path, argv) : errno;
}

/* -- The search -- */

/* The file is not there, or its directory cannot be used: the next one may have it. */
static bool goes_on(int errnum)
{
	return errnum == ENOENT || errnum == EACCES || errnum == ENOTDIR || errnum == ESTALE ||
	       errnum == ENODEV || errnum == ETIMEDOUT;
}

static int run_in(const char *dir, size_t length, char **argv)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof path, "%.*s%s%s", (int)length, dir, length ? "/" : "",
			 argv[0]);

	return n < PATH_MAX ? run_file(path, argv) : ENOENT;
}

int execute(char **argv)
{
	const char *dir = getenv("PATH");
	bool refused = false;
	size_t length;
	int errnum;

	if (!*argv[0] || strchr(argv[0], '/'))
		return run_file(argv[0], argv);
	for (dir = dir ? dir : DEFAULT_PATH;; dir += length + 1) {
		length = strcspn(dir, ":");
		errnum = run_in(dir, length, argv);
		refused = refused || errnum == EACCES;
		if (!goes_on(errnum))
			return errnum;
		if (!dir[length])
			return refused ? EACCES : ENOENT;
	}
}
