/* SPDX-License-Identifier: MIT */
/* Times as text, by the vectors that all languages share. */
#include "helpers.h"

/* A member that is missing or of another type must not read as zero. */
static json_int_t get_integer(const json_t *row, const char *member)
{
	const json_t *value = json_object_get(row, member);

	assert_true(json_is_integer(value));
	return json_integer_value(value);
}

static const char *get_text(const json_t *row, const char *member)
{
	const char *text = json_string_value(json_object_get(row, member));

	assert_non_null(text);
	return text;
}

static struct timens_timespec get_span(const json_t *row)
{
	return (struct timens_timespec){get_integer(row, "sec"), get_integer(row, "nsec")};
}

static void assert_parses(const char *text, struct timens_timespec expected)
{
	struct timens_timespec span = {-7, -7};
	unsigned is_reading = 7;
	struct timens_error error;

	if (timens_parse(text, &span, &is_reading, &error) < 0)
		fail_msg("'%s' was refused: %s", text, error.subject);
	assert_int_equal(is_reading, strchr(text, '@') != NULL);
	if (compare_spans(span, expected) != 0)
		fail_msg("'%s' was read as %ld s %ld ns", text, span.tv_sec, span.tv_nsec);
}

static void assert_refused(const char *text, int errnum, json_int_t column)
{
	struct timens_timespec span = {-7, -7};
	char message[TIMENS_ERROR_TEXT_MAX], where[32];
	struct timens_error error;
	unsigned is_reading = 7;
	int r = timens_parse(text, &span, &is_reading, &error);

	if (r != -errnum || error.column != column)
		fail_msg("'%s': result %d, column %d", text, r, error.column);
	assert_int_equal(error.errnum, errnum);
	assert_string_equal(timens_stage_name(error.stage), "parse");
	assert_int_equal(span.tv_sec, -7);
	assert_int_equal(span.tv_nsec, -7);
	assert_int_equal(is_reading, 7);
	snprintf(where, sizeof where, "column %d: ", error.column);
	timens_error_text(&error, message, sizeof message);
	assert_contains(message, where);
}

static void assert_formats(struct timens_timespec span, const char *expected)
{
	char text[TIMENS_SPAN_TEXT_MAX] = "", small[4] = "???";

	assert_int_equal(timens_format(&span, text, sizeof text), strlen(expected));
	assert_string_equal(text, expected);
	/* As snprintf: the length that it would have, and what fits. */
	assert_int_equal(timens_format(&span, small, sizeof small), strlen(expected));
	assert_int_equal(strncmp(small, expected, 3), 0);
	assert_int_equal(small[3], '\0');
}

static void check_ok(const json_t *row)
{
	assert_parses(get_text(row, "text"), get_span(row));
}

static void check_message(const json_t *row)
{
	struct timens_timespec span;
	struct timens_error error;
	unsigned reading;

	assert_true(timens_parse(get_text(row, "text"), &span, &reading, &error) < 0);
	assert_contains(error.subject, get_text(row, "says"));
}

static void check_bad(const json_t *row)
{
	const char *name = get_text(row, "errno");

	assert_true(!strcmp(name, "EINVAL") || !strcmp(name, "ERANGE"));
	assert_refused(get_text(row, "text"), !strcmp(name, "EINVAL") ? EINVAL : ERANGE,
		       get_integer(row, "column"));
	if (json_object_get(row, "says"))
		check_message(row);
}

static void check_format(const json_t *row)
{
	assert_formats(get_span(row), get_text(row, "text"));
}

static void assert_each(const char *list, void (*check)(const json_t *row))
{
	json_t *rows = assert_vectors("durations.json", list), *row;
	size_t i;

	json_array_foreach(rows, i, row) check(row);
	json_decref(rows);
}

static void vectors(void **state)
{
	struct timens_timespec billion = {0, 1000000000}, negative = {0, -1};
	char text[TIMENS_SPAN_TEXT_MAX];

	assert_each("ok", check_ok);
	assert_each("readings", check_ok);
	assert_each("bad", check_bad);
	assert_each("format", check_format);
	assert_int_equal(timens_format(&billion, text, sizeof text), -EINVAL);
	assert_int_equal(timens_format(&negative, text, sizeof text), -EINVAL);
}

static void readings_where_none_is_expected(void **state)
{
	struct timens_timespec span;
	struct timens_error error;

	assert_int_equal(timens_parse(" @5s", &span, NULL, &error), -EINVAL);
	assert_int_equal(error.column, 2);
	assert_contains(error.subject, "not expected");
}

static void assert_reads_back(struct timens_timespec span)
{
	char text[TIMENS_SPAN_TEXT_MAX];

	assert_in_range(timens_format(&span, text, sizeof text), 1, sizeof text - 1);
	assert_parses(text, span);
}

static void format_reads_back(void **state)
{
	static const int64_t nsec[] = {0, 1, 10, 500000000, 123456789, 999999999};
	static const int64_t edges[] = {0, 1, -1, INT64_MAX, INT64_MIN, INT64_MIN + 1};
	/* Any numbers will do, as long as they are the same each time. */
	uint64_t random = 20200301;

	for (size_t n = 0; n < COUNT(nsec); n++) {
		for (size_t i = 0; i < COUNT(edges); i++)
			assert_reads_back((struct timens_timespec){edges[i], nsec[n]});
		for (int i = 0; i < 2000; i++) {
			random = random * 6364136223846793005U + 1442695040888963407U;
			assert_reads_back((struct timens_timespec){
				(int64_t)random >> (random >> 33) % 60, nsec[n]});
		}
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors),
		cmocka_unit_test(readings_where_none_is_expected),
		cmocka_unit_test(format_reads_back),
	};

	return cmocka_run_group_tests(tests, need_programs, NULL);
}
