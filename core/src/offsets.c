/* SPDX-License-Identifier: MIT */
#include "offsets.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "error.h"
#include "timespec.h"

/* One constant per published layout, never changed. */
_Static_assert(sizeof(void *) == 8, "timens is for 64-bit Linux");
_Static_assert(sizeof(struct timens_timespec) == 16, "ABI");
#define END_OF(type, member) (offsetof(struct type, member) + sizeof(((struct type *)0)->member))
_Static_assert(END_OF(timens_offsets, clock_monotonic) == TIMENS_OFFSETS_SIZE_VER0, "ABI");
_Static_assert(END_OF(timens_spawn_args, reserved) == TIMENS_SPAWN_ARGS_SIZE_VER0, "ABI");
_Static_assert(END_OF(timens_support, reserved) == TIMENS_SUPPORT_SIZE_VER0, "ABI");
/* The stride of the table of points, which a program has compiled in. */
_Static_assert(sizeof(struct timens_point) == 64, "ABI");
/* No padding, in which a program could leave dirt. */
_Static_assert(sizeof(struct timens_fd) == 8, "ABI");
_Static_assert(sizeof(struct timens_rlimit) == 24, "ABI");
_Static_assert(sizeof(struct timens_id_map) == 12, "ABI");
_Static_assert(sizeof(struct timens_process) == 32, "ABI");
_Static_assert(sizeof(struct timens_error) == 256, "ABI");

int timens_check_output(const void *dst, size_t size, size_t first, const char *what,
			struct timens_error *error)
{
	if (size < first)
		return timens_fail_args(error, -EINVAL,
					"%s of %zu bytes is shorter than its first version, %zu",
					what, size, first);
	return dst ? 0 : timens_fail_args(error, -EFAULT, "%s is NULL", what);
}

int timens_check_size(const void *src, size_t size, size_t first, const char *what,
		      struct timens_error *error)
{
	if (size > (size_t)getpagesize())
		return timens_fail_args(error, -E2BIG, "%s of %zu bytes is over a page", what,
					size);
	return timens_check_output(src, size, first, what, error);
}

int timens_take_struct(void *dst, size_t known, size_t first, const void *src, size_t size,
		       const char *what, struct timens_error *error)
{
	const unsigned char *bytes = src;
	int r = timens_check_size(src, size, first, what, error);

	if (r < 0)
		return r;
	for (size_t i = known; i < size; i++)
		if (bytes[i])
			return timens_fail_args(error, -E2BIG,
						"%s asks for something newer than this library "
						"(byte %zu of %zu is not zero)",
						what, i, size);
	memset(dst, 0, known);
	memcpy(dst, src, size < known ? size : known);
	return 0;
}

void timens_give_struct(void *dst, size_t size, const void *src, size_t known)
{
	memset(dst, 0, size);
	memcpy(dst, src, size < known ? size : known);
}

/* What a clock may be made to read. */
static bool is_reading(const struct timens_timespec *t)
{
	return t->tv_sec >= 0 && t->tv_sec <= TIMENS_READING_MAX_SEC;
}

struct timens_timespec timens_clock_now(clockid_t clock)
{
	struct timespec now = {0, 0};

	clock_gettime(clock, &now);
	return (struct timens_timespec){now.tv_sec, now.tv_nsec};
}

/* The kernel's own rule (proc_timens_set_offset), tried here first because its answer names
 * neither clock nor limit, and because it reads seconds past 64 bits as something else. It still
 * has the last word: the clock goes on until the write. */
static int check_clock(int clock, const struct timens_timespec *offset, struct timens_error *error)
{
	struct timens_timespec reading = {0, 0}, sum;

	if (!timens_is_nsec(offset->tv_nsec))
		return timens_fail_clock(error, -EINVAL, clock, offset, &reading);
	reading = timens_clock_now(clock);
	if (timens_timespec_add(&reading, offset, &sum) < 0 || !is_reading(&sum))
		return timens_fail_clock(error, -ERANGE, clock, offset, &reading);
	return 0;
}

int timens_take_offsets(struct timens_offsets *dst, const void *src, size_t size,
			struct timens_error *error)
{
	int r = timens_take_struct(dst, sizeof *dst, TIMENS_OFFSETS_SIZE_VER0, src, size, "offsets",
				   error);

	if (r == 0)
		r = check_clock(CLOCK_BOOTTIME, &dst->clock_boottime, error);
	if (r == 0)
		r = check_clock(CLOCK_MONOTONIC, &dst->clock_monotonic, error);
	return r;
}

int timens_offset_to(clockid_t clock, const struct timens_timespec *reading,
		     struct timens_timespec *offset, struct timens_error *error)
{
	struct timens_timespec now;

	if (clock != CLOCK_BOOTTIME && clock != CLOCK_MONOTONIC)
		return timens_fail_args(error, -EINVAL,
					"clock %d is not CLOCK_BOOTTIME or CLOCK_MONOTONIC", clock);
	if (!reading || !offset)
		return timens_fail_args(error, -EFAULT, "%s is NULL",
					reading ? "offset" : "reading");
	if (!timens_is_nsec(reading->tv_nsec))
		return timens_fail_args(error, -EINVAL,
					"reading: tv_nsec is %lld and must be 0 to 999999999",
					(long long)reading->tv_nsec);
	if (!is_reading(reading))
		return timens_fail_args(
			error, -ERANGE, "reading of %lld s: a clock reads 0 to %lld s (146 years)",
			(long long)reading->tv_sec, (long long)TIMENS_READING_MAX_SEC);
	now = timens_clock_now(clock);
	return timens_timespec_sub(reading, &now, offset);
}
