/* SPDX-License-Identifier: MIT */
#ifndef TIMENS_OFFSETS_H
#define TIMENS_OFFSETS_H

#include "timens.h"

/* The size of a struct, told before it is read: E2BIG over a page, EINVAL below `first`; EFAULT
 * where there is none. */
int timens_check_size(const void *src, size_t size, size_t first, const char *what,
		      struct timens_error *error);

/* Takes in a struct that carries its size, by the rules of copy_struct_from_user: `known` is its
 * size in this library, `first` in the first one published. Fills dst with zeros past `size`.
 * In this order: E2BIG over a page, EINVAL below `first`, EFAULT no struct, E2BIG something else
 * than zero past `known`. `what` names it in the error. */
int timens_take_struct(void *dst, size_t known, size_t first, const void *src, size_t size,
		       const char *what, struct timens_error *error);

/* The same of a struct to be handed out, for which no size is too large. To be called before
 * anything is done: what the caller has done wrong is told first. */
int timens_check_output(const void *dst, size_t size, size_t first, const char *what,
			struct timens_error *error);

/* Hands out `known` bytes to a caller who knows `size`. */
void timens_give_struct(void *dst, size_t size, const void *src, size_t known);

/* What a clock reads. */
struct timens_timespec timens_clock_now(clockid_t clock);

/* Takes offsets in and refuses those that no clock can have now. */
int timens_take_offsets(struct timens_offsets *dst, const void *src, size_t size,
			struct timens_error *error);

#endif
