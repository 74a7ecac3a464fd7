/* SPDX-License-Identifier: MIT */
#include "timespec.h"

#include <errno.h>

/* In 128 bits, since the seconds alone may pass an end from which the carry comes back. */
static int normalise(__int128 sec, int64_t nsec, struct timens_timespec *result)
{
	if (nsec >= NSEC_PER_SEC) {
		nsec -= NSEC_PER_SEC;
		sec++;
	} else if (nsec < 0) {
		nsec += NSEC_PER_SEC;
		sec--;
	}
	if (sec < INT64_MIN || sec > INT64_MAX)
		return -ERANGE;
	result->tv_sec = (int64_t)sec;
	result->tv_nsec = nsec;
	return 0;
}

int timens_timespec_add(const struct timens_timespec *a, const struct timens_timespec *b,
			struct timens_timespec *sum)
{
	return normalise((__int128)a->tv_sec + b->tv_sec, a->tv_nsec + b->tv_nsec, sum);
}

int timens_timespec_sub(const struct timens_timespec *a, const struct timens_timespec *b,
			struct timens_timespec *difference)
{
	return normalise((__int128)a->tv_sec - b->tv_sec, a->tv_nsec - b->tv_nsec, difference);
}

int timens_offsets_add(const struct timens_offsets *a, const struct timens_offsets *b,
		       struct timens_offsets *sum)
{
	int r = timens_timespec_add(&a->clock_boottime, &b->clock_boottime, &sum->clock_boottime);

	if (r == 0)
		r = timens_timespec_add(&a->clock_monotonic, &b->clock_monotonic,
					&sum->clock_monotonic);
	return r;
}

static int timespec_equal(const struct timens_timespec *a, const struct timens_timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

int timens_offsets_equal(const struct timens_offsets *a, const struct timens_offsets *b)
{
	return timespec_equal(&a->clock_boottime, &b->clock_boottime) &&
	       timespec_equal(&a->clock_monotonic, &b->clock_monotonic);
}
