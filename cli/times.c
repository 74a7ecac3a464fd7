/* SPDX-License-Identifier: MIT */
#include "times.h"

#include <stdio.h>
#include <string.h>

struct timens_timespec time_add(struct timens_timespec a, struct timens_timespec b)
{
	struct timens_timespec sum = {a.tv_sec + b.tv_sec, a.tv_nsec + b.tv_nsec};

	if (sum.tv_nsec >= NSEC_PER_SEC) {
		sum.tv_sec++;
		sum.tv_nsec -= NSEC_PER_SEC;
	}
	return sum;
}

struct timens_timespec time_negate(struct timens_timespec t)
{
	if (t.tv_nsec == 0)
		return (struct timens_timespec){-t.tv_sec, 0};
	return (struct timens_timespec){-t.tv_sec - 1, NSEC_PER_SEC - t.tv_nsec};
}

int time_compare(const struct timens_timespec *a, const struct timens_timespec *b)
{
	if (a->tv_sec != b->tv_sec)
		return a->tv_sec < b->tv_sec ? -1 : 1;
	return (a->tv_nsec > b->tv_nsec) - (a->tv_nsec < b->tv_nsec);
}

struct timens_timespec time_reading(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (struct timens_timespec){now.tv_sec, now.tv_nsec};
}

int64_t time_now_ns(void)
{
	struct timens_timespec now = time_reading(CLOCK_MONOTONIC);

	return time_to_ns(&now);
}

double time_since(int64_t begin)
{
	int64_t milliseconds = (time_now_ns() - begin) / 1000000;

	return (double)milliseconds / 1000;
}

int64_t time_to_ns(const struct timens_timespec *t)
{
	if (t->tv_sec >= INT64_MAX / NSEC_PER_SEC / 2)
		return INT64_MAX / 2;
	if (t->tv_sec <= INT64_MIN / NSEC_PER_SEC / 2)
		return INT64_MIN / 2;
	return t->tv_sec * NSEC_PER_SEC + t->tv_nsec;
}

void time_decimal(const struct timens_timespec *t, char *buf, size_t size)
{
	struct timens_timespec up = t->tv_sec < 0 ? time_negate(*t) : *t;
	size_t length;

	snprintf(buf, size, "%s%lld.%09lld", t->tv_sec < 0 ? "-" : "", (long long)up.tv_sec,
		 (long long)up.tv_nsec);
	length = strlen(buf);
	while (length && buf[length - 1] == '0')
		buf[--length] = '\0';
	if (length && buf[length - 1] == '.')
		buf[length - 1] = '\0';
}

void time_short(double seconds, char *buf, size_t size)
{
	unsigned long whole = (unsigned long)seconds;

	if (seconds < 60)
		snprintf(buf, size, "%.2fs", seconds);
	else if (whole < 3600)
		snprintf(buf, size, "%lum%02lus", whole / 60, whole % 60);
	else
		snprintf(buf, size, "%luh%02lum", whole / 3600, whole / 60 % 60);
}
