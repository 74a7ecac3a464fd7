/* SPDX-License-Identifier: MIT */
#include "nsfile.h"

#include <errno.h>

#define NSEC_PER_SEC 1000000000

static char *put_number(char *at, int64_t value)
{
	uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	char digits[20];
	unsigned n = 0;

	if (value < 0)
		*at++ = '-';
	do
		digits[n++] = (char)('0' + rest % 10);
	while (rest /= 10);
	while (n)
		*at++ = digits[--n];
	return at;
}

static char *put_record(char *at, int64_t clock, const struct timens_timespec *offset)
{
	at = put_number(at, clock);
	*at++ = ' ';
	at = put_number(at, offset->tv_sec);
	*at++ = ' ';
	at = put_number(at, offset->tv_nsec);
	*at++ = '\n';
	return at;
}

/* Clock numbers, not names: Linux 5.6.0 knows no names. */
size_t timens_nsfile_format(const struct timens_offsets *offsets, char buf[NSFILE_TEXT_MAX])
{
	char *at = put_record(buf, 1, &offsets->clock_monotonic);

	at = put_record(at, 7, &offsets->clock_boottime);
	return (size_t)(at - buf);
}

static const char *skip_blanks(const char *at, const char *end)
{
	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	return at;
}

/* A decimal number of at most 18 digits, all that a valid offset can have; NULL if there is none.
 */
static const char *get_number(const char *at, const char *end, int64_t *value)
{
	int negative = 0, digits = 0;
	int64_t v = 0;

	at = skip_blanks(at, end);
	if (at < end && *at == '-') {
		negative = 1;
		at++;
	}
	for (; at < end && *at >= '0' && *at <= '9'; at++) {
		if (++digits > 18)
			return NULL;
		v = v * 10 + (*at - '0');
	}
	*value = negative ? -v : v;
	return digits ? at : NULL;
}

/* The clock column is a name, or a number on 5.6.0: the first letter or digit tells them apart. */
static const char *get_clock(const char *at, const char *end, struct timens_offsets *offsets,
			     struct timens_timespec **slot)
{
	at = skip_blanks(at, end);
	if (at == end)
		return NULL;
	if (*at == 'm' || *at == '1')
		*slot = &offsets->clock_monotonic;
	else if (*at == 'b' || *at == '7')
		*slot = &offsets->clock_boottime;
	else
		return NULL;
	while (at < end && *at != ' ' && *at != '\t' && *at != '\n')
		at++;
	return at;
}

int timens_nsfile_parse(const char *text, size_t length, struct timens_offsets *offsets)
{
	const char *at = text, *end = text + length;
	unsigned seen = 0;

	while (at < end) {
		struct timens_timespec *slot;

		at = get_clock(at, end, offsets, &slot);
		if (!at)
			return -EIO;
		at = get_number(at, end, &slot->tv_sec);
		if (at)
			at = get_number(at, end, &slot->tv_nsec);
		if (!at || slot->tv_nsec < 0 || slot->tv_nsec >= NSEC_PER_SEC)
			return -EIO;
		at = skip_blanks(at, end);
		if (at == end || *at++ != '\n')
			return -EIO;
		seen |= slot == &offsets->clock_boottime ? 1 : 2;
	}
	return seen == 3 ? 0 : -EIO;
}

int timens_timespec_add(const struct timens_timespec *a, const struct timens_timespec *b,
			struct timens_timespec *sum)
{
	int64_t nsec = a->tv_nsec + b->tv_nsec;
	int64_t carry = nsec >= NSEC_PER_SEC, sec;

	if (__builtin_add_overflow(a->tv_sec, b->tv_sec, &sec) ||
	    __builtin_add_overflow(sec, carry, &sec))
		return -ERANGE;
	sum->tv_sec = sec;
	sum->tv_nsec = nsec - carry * NSEC_PER_SEC;
	return 0;
}

int timens_timespec_sub(const struct timens_timespec *a, const struct timens_timespec *b,
			struct timens_timespec *difference)
{
	int64_t nsec = a->tv_nsec - b->tv_nsec;
	int64_t borrow = nsec < 0, sec;

	if (__builtin_sub_overflow(a->tv_sec, b->tv_sec, &sec) ||
	    __builtin_sub_overflow(sec, borrow, &sec))
		return -ERANGE;
	difference->tv_sec = sec;
	difference->tv_nsec = nsec + borrow * NSEC_PER_SEC;
	return 0;
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
