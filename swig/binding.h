/* SPDX-License-Identifier: MIT */
/*
 * The C API as the languages call it: flat, without structs to build. What carries a size in C
 * (offsets, fds) comes as a string of bytes, which the language's own layer packs, so its size is
 * tested and grows there like anywhere else. SWIG takes the prefix off the names; the parameters in
 * capitals are the ones that typemaps.i and the languages' own files look for.
 */
#ifndef TIMENS_BINDING_H
#define TIMENS_BINDING_H

#include "timens.h"

/* Negative: failed, and the error has been filled in. */
typedef int timens_result;

/* The members of struct timens_spawn_args that are numbers. */
struct bind_numbers {
	uint64_t flags, sigdefault, sigignore, sigmask;
	uint32_t userns, route, uid, gid, umask;
	int32_t pgroup, tty, cgroup, nice;
};

/* Lists come as the bytes of their C elements, NUMBERS as those of struct bind_numbers; a shorter
 * one is filled up with zeros. The id maps may be left out. */
timens_result bind_spawn(const char *FILE_NAME, const char *const *ARGV, const char *const *ENV,
			 const char *CWD, const void *OFFSETS, size_t OFFSETS_SIZE, const void *FDS,
			 size_t FDS_SIZE, const void *GROUPS, size_t GROUPS_SIZE,
			 const void *RLIMITS, size_t RLIMITS_SIZE, const void *NUMBERS,
			 size_t NUMBERS_SIZE, const void *UID_MAPS, size_t UID_MAPS_SIZE,
			 const void *GID_MAPS, size_t GID_MAPS_SIZE, struct timens_process *OUT,
			 struct timens_error *ERROR);

/* A negative timeout_sec waits without limit. Closes pidfd when it has succeeded. */
timens_result bind_wait(int pid, int pidfd, int64_t timeout_sec, int64_t timeout_nsec, int *OUT,
			struct timens_error *ERROR);
timens_result bind_kill(int pid, int pidfd, int sig, struct timens_error *ERROR);
timens_result bind_enter(const void *OFFSETS, size_t OFFSETS_SIZE, unsigned flags,
			 struct timens_error *ERROR);
timens_result bind_join(int fd, struct timens_error *ERROR);
/* The point of that index, from 0; nothing past the last. */
timens_result bind_point(unsigned index, struct timens_point *OUT);
timens_result bind_read(int pid, struct timens_offsets *OUT, struct timens_error *ERROR);
timens_result bind_support(struct timens_support *OUT, struct timens_error *REASON);
/* READING: 1 for a text such as "@49d17h". */
timens_result bind_parse(const char *TEXT, struct timens_timespec *OUT, unsigned *READING,
			 struct timens_error *ERROR);
timens_result bind_offset_to(int clock, int64_t sec, int64_t nsec, struct timens_timespec *OUT,
			     struct timens_error *ERROR);
timens_result bind_format(int64_t sec, int64_t nsec, char OUT[TIMENS_SPAN_TEXT_MAX],
			  struct timens_error *ERROR);
const char *bind_stage_name(int stage);
const char *bind_route_name(unsigned route);

#endif
