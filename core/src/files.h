/* SPDX-License-Identifier: MIT */
#ifndef TIMENS_FILES_H
#define TIMENS_FILES_H

#include <stddef.h>

/* The files that a search tries, in its order: `file` itself if it has a slash or is empty, else
 * one in each directory of the PATH in `env` (an empty one is the working directory), or of
 * "/bin:/usr/bin". Lays the list, ended by NULL, and its strings into `memory`, which must have
 * timens_files_size() bytes and be aligned for pointers. */
size_t timens_files_size(const char *file, const char *const *env);
const char *const *timens_files_list(const char *file, const char *const *env, void *memory);

#endif
