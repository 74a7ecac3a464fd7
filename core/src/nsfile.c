/* SPDX-License-Identifier: MIT */
#include "nsfile.h"

#include <errno.h>

#include "timespec.h"

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

/* Blanks and a decimal number of at most 18 digits, all that a valid offset can have; NULL if that
 * is not what is there. */
static const char *get_number(const char *at, const char *end, int64_t *value)
{
	const char *word = skip_blanks(at, end);
	int negative = 0, digits = 0;
	int64_t v = 0;

	if (word == at)
		return NULL;
	at = word;
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

/* Behind the name, if it stands there as a word; else NULL. */
static const char *get_name(const char *at, const char *end, const char *name)
{
	for (; at < end && *at == *name && *name; at++, name++)
		;
	return *name || at == end || (*at != ' ' && *at != '\t') ? NULL : at;
}

/* The clock column is a name, or a number on 5.6.0. */
static const char *get_clock(const char *at, const char *end, struct timens_offsets *offsets,
			     struct timens_timespec **slot)
{
	const char *behind;

	at = skip_blanks(at, end);
	*slot = &offsets->clock_monotonic;
	behind = get_name(at, end, "monotonic");
	if (!behind)
		behind = get_name(at, end, "1");
	if (behind)
		return behind;
	*slot = &offsets->clock_boottime;
	behind = get_name(at, end, "boottime");
	return behind ? behind : get_name(at, end, "7");
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
		if (!at || !timens_is_nsec(slot->tv_nsec))
			return -EIO;
		at = skip_blanks(at, end);
		if (at == end || *at++ != '\n')
			return -EIO;
		seen |= slot == &offsets->clock_boottime ? 1 : 2;
	}
	return seen == 3 ? 0 : -EIO;
}
