/* SPDX-License-Identifier: MIT */
/*
 * The C API as the languages call it: flat, without structs to build. What carries a size in C
 * (offsets, fds) comes as a string of bytes, which the language's own layer packs, so its size is
 * tested and grows there like anywhere else; the arguments of a start come as a table of the
 * members' names (members.h). SWIG takes the prefix off the names; the parameters in capitals are
 * the ones that typemaps.i and the languages' own files look for.
 */
#ifndef TIMENS_BINDING_H
#define TIMENS_BINDING_H

#include "timens.h"

/* Negative: failed, and the error has been filled in. */
typedef int timens_result;

timens_result bind_spawn(const struct timens_spawn_args *ARGS, struct timens_process *OUT,
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
