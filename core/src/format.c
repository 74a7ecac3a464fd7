/* SPDX-License-Identifier: MIT */
/* Spans as text. duration.c reads them. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

#include "timespec.h"

/* Seconds with their fraction, without zeros at its end. */
static void format_seconds(char *buf, uint64_t sec, int64_t nsec)
{
	char digits[16];
	int n = 9;

	if (nsec == 0) {
		snprintf(buf, 32, "%llus", (unsigned long long)sec);
		return;
	}
	snprintf(digits, sizeof digits, "%09lld", (long long)nsec);
	while (digits[n - 1] == '0')
		n--;
	snprintf(buf, 32, "%llu.%.*ss", (unsigned long long)sec, n, digits);
}

int timens_format(const struct timens_timespec *span, char *buf, size_t size)
{
	char text[96], *at = text;
	bool negative;
	int64_t nsec;
	uint64_t sec;

	if (!span || (!buf && size))
		return -EFAULT;
	negative = span->tv_sec < 0;
	nsec = span->tv_nsec;
	if (!timens_is_nsec(nsec))
		return -EINVAL;
	sec = negative ? 0 - (uint64_t)span->tv_sec : (uint64_t)span->tv_sec;
	if (negative && nsec) {
		sec--;
		nsec = NSEC_PER_SEC - nsec;
	}
	if (negative)
		*at++ = '-';
	if (sec >= 86400)
		at += sprintf(at, "%llud", (unsigned long long)(sec / 86400));
	if (sec / 3600 % 24)
		at += sprintf(at, "%lluh", (unsigned long long)(sec / 3600 % 24));
	if (sec / 60 % 60)
		at += sprintf(at, "%llum", (unsigned long long)(sec / 60 % 60));
	if (sec % 60 || nsec || sec == 0)
		format_seconds(at, sec % 60, nsec);
	return snprintf(buf, size, "%s", text);
}
