/* SPDX-License-Identifier: MIT */
/* A reading turned into an offset, at the moment of the call. */
#include "helpers.h"

static void assert_leads_to(clockid_t clock, struct timens_timespec reading)
{
	struct timens_timespec before = now(clock), offset, seen;

	assert_int_equal(timens_offset_to(clock, &reading, &offset, NULL), 0);
	assert_in_range(offset.tv_nsec, 0, 999999999);
	/* The clock read reading - offset just then. */
	seen = subtract_spans(reading, offset);
	assert_true(compare_spans(before, seen) <= 0);
	assert_true(compare_spans(seen, now(clock)) <= 0);
}

static void reading_minus_now(void **state)
{
	static const struct timens_timespec readings[] = {
		{0, 0}, {0, 1}, {4294967, 296000000}, {1000000, 999999999}, {4611686018, 0}};

	for (size_t i = 0; i < COUNT(readings); i++) {
		assert_leads_to(CLOCK_BOOTTIME, readings[i]);
		assert_leads_to(CLOCK_MONOTONIC, readings[i]);
	}
}

static void program_reads_it(void **state)
{
	struct timens_timespec target = {4294967, 296000000};
	struct timens_offsets offsets = {0};
	struct capture c;
	long sec, nsec;

	assert_int_equal(timens_offset_to(CLOCK_BOOTTIME, &target, &offsets.clock_boottime, NULL),
			 0);
	assert_runs(
		&(struct timens_spawn_args){.argv = ARGV(test_program("clocks")), WITH(&offsets)},
		&c);
	assert_non_null(strstr(c.out, "reading boottime"));
	assert_int_equal(
		sscanf(strstr(c.out, "reading boottime"), "reading boottime %ld %ld", &sec, &nsec),
		2);
	/* Not before it, and not a minute later. */
	assert_true(compare_spans((struct timens_timespec){sec, nsec}, target) >= 0);
	assert_in_range(sec, target.tv_sec, target.tv_sec + 60);
}

static void assert_refused(clockid_t clock, struct timens_timespec reading, int errnum,
			   const char *part)
{
	struct timens_timespec offset = {-7, -7};
	struct timens_error error = {.stage = -1};

	assert_int_equal(timens_offset_to(clock, &reading, &offset, &error), -errnum);
	assert_string_equal(timens_stage_name(error.stage), "args");
	assert_contains(error.subject, part);
	assert_int_equal(offset.tv_sec, -7);
}

static void bad_readings(void **state)
{
	struct timens_timespec good = {5, 0};

	assert_refused(CLOCK_REALTIME, good, EINVAL, "CLOCK_BOOTTIME");
	assert_refused(CLOCK_BOOTTIME, (struct timens_timespec){0, 1000000000}, EINVAL,
		       "1000000000");
	assert_refused(CLOCK_BOOTTIME, (struct timens_timespec){0, -1}, EINVAL, "tv_nsec");
	assert_refused(CLOCK_MONOTONIC, (struct timens_timespec){-1, 999999999}, ERANGE,
		       "146 years");
	assert_refused(CLOCK_MONOTONIC, (struct timens_timespec){4611686019, 0}, ERANGE,
		       "146 years");
	assert_int_equal(timens_offset_to(CLOCK_BOOTTIME, NULL, &good, NULL), -EFAULT);
	assert_int_equal(timens_offset_to(CLOCK_BOOTTIME, &good, NULL, NULL), -EFAULT);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(reading_minus_now),
		cmocka_unit_test(program_reads_it),
		cmocka_unit_test(bad_readings),
	};

	return cmocka_run_group_tests(tests, need_programs, NULL);
}
