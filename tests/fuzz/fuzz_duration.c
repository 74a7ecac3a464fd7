/* SPDX-License-Identifier: MIT */
/*
 * Times as text, against a second reading of the grammar that was written from timens.h alone. Its
 * numbers are strings of decimal digits, as on paper: nothing in it can overflow.
 *
 * An input is the text; its last 16 bytes, if there are so many, are also a span to be formatted.
 */
#include <errno.h>

#include "fuzz.h"
#include "timens.h"

#define DIGITS	 512 /* of a number of the reference */
#define TEXT_MAX 400 /* longer texts are nothing new, and would not fit */

/* -- Numbers on paper: digits[0] is the units -- */

struct paper {
	uint8_t digits[DIGITS];
};

static void paper_add_digits(struct paper *sum, const struct paper *other)
{
	unsigned carry = 0;

	for (size_t i = 0; i < DIGITS; i++) {
		carry += sum->digits[i] + (unsigned)other->digits[i];
		sum->digits[i] = (uint8_t)(carry % 10);
		carry /= 10;
	}
	EXPECT(carry == 0, "the paper is too short");
}

/* other must be no larger. */
static void paper_take_off(struct paper *from, const struct paper *other)
{
	int borrow = 0;

	for (size_t i = 0; i < DIGITS; i++) {
		int digit = from->digits[i] - other->digits[i] - borrow;

		borrow = digit < 0;
		from->digits[i] = (uint8_t)(digit + 10 * borrow);
	}
	EXPECT(borrow == 0, "the difference is negative");
}

static void paper_times(struct paper *n, uint64_t factor)
{
	unsigned __int128 carry = 0;

	for (size_t i = 0; i < DIGITS; i++) {
		carry += (unsigned __int128)n->digits[i] * factor;
		n->digits[i] = (uint8_t)(carry % 10);
		carry /= 10;
	}
	EXPECT(carry == 0, "the paper is too short");
}

static int paper_compare(const struct paper *a, const struct paper *b)
{
	for (size_t i = DIGITS; i-- > 0;)
		if (a->digits[i] != b->digits[i])
			return a->digits[i] < b->digits[i] ? -1 : 1;
	return 0;
}

static struct paper paper_of(const char *digits, size_t length)
{
	struct paper n = {{0}};

	EXPECT(length <= DIGITS, "the paper is too short");
	for (size_t i = 0; i < length; i++)
		n.digits[length - 1 - i] = (uint8_t)(digits[i] - '0');
	return n;
}

static struct paper paper_literal(const char *digits)
{
	return paper_of(digits, strlen(digits));
}

/* Drops that many digits at the end; 0 if they were not all zero. */
static int paper_shift(struct paper *n, size_t places)
{
	for (size_t i = 0; i < places; i++)
		if (n->digits[i])
			return 0;
	memmove(n->digits, n->digits + places, DIGITS - places);
	memset(n->digits + DIGITS - places, 0, places);
	return 1;
}

/* -- The grammar -- */

struct value {
	int negative;
	struct paper ns;
};

/* The table of systemd.time(7), in nanoseconds. */
static const struct {
	const char *names;
	uint64_t ns;
} lengths[] = {
	{" ns nsec ", 1},
	{" us usec \xc2\xb5s \xce\xbcs ", 1000},
	{" ms msec ", 1000000},
	{" s sec second seconds ", 1000000000},
	{" m min minute minutes ", 60000000000},
	{" h hr hour hours ", 3600000000000},
	{" d day days ", 86400000000000},
	{" w week weeks ", 604800000000000},
	{" M month months ", 2629800000000000},
	{" y year years ", 31557600000000000},
};

static uint64_t length_of(const char *name, size_t n)
{
	char word[TEXT_MAX + 3];

	snprintf(word, sizeof word, " %.*s ", (int)n, name);
	for (size_t i = 0; n && i < COUNT(lengths); i++)
		if (strstr(lengths[i].names, word))
			return lengths[i].ns;
	return 0;
}

/* What a span may come to: 2^63 seconds less a nanosecond, and below zero 2^63 seconds. */
static struct paper highest(int negative)
{
	return paper_literal(negative ? "9223372036854775808000000000"
				      : "9223372036854775807999999999");
}

static const char decimal[] = "0123456789", letters[] = "abcdefghijklmnopqrstuvwxyz"
							"ABCDEFGHIJKLMNOPQRSTUVWXYZ";

static size_t span_of_letters(const char *at)
{
	size_t n = 0;

	while (at[n] && (strchr(letters, at[n]) || (uint8_t)at[n] >= 0x80))
		n++;
	return n;
}

/* A number and its unit. 0 or -errno. */
static int read_term(const char **at, int is_first, struct value *value)
{
	size_t whole = strspn(*at, decimal), places = 0, unit;
	char digits[TEXT_MAX];
	struct paper n = paper_of(*at, whole), limit = highest(value->negative);
	uint64_t ns;

	/* As nanoseconds already, so in any unit. */
	if (paper_compare(&n, &limit) > 0)
		return -ERANGE;
	memcpy(digits, *at, whole);
	*at += whole;
	if (**at == '.') {
		places = strspn(++*at, decimal);
		memcpy(digits + whole, *at, places);
		*at += places;
	}
	if (whole + places == 0)
		return -EINVAL;
	*at += strspn(*at, " \t");
	unit = span_of_letters(*at);
	ns = length_of(*at, unit);
	if (!unit && is_first && !**at)
		ns = 1000000000;
	*at += unit;
	if (!ns)
		return -EINVAL;
	n = paper_of(digits, whole + places);
	paper_times(&n, ns);
	if (!paper_shift(&n, places))
		return -EINVAL;
	paper_add_digits(&value->ns, &n);
	*at += strspn(*at, " \t");
	return paper_compare(&value->ns, &limit) > 0 ? -ERANGE : 0;
}

static int read_span(const char *at, struct value *value)
{
	int r, is_first = 1;

	at += strspn(at, " \t");
	*value = (struct value){.negative = *at == '-'};
	at += *at == '-' || *at == '+';
	do {
		r = read_term(&at, is_first, value);
		is_first = 0;
	} while (r == 0 && *at);
	return r;
}

/* sum += other */
static void add_value(struct value *sum, const struct value *other)
{
	struct value old = *sum;

	if (sum->negative == other->negative) {
		paper_add_digits(&sum->ns, &other->ns);
	} else if (paper_compare(&sum->ns, &other->ns) >= 0) {
		paper_take_off(&sum->ns, &other->ns);
	} else {
		*sum = *other;
		paper_take_off(&sum->ns, &old.ns);
	}
}

static struct value value_of(const struct timens_timespec *t)
{
	char digits[64];
	struct value value = {.negative = t->tv_sec < 0}, part = {0};

	snprintf(digits, sizeof digits, "%llu000000000",
		 value.negative ? 0 - (unsigned long long)t->tv_sec
				: (unsigned long long)t->tv_sec);
	value.ns = paper_literal(digits);
	snprintf(digits, sizeof digits, "%lld", (long long)t->tv_nsec);
	part.ns = paper_literal(digits);
	add_value(&value, &part);
	return value;
}

static const struct timens_point *point_at(const char *text)
{
	size_t count;
	const struct timens_point *points = timens_points(&count);

	for (size_t i = 0; i < count; i++) {
		size_t n = strlen(points[i].name);

		if (!strncmp(text, points[i].name, n) && !span_of_letters(text + n) &&
		    !strspn(text + n, decimal))
			return &points[i];
	}
	return NULL;
}

static int read_reading(const char *at, struct value *value)
{
	const struct timens_point *point = point_at(at);
	struct paper top = paper_literal("4611686018999999999");
	struct value named;
	int r = 0;

	if (!point) {
		if (*at && !strchr("0123456789. ", *at))
			return -EINVAL;
		r = read_span(at, value);
	} else {
		at += strlen(point->name);
		at += strspn(at, " \t");
		*value = (struct value){0};
		if (*at && *at != '-' && *at != '+')
			return -EINVAL;
		if (*at)
			r = read_span(at, value);
		named = value_of(&point->reading);
		if (r == 0)
			add_value(value, &named);
	}
	if (r < 0)
		return r;
	if (value->negative && paper_compare(&value->ns, &(struct paper){{0}}) != 0)
		return -ERANGE;
	return paper_compare(&value->ns, &top) > 0 ? -ERANGE : 0;
}

static int read_time(const char *text, int readings, unsigned *is_reading, struct value *value)
{
	text += strspn(text, " \t");
	*is_reading = *text == '@';
	if (!*is_reading)
		return read_span(text, value);
	return readings ? read_reading(text + 1, value) : -EINVAL;
}

/* -- The comparison -- */

static int same_value(const struct value *a, const struct timens_timespec *b)
{
	struct value other = value_of(b);

	if (paper_compare(&a->ns, &other.ns) != 0)
		return 0;
	return a->negative == other.negative || !paper_compare(&a->ns, &(struct paper){{0}});
}

static void check_format(const struct timens_timespec *span)
{
	char text[TIMENS_SPAN_TEXT_MAX];
	struct timens_timespec again;
	int length = timens_format(span, text, sizeof text);

	EXPECT(length > 0 && length < (int)sizeof text, "%d", length);
	EXPECT(timens_parse(text, &again, NULL, NULL) == 0, "'%s'", text);
	EXPECT(again.tv_sec == span->tv_sec && again.tv_nsec == span->tv_nsec, "'%s'", text);
}

static int is_utf8(const char *text)
{
	static const char *const heads[] = {"\xc0\xe0", "\xe0\xf0", "\xf0\xf8"};
	uint8_t c;

	for (; (c = (uint8_t)*text); text++) {
		if (c >= 0xf8 || (c >= 0x80 && c < 0xc0))
			return 0;
		for (size_t i = 0; i < COUNT(heads); i++)
			if (c >= (uint8_t)heads[i][0] && c < (uint8_t)heads[i][1])
				for (size_t more = i + 1; more; more--)
					if (((uint8_t) * ++text & 0xc0) != 0x80)
						return 0;
	}
	return 1;
}

static void check_error(const char *text, int r, const struct timens_error *error)
{
	char message[TIMENS_ERROR_TEXT_MAX];

	EXPECT(error->errnum == -r && error->stage == TIMENS_STAGE_PARSE, "'%s'", text);
	EXPECT(error->column >= 1 && error->column <= (int)strlen(text) + 1, "'%s': column %d",
	       text, error->column);
	EXPECT(timens_error_text(error, message, sizeof message) < (int)sizeof message, "'%s'",
	       text);
	/* Where the text may be quoted from. */
	EXPECT(!is_utf8(text) || is_utf8(message), "'%s': '%s'", text, message);
}

static void check_parse(const char *text, int readings)
{
	struct timens_timespec span = {-7, -7};
	struct timens_error error = {0};
	struct value expected;
	unsigned is_reading = 7, expected_reading;
	int want = read_time(text, readings, &expected_reading, &expected);
	int r = timens_parse(text, &span, readings ? &is_reading : NULL, &error);

	EXPECT(r == want, "'%s': %d, the reference has %d", text, r, want);
	if (r < 0) {
		EXPECT(span.tv_sec == -7 && span.tv_nsec == -7 && is_reading == 7, "'%s'", text);
		check_error(text, r, &error);
		return;
	}
	EXPECT(!readings || is_reading == expected_reading, "'%s'", text);
	EXPECT(same_value(&expected, &span), "'%s': %lld s %lld ns", text, (long long)span.tv_sec,
	       (long long)span.tv_nsec);
	check_format(&span);
}

/* Any span, normalised or not. */
static void check_raw(const uint8_t *bytes)
{
	char text[TIMENS_SPAN_TEXT_MAX];
	struct timens_timespec span;

	memcpy(&span, bytes, sizeof span);
	if (span.tv_nsec < 0 || span.tv_nsec > 999999999)
		EXPECT(timens_format(&span, text, sizeof text) == -EINVAL, "unnormalised");
	else
		check_format(&span);
	span.tv_nsec &= 0x1fffffff;
	check_format(&span);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (size > TEXT_MAX)
		return 0;
	text = malloc(size + 1);
	EXPECT(text, "not enough memory");
	memcpy(text, data, size);
	text[size] = '\0';
	check_parse(text, 1);
	check_parse(text, 0);
	free(text);
	if (size >= sizeof(struct timens_timespec))
		check_raw(data + size - sizeof(struct timens_timespec));
	return 0;
}
