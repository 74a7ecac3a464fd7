/* SPDX-License-Identifier: MIT */
/* The rollover points: the table of all languages, and a program that starts just before each. */
#include "helpers.h"

static const struct timens_point *find(const char *name)
{
	size_t count = 0;
	const struct timens_point *points = timens_points(&count);

	for (size_t i = 0; i < count; i++)
		if (!strcmp(points[i].name, name))
			return &points[i];
	fail_msg("there is no point '%s'", name);
	return NULL;
}

static void the_shared_table(void **state)
{
	json_t *rows = assert_vectors("durations.json", "points"), *row;
	size_t count = 0, i;

	assert_non_null(timens_points(&count));
	assert_ptr_equal(timens_points(NULL), timens_points(&count));
	assert_int_equal(json_array_size(rows), count);
	json_array_foreach(rows, i, row)
	{
		const struct timens_point *p = &timens_points(NULL)[i];

		assert_string_equal(p->name, json_string_value(json_object_get(row, "name")));
		assert_int_equal(p->reading.tv_sec,
				 json_integer_value(json_object_get(row, "sec")));
		assert_int_equal(p->reading.tv_nsec,
				 json_integer_value(json_object_get(row, "nsec")));
	}
	json_decref(rows);
}

static void ascending_and_described(void **state)
{
	size_t count = 0;
	const struct timens_point *p = timens_points(&count);

	assert_true(count >= 11);
	for (size_t i = 0; i < count; i++) {
		assert_true(*p[i].counter && *p[i].effect);
		assert_non_null(p[i].reported);
		assert_null(p[i].reserved[0]);
		assert_null(p[i].reserved[1]);
		if (i)
			assert_true(compare_spans(p[i - 1].reading, p[i].reading) < 0);
	}
}

/* From the type and the unit. */
static void assert_reading(const char *name, unsigned __int128 ticks, int64_t ticks_per_sec)
{
	const struct timens_point *p = find(name);
	unsigned __int128 nsec = ticks * 1000000000 / (unsigned __int128)ticks_per_sec;

	assert_int_equal(p->reading.tv_sec, (int64_t)(nsec / 1000000000));
	assert_int_equal(p->reading.tv_nsec, (int64_t)(nsec % 1000000000));
}

static void exact_to_the_nanosecond(void **state)
{
	const unsigned __int128 one = 1;

	assert_reading("u32-us", one << 32, 1000000);
	assert_reading("i32-ms", one << 31, 1000);
	assert_reading("u32-ms", one << 32, 1000);
	assert_reading("f64-ns", one << 53, 1000000000);
	assert_reading("f32-s", one << 24, 1);
	assert_reading("i32-cs", one << 31, 100);
	assert_reading("u32-cs", one << 32, 100);
	assert_reading("i32-s", one << 31, 1);
	assert_reading("u32-s", one << 32, 1);
	assert_reading("max", TIMENS_READING_MAX_SEC, 1);
}

/* Five seconds before it; at it, where before is nothing, and where after is nothing. */
static void programs_start_there(void **state)
{
	size_t count = 0;
	const struct timens_point *p = timens_points(&count);

	for (size_t i = 0; i < count; i++) {
		struct timens_timespec target = p[i].reading;
		struct timens_offsets offsets = {0};
		struct timens_spawn_args args = {WITH(&offsets)};
		struct capture c;

		target.tv_sec -= target.tv_sec ? 5 : 0;
		assert_int_equal(
			timens_offset_to(CLOCK_MONOTONIC, &target, &offsets.clock_monotonic, NULL),
			0);
		assert_int_equal(
			timens_offset_to(CLOCK_BOOTTIME, &target, &offsets.clock_boottime, NULL),
			0);
		assert_clocks(&args, &c, own_offsets());
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_shared_table),
		cmocka_unit_test(ascending_and_described),
		cmocka_unit_test(exact_to_the_nanosecond),
		cmocka_unit_test(programs_start_there),
	};

	return cmocka_run_group_tests(tests, need_programs, NULL);
}
