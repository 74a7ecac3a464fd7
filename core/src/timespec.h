/* SPDX-License-Identifier: MIT */
/* Arithmetic of times and offsets. Freestanding: it also runs between clone and exec. */
#ifndef TIMENS_TIMESPEC_H
#define TIMENS_TIMESPEC_H

#include "timens.h"

#define NSEC_PER_SEC 1000000000

/* What tv_nsec may be. */
static inline int timens_is_nsec(int64_t nsec)
{
	return nsec >= 0 && nsec < NSEC_PER_SEC;
}

/* a + b, normalised; -ERANGE where the seconds overflow. Both must be normalised. */
int timens_timespec_add(const struct timens_timespec *a, const struct timens_timespec *b,
			struct timens_timespec *sum);

/* a - b, likewise. */
int timens_timespec_sub(const struct timens_timespec *a, const struct timens_timespec *b,
			struct timens_timespec *difference);

/* Both clocks. */
int timens_offsets_add(const struct timens_offsets *a, const struct timens_offsets *b,
		       struct timens_offsets *sum);

int timens_offsets_equal(const struct timens_offsets *a, const struct timens_offsets *b);

#endif
