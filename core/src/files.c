/* SPDX-License-Identifier: MIT */
#include "files.h"

#include <limits.h>
#include <string.h>
#include <sys/auxv.h>

#define DEFAULT_PATH "/bin:/usr/bin"

extern char **environ;

/* Whoever calls a set-uid program has made its environment, and must not choose with it what that
 * program starts. */
static int is_of_another(const char *const *env)
{
	return env == (const char *const *)environ && getauxval(AT_SECURE);
}

static const char *find_path(const char *const *env)
{
	if (is_of_another(env))
		return DEFAULT_PATH;
	for (; *env; env++)
		if (!strncmp(*env, "PATH=", 5))
			return *env + 5;
	return DEFAULT_PATH;
}

static int is_searched(const char *file)
{
	return *file && !strchr(file, '/');
}

static size_t count_dirs(const char *path)
{
	size_t n = 1;

	while ((path = strchr(path, ':'))) {
		path++;
		n++;
	}
	return n;
}

/* Each candidate is its directory, which ends in place of its colon, a slash, and the file. */
size_t timens_files_size(const char *file, const char *const *env)
{
	const char *path;
	size_t dirs;

	if (!is_searched(file))
		return 2 * sizeof(char *);
	path = find_path(env);
	dirs = count_dirs(path);
	return (dirs + 1) * sizeof(char *) + strlen(path) + dirs * (strlen(file) + 2);
}

static char *put_candidate(char *at, const char *dir, size_t length, const char *file)
{
	memcpy(at, dir, length);
	at += length;
	if (length)
		*at++ = '/';
	strcpy(at, file);
	return at + strlen(file) + 1;
}

const char *const *timens_files_list(const char *file, const char *const *env, void *memory)
{
	const char **list = memory, *dir;
	size_t dirs, i, count = 0;
	char *at;

	if (!is_searched(file)) {
		list[0] = file;
		list[1] = NULL;
		return list;
	}
	dir = find_path(env);
	dirs = count_dirs(dir);
	at = (char *)(list + dirs + 1);
	for (i = 0; i < dirs; i++) {
		size_t length = strcspn(dir, ":");

		/* execvp passes over what is too long for a path; the kernel would end the search.
		 */
		if (length + 1 + strlen(file) < PATH_MAX) {
			list[count++] = at;
			at = put_candidate(at, dir, length, file);
		}
		dir += length + 1;
	}
	list[count] = NULL;
	return list;
}
