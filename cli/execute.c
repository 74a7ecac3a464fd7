/* SPDX-License-Identifier: MIT */
#include "execute.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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

/* -- The search -- */

/* What to do with a path. 0, or the errno, with which the search may go on. */
typedef int path_user(const char *path, char **argv, char ***result);

/* The file is not there, or its directory cannot be used: the next one may have it. */
static bool goes_on(int errnum)
{
	return errnum == ENOENT || errnum == EACCES || errnum == ENOTDIR || errnum == ESTALE ||
	       errnum == ENODEV || errnum == ETIMEDOUT;
}

static int use_in(const char *dir, size_t length, path_user *use, char **argv, char ***result)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof path, "%.*s%s%s", (int)length, dir, length ? "/" : "",
			 argv[0]);

	return n < PATH_MAX ? use(path, argv, result) : ENOENT;
}

static int search(path_user *use, char **argv, char ***result)
{
	const char *dir = getenv("PATH");
	bool refused = false;
	size_t length;
	int errnum;

	if (!*argv[0] || strchr(argv[0], '/'))
		return use(argv[0], argv, result);
	for (dir = dir ? dir : DEFAULT_PATH;; dir += length + 1) {
		length = strcspn(dir, ":");
		errnum = use_in(dir, length, use, argv, result);
		refused = refused || errnum == EACCES;
		if (!goes_on(errnum))
			return errnum;
		if (!dir[length])
			return refused ? EACCES : ENOENT;
	}
}

static int run_file(const char *path, char **argv, char ***result)
{
	(void)result;
	execv(path, argv);
	return errno == ENOEXEC ? run_script(path, argv) : errno;
}

int execute(char **argv)
{
	return search(run_file, argv, NULL);
}

static int find_file(const char *path, char **argv, char ***result)
{
	struct stat status;

	if (stat(path, &status) < 0 || access(path, X_OK) < 0)
		return errno;
	if (!S_ISREG(status.st_mode))
		return EACCES;
	*result = script_words(path, argv);
	return *result ? 0 : ENOMEM;
}

char **execute_as_script(char **argv)
{
	char **words = NULL;

	search(find_file, argv, &words);
	return words;
}
