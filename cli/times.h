/* SPDX-License-Identifier: MIT */
/* Arithmetic with times, as everywhere in the kernel's interfaces: tv_nsec is never negative. */
#ifndef TIMENS_CLI_TIMES_H
#define TIMENS_CLI_TIMES_H

#include "timens.h"

#define NSEC_PER_SEC INT64_C(1000000000)

struct timens_timespec time_add(struct timens_timespec a, struct timens_timespec b);
struct timens_timespec time_negate(struct timens_timespec t);
int time_compare(const struct timens_timespec *a, const struct timens_timespec *b);
struct timens_timespec time_reading(clockid_t clock);

/* Of CLOCK_MONOTONIC, for what we measure ourselves. */
int64_t time_now_ns(void);
/* Seconds since then, in whole milliseconds: as many as a JUnit report keeps, so that what is read
 * back from one is the same. */
double time_since(int64_t begin);
/* Capped at what fits. */
int64_t time_to_ns(const struct timens_timespec *t);

/* "4294962.296": seconds, for programs. */
void time_decimal(const struct timens_timespec *t, char *buf, size_t size);

/* "5.02s", "3m12s": a measured time, for people. Static width is left to the caller. */
void time_short(double seconds, char *buf, size_t size);

#endif
