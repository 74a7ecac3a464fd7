/* SPDX-License-Identifier: MIT */
#ifndef TIMENS_CLI_FILE_H
#define TIMENS_CLI_FILE_H

#include <limits.h>
#include <stddef.h>
#include <sys/types.h>

/* The beginning of a file, as far as it fits, with a zero at its end. Returns its length, or
 * -errno. */
ssize_t file_read(const char *path, char *buf, size_t size);

/* 0 or -errno. */
int file_write_all(int fd, const char *text, size_t length);

/* Where a path leads if it is a link, or a link to one, whether there is something or not. 0 or
 * -errno. */
int file_follow(const char *path, char target[PATH_MAX]);

/* Puts new content in the place of a file, whole or not at all: nobody ever sees a half-written
 * one. Mode and owner stay, and a link to it. 0 or -errno. */
int file_replace(const char *path, const char *text, size_t length);

/* The same for a regular file, or none; anything else is opened and written. */
int file_write(const char *path, const char *text, size_t length);

#endif
