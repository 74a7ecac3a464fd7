/* SPDX-License-Identifier: MIT */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINKS_MAX 40 /* as for the kernel */

ssize_t file_read(const char *path, char *buf, size_t size)
{
	FILE *file = fopen(path, "re");
	ssize_t r;
	size_t n;

	if (!file)
		return -errno;
	errno = 0;
	n = fread(buf, 1, size - 1, file);
	r = ferror(file) ? -errno : (ssize_t)n;
	fclose(file);
	buf[n] = '\0';
	return r;
}

int file_write_all(int fd, const char *text, size_t length)
{
	ssize_t n;

	for (; length; text += n, length -= (size_t)n) {
		n = write(fd, text, length);
		if (n < 0 && errno == EINTR)
			n = 0;
		if (n < 0)
			return -errno;
	}
	return 0;
}

/* A file that is there passes its mode and owner on; a new one gets those of any new file. */
static int like_old(int fd, const char *path)
{
	struct stat old;
	mode_t mask;

	if (stat(path, &old) == 0)
		return fchmod(fd, old.st_mode & 07777) < 0 || fchown(fd, old.st_uid, old.st_gid) < 0
			       ? -errno
			       : 0;
	mask = umask(0);
	umask(mask);
	return fchmod(fd, 0666 & ~mask) < 0 ? -errno : 0;
}

/* Without the sync a crash may leave an empty file under the name. */
static int fill(int fd, const char *path, const char *text, size_t length)
{
	int r = file_write_all(fd, text, length);

	if (r == 0)
		r = like_old(fd, path);
	if (r == 0 && fsync(fd) < 0)
		r = -errno;
	return r;
}

static int replace(const char *path, const char *text, size_t length)
{
	char temporary[PATH_MAX];
	int fd, r;

	if (snprintf(temporary, sizeof temporary, "%s.XXXXXX", path) >= (int)sizeof temporary)
		return -ENAMETOOLONG;
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = fill(fd, path, text, length);
	close(fd);
	if (r == 0 && rename(temporary, path) < 0)
		r = -errno;
	if (r < 0)
		unlink(temporary);
	return r;
}

/* One step from a link to where it leads. 1, 0 if it is no link, or -errno. */
static int follow_once(char path[PATH_MAX])
{
	char link[PATH_MAX], next[PATH_MAX];
	ssize_t length = readlink(path, link, sizeof link - 1);
	const char *slash = strrchr(path, '/');

	if (length < 0)
		return errno == EINVAL || errno == ENOENT ? 0 : -errno;
	link[length] = '\0';
	if (snprintf(next, sizeof next, "%.*s%s",
		     *link != '/' && slash ? (int)(slash + 1 - path) : 0, path, link) >= PATH_MAX)
		return -ENAMETOOLONG;
	strcpy(path, next);
	return 1;
}

/* realpath(3) gives up where nothing is there yet; then a report took the place of the link. */
int file_follow(const char *path, char target[PATH_MAX])
{
	int r = 1;

	if (snprintf(target, PATH_MAX, "%s", path) >= PATH_MAX)
		return -ENAMETOOLONG;
	for (int i = 0; r > 0 && i < LINKS_MAX; i++)
		r = follow_once(target);
	return r > 0 ? -ELOOP : r;
}

/* Where the name is a link, what it leads to is replaced, and the link stays. */
int file_replace(const char *path, const char *text, size_t length)
{
	char target[PATH_MAX];
	int r = file_follow(path, target);

	return r < 0 ? r : replace(target, text, length);
}

/* What is there and no regular file (/dev/stdout, a pipe) is written to. */
int file_write(const char *path, const char *text, size_t length)
{
	struct stat status;
	int fd, r;

	if (stat(path, &status) < 0 || S_ISREG(status.st_mode))
		return file_replace(path, text, length);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = file_write_all(fd, text, length);
	close(fd);
	return r;
}
