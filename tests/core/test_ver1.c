/* SPDX-License-Identifier: MIT */
/*
 * A version of the header that does not exist, with one more clock, against the one that does. This
 * file is built twice: as a new program with this library, and as an old program with a new
 * library.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "timens.h"

#ifdef TIMENS_OFFSETS_SIZE_VER1
#define PROGRAM_KNOWS TIMENS_OFFSETS_SIZE_VER1
#define LIBRARY_KNOWS TIMENS_OFFSETS_SIZE_VER0
#else
#define PROGRAM_KNOWS TIMENS_OFFSETS_SIZE_VER0
#define LIBRARY_KNOWS 48
#endif

static const char *const true_argv[] = {"/bin/true", NULL};

static int start(const void *offsets, size_t size, struct timens_error *error)
{
	struct timens_spawn_args args = {
		.argv = true_argv, .offsets = offsets, .offsets_size = size};
	struct timens_process process;
	int r = timens_spawn(&args, sizeof args, &process, error);

	if (r == 0)
		assert_int_equal(timens_wait(&process, NULL, NULL, NULL), 0);
	return r;
}

static void what_both_know(void **state)
{
	struct timens_offsets offsets = {.clock_boottime = {86400, 1}};
	struct timens_error error;

	(void)state;
	assert_int_equal(sizeof offsets, PROGRAM_KNOWS);
	assert_int_equal(start(&offsets, sizeof offsets, &error), 0);
}

static void what_only_one_knows(void **state)
{
	union {
		struct timens_offsets known;
		unsigned char bytes[64];
	} o = {.known = {.clock_boottime = {86400, 1}}};
	struct timens_error error;
	int r;

	(void)state;
	assert_int_equal(start(&o, 48, &error), 0);
	o.bytes[40] = 1;
	r = start(&o, 48, &error);
	assert_int_equal(r, LIBRARY_KNOWS == 48 ? 0 : -E2BIG);
	if (r < 0)
		assert_non_null(strstr(error.subject, "byte 40 of 48"));
	/* Past what either knows. */
	o.bytes[40] = 0;
	o.bytes[56] = 1;
	assert_int_equal(start(&o, 64, &error), -E2BIG);
	assert_non_null(strstr(error.subject, "byte 56 of 64"));
}

static void what_is_handed_out(void **state)
{
	struct timens_offsets offsets;
	unsigned char *bytes = (unsigned char *)&offsets;

	(void)state;
	memset(&offsets, 0xaa, sizeof offsets);
	assert_int_equal(timens_read(0, &offsets, sizeof offsets, NULL), 0);
	/* A member that an old library does not know is zero, and not left as it was. */
	for (size_t i = TIMENS_OFFSETS_SIZE_VER0; i < sizeof offsets; i++)
		assert_int_equal(bytes[i], 0);
	assert_true(offsets.clock_boottime.tv_nsec < 1000000000);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_both_know),
		cmocka_unit_test(what_only_one_knows),
		cmocka_unit_test(what_is_handed_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
