/* SPDX-License-Identifier: MIT */
/*
 * Times as text, read. All arithmetic is in whole nanoseconds of 128 bits, so nothing is ever
 * rounded: a text that is finer than a nanosecond is refused.
 */
#include "error.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "timespec.h"

#define SEC(n) ((int64_t)(n)*NSEC_PER_SEC)

/* Names and lengths as in systemd.time(7): a year is 365.25 days and a month a twelfth of it. */
static const struct unit {
	const char *name;
	int64_t nsec;
} units[] = {
	{"ns", 1},
	{"nsec", 1},
	{"us", 1000},
	{"\xc2\xb5s", 1000}, /* micro sign */
	{"\xce\xbcs", 1000}, /* Greek mu */
	{"usec", 1000},
	{"ms", 1000000},
	{"msec", 1000000},
	{"s", SEC(1)},
	{"sec", SEC(1)},
	{"second", SEC(1)},
	{"seconds", SEC(1)},
	{"m", SEC(60)},
	{"min", SEC(60)},
	{"minute", SEC(60)},
	{"minutes", SEC(60)},
	{"h", SEC(3600)},
	{"hr", SEC(3600)},
	{"hour", SEC(3600)},
	{"hours", SEC(3600)},
	{"d", SEC(86400)},
	{"day", SEC(86400)},
	{"days", SEC(86400)},
	{"w", SEC(604800)},
	{"week", SEC(604800)},
	{"weeks", SEC(604800)},
	{"M", SEC(2629800)},
	{"month", SEC(2629800)},
	{"months", SEC(2629800)},
	{"y", SEC(31557600)},
	{"year", SEC(31557600)},
	{"years", SEC(31557600)},
};

/* No span is longer, nor a number of nanoseconds that is one. The lowest second has no positive
 * twin. */
static const __int128 LIMIT = (INT64_MAX + (__int128)1) * NSEC_PER_SEC;

struct parser {
	const char *text, *at;
	const char *complaint;
	int errnum;
	bool negative;
};

/* One number: whole + fraction / scale. */
struct number {
	__int128 whole;
	int64_t fraction, scale;
};

static bool complain(struct parser *p, const char *where, int errnum, const char *complaint)
{
	p->at = where;
	p->errnum = errnum;
	p->complaint = complaint;
	return false;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static void skip_blanks(struct parser *p)
{
	while (*p->at == ' ' || *p->at == '\t')
		p->at++;
}

static bool get_whole(struct parser *p, struct number *n)
{
	const char *start = p->at;

	for (; is_digit(*p->at); p->at++) {
		n->whole = n->whole * 10 + (*p->at - '0');
		if (n->whole >= LIMIT + p->negative)
			return complain(p, start, ERANGE, "is too large");
	}
	return true;
}

/* More than 18 digits that count cannot be whole nanoseconds in any unit. */
static bool get_fraction(struct parser *p, struct number *n)
{
	const char *start = p->at, *last = p->at;

	for (; is_digit(*p->at); p->at++)
		if (*p->at != '0')
			last = p->at + 1;
	if (last - start > 18)
		return complain(p, start, EINVAL, "is finer than a nanosecond");
	for (; start < last; start++) {
		n->fraction = n->fraction * 10 + (*start - '0');
		n->scale *= 10;
	}
	return true;
}

static bool get_number(struct parser *p, struct number *n)
{
	const char *start = p->at;
	bool digits = is_digit(*p->at);

	*n = (struct number){.scale = 1};
	if (!get_whole(p, n))
		return false;
	if (*p->at == '.') {
		p->at++;
		digits |= is_digit(*p->at);
		if (!get_fraction(p, n))
			return false;
	}
	return digits || complain(p, start, EINVAL, "a number was expected");
}

static bool is_unit_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c & 0x80);
}

/* A number alone is seconds; among others it needs its unit, since "1h 30" is a guess. */
static bool get_unit(struct parser *p, bool first, int64_t *nsec)
{
	const char *start = p->at;
	size_t length;

	while (is_unit_char(*p->at))
		p->at++;
	length = (size_t)(p->at - start);
	for (size_t i = 0; length && i < sizeof units / sizeof units[0]; i++)
		if (strlen(units[i].name) == length && !memcmp(units[i].name, start, length)) {
			*nsec = units[i].nsec;
			return true;
		}
	*nsec = NSEC_PER_SEC;
	if (length == 0 && first && *p->at == '\0')
		return true;
	return complain(p, start, EINVAL, "a unit was expected: ns us ms s m h d w month y");
}

static bool get_term(struct parser *p, bool first, __int128 *total)
{
	const char *start = p->at;
	__int128 fraction, whole;
	struct number n;
	int64_t nsec;

	if (!get_number(p, &n))
		return false;
	skip_blanks(p);
	if (!get_unit(p, first, &nsec))
		return false;
	fraction = (__int128)n.fraction * nsec;
	if (fraction % n.scale)
		return complain(p, start, EINVAL, "is finer than a nanosecond");
	if (__builtin_mul_overflow(n.whole, (__int128)nsec, &whole) || whole > LIMIT)
		return complain(p, start, ERANGE, "is too large");
	*total += whole + fraction / n.scale;
	if (*total >= LIMIT + p->negative)
		return complain(p, start, ERANGE, "is too large");
	skip_blanks(p);
	return true;
}

static bool get_terms(struct parser *p, __int128 *total)
{
	*total = 0;
	for (bool first = true; first || *p->at; first = false)
		if (!get_term(p, first, total))
			return false;
	if (p->negative)
		*total = -*total;
	return true;
}

static bool get_span(struct parser *p, __int128 *total)
{
	skip_blanks(p);
	p->negative = *p->at == '-';
	if (p->negative || *p->at == '+')
		p->at++;
	return get_terms(p, total);
}

static __int128 to_nsec(const struct timens_timespec *t)
{
	return (__int128)t->tv_sec * NSEC_PER_SEC + t->tv_nsec;
}

/* A point's name ends where a name cannot go on: "u32-ms-5s" is 5 s before u32-ms. */
static const struct timens_point *get_point(struct parser *p)
{
	size_t count;
	const struct timens_point *points = timens_points(&count);

	for (size_t i = 0; i < count; i++) {
		size_t length = strlen(points[i].name);

		if (!strncmp(p->at, points[i].name, length) && !is_digit(p->at[length]) &&
		    !is_unit_char(p->at[length])) {
			p->at += length;
			return &points[i];
		}
	}
	return NULL;
}

/* "-5s" after a point; nothing is zero. */
static bool get_lead(struct parser *p, __int128 *total)
{
	skip_blanks(p);
	*total = 0;
	if (*p->at == '\0')
		return true;
	if (*p->at != '-' && *p->at != '+')
		return complain(p, p->at, EINVAL, "a sign was expected, as in @u32-ms-5s");
	return get_span(p, total);
}

/* What stands behind the @. */
static bool get_reading(struct parser *p, __int128 *total)
{
	const char *start = p->at;
	const struct timens_point *point = get_point(p);

	if (point) {
		if (!get_lead(p, total))
			return false;
		*total += to_nsec(&point->reading);
	} else if (*p->at && !is_digit(*p->at) && *p->at != '.' && *p->at != ' ') {
		return complain(p, start, EINVAL,
				*start == '-' ? "a clock reads no less than 0"
					      : "a time or the name of a point was expected");
	} else if (!get_span(p, total)) {
		return false;
	}
	if (*total < 0)
		return complain(p, start, ERANGE, "a clock reads no less than 0");
	if (*total >= ((__int128)TIMENS_READING_MAX_SEC + 1) * NSEC_PER_SEC)
		return complain(p, start, ERANGE, "a clock reads no more than 146 years");
	return true;
}

static bool get_time(struct parser *p, unsigned *is_reading, __int128 *total)
{
	const char *start;
	bool reading;

	skip_blanks(p);
	start = p->at;
	reading = *start == '@';
	if (reading && !is_reading)
		return complain(p, p->at, EINVAL, "a reading is not expected here");
	if (is_reading)
		*is_reading = reading;
	if (!reading && get_point(p))
		return complain(p, start, EINVAL, "a point needs an @ in front, as in @u32-ms");
	if (!reading)
		return get_span(p, total);
	p->at++;
	return get_reading(p, total);
}

/* So much of it, but no part of a character of UTF-8, which would make the message none. */
static int beginning(const char *text, size_t most)
{
	size_t n = strnlen(text, most + 1);

	if (n <= most)
		return (int)n;
	for (n = most; n && (text[n] & 0xc0) == 0x80; n--)
		;
	return (int)n;
}

static int parse_fail(struct timens_error *error, const struct parser *p)
{
	timens_fail(error, TIMENS_STAGE_PARSE, -p->errnum, NULL);
	if (error) {
		error->column = (int32_t)(p->at - p->text) + 1;
		snprintf(error->subject, sizeof error->subject, "'%.*s', column %d: %s%s%.*s%s",
			 beginning(p->text, 64), p->text, error->column, p->complaint,
			 *p->at ? ", at '" : ", at the end", beginning(p->at, 16), p->at,
			 *p->at ? "'" : "");
	}
	return -p->errnum;
}

int timens_parse(const char *text, struct timens_timespec *span, unsigned *is_reading,
		 struct timens_error *error)
{
	struct parser p = {.text = text, .at = text};
	unsigned reading = 0;
	__int128 total, sec;

	if (!text || !span)
		return timens_fail_args(error, -EFAULT, "%s is NULL", text ? "span" : "text");
	if (!get_time(&p, is_reading ? &reading : NULL, &total))
		return parse_fail(error, &p);
	sec = total / NSEC_PER_SEC;
	if (total % NSEC_PER_SEC < 0)
		sec--;
	span->tv_sec = (int64_t)sec;
	span->tv_nsec = (int64_t)(total - sec * NSEC_PER_SEC);
	if (is_reading)
		*is_reading = reading;
	return 0;
}
