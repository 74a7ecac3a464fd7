/* SPDX-License-Identifier: MIT */
/*
 * Structs versioned by their size, by the rules of copy_struct_from_user: one matrix for all that
 * the library takes in. Each struct ends where memory ends, so that a byte read too many is a
 * crash, and stands at every address, aligned or not.
 */
#include <linux/sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "helpers.h"

#define MISALIGNMENTS 13

static const struct timens_offsets asked = {{86400, 1}, {172800, 2}};

/* -- The structs: a call with one of `size` bytes at `at` -- */

static int start_and_wait(const struct timens_spawn_args *args, size_t size)
{
	struct timens_process process;
	struct timens_error error = {.stage = -1};
	int r = timens_spawn(args, size, &process, &error);

	if (r == 0)
		assert_int_equal(timens_wait(&process, NULL, NULL, NULL), 0);
	else
		assert_string_equal(timens_stage_name(error.stage), "args");
	return r;
}

static int take_spawn_args(void *at, size_t size)
{
	return start_and_wait(at, size);
}

static int take_offsets(void *at, size_t size)
{
	struct timens_spawn_args args = {
		.argv = ARGV("/bin/true"), .offsets = at, .offsets_size = size};

	return start_and_wait(&args, sizeof args);
}

static int take_clone_args(void *at, size_t size)
{
	struct timens_error error;
	int r = timens_clone3(at, size, NULL, 0, &error);

	if (r == 0)
		_exit(0);
	if (r > 0)
		assert_int_equal(waitpid(r, NULL, 0), r);
	return r > 0 ? 0 : r;
}

static const char *true_argv[] = {"/bin/true", NULL};
static const struct timens_spawn_args spawn_args = {.argv = true_argv};
static const struct clone_args clone_args = {.exit_signal = SIGCHLD};

static const struct kind {
	const char *name;
	const void *good;
	size_t known, ver0;
	int (*take)(void *at, size_t size);
} kinds[] = {
	{"offsets", &asked, sizeof asked, TIMENS_OFFSETS_SIZE_VER0, take_offsets},
	{"spawn_args", &spawn_args, sizeof spawn_args, TIMENS_SPAWN_ARGS_SIZE_VER0,
	 take_spawn_args},
	{"clone_args", &clone_args, CLONE_ARGS_SIZE_VER2, CLONE_ARGS_SIZE_VER0, take_clone_args},
};

/* -- Memory that ends -- */

static unsigned char *memory_end(void)
{
	static unsigned char *end;
	size_t page = (size_t)getpagesize();
	void *at;

	if (end)
		return end;
	at = mmap(NULL, 4 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(at != MAP_FAILED);
	end = (unsigned char *)at + 3 * page;
	assert_int_equal(mprotect(end, page, PROT_NONE), 0);
	return end;
}

/* The good struct, cut or lengthened with zeros to `size` bytes. */
static unsigned char *place(const struct kind *k, size_t size, size_t slack)
{
	unsigned char *at = memory_end() - slack - size;

	memset(at, 0, size);
	memcpy(at, k->good, size < k->known ? size : k->known);
	return at;
}

/* -- The matrix -- */

static size_t base_of(const struct kind *k, const char *base)
{
	if (!strcmp(base, "known"))
		return k->known;
	if (!strcmp(base, "ver0"))
		return k->ver0;
	if (!strcmp(base, "page"))
		return (size_t)getpagesize();
	return !strcmp(base, "max") ? SIZE_MAX : 0;
}

static size_t dirty_byte(const struct kind *k, size_t size, const char *which)
{
	if (!strcmp(which, "first"))
		return k->known;
	return !strcmp(which, "last") ? size - 1 : (k->known + size) / 2;
}

static int errno_of(const json_t *row)
{
	const char *name = json_string_value(json_object_get(row, "errno"));

	if (!name)
		return 0;
	assert_true(!strcmp(name, "EINVAL") || !strcmp(name, "E2BIG"));
	return !strcmp(name, "EINVAL") ? EINVAL : E2BIG;
}

static void check_row(const struct kind *k, const json_t *row, size_t slack)
{
	const char *base = json_string_value(json_object_get(row, "base"));
	const char *dirty = json_string_value(json_object_get(row, "dirty"));
	size_t size = base_of(k, base) + (size_t)json_integer_value(json_object_get(row, "add"));
	/* No memory is that large; what is refused by its size alone is never read. */
	unsigned char *at = place(k, size == SIZE_MAX ? k->known : size, slack);
	int r;

	if (dirty)
		at[dirty_byte(k, size, dirty)] = 1;
	r = k->take(at, size);
	if (r != -errno_of(row))
		fail_msg("%s, %s, %zu bytes from the end: %d", k->name,
			 json_string_value(json_object_get(row, "name")), slack, r);
}

static void matrix(void **state)
{
	json_t *rows = assert_vectors("sizes.json", "cases"), *row;
	size_t i;

	for (size_t k = 0; k < COUNT(kinds); k++)
		json_array_foreach(rows, i, row) for (size_t slack = 0; slack <= MISALIGNMENTS;
						      slack++) check_row(&kinds[k], row, slack);
	json_decref(rows);
}

/* -- When two things are wrong -- */

static void which_error_wins(void **state)
{
	size_t page = (size_t)getpagesize();
	struct timens_spawn_args args = {.argv = true_argv, .offsets = &asked, .offsets_size = 31};
	struct clone_args shared = {.flags = CLONE_VM};

	for (size_t k = 0; k < COUNT(kinds); k++) {
		unsigned char *at = place(&kinds[k], page + 1, 0);

		/* Size before presence, presence before content. */
		assert_int_equal(kinds[k].take(NULL, page + 1), -E2BIG);
		assert_int_equal(kinds[k].take(NULL, kinds[k].ver0 - 1), -EINVAL);
		assert_int_equal(kinds[k].take(NULL, kinds[k].ver0), -EFAULT);
		/* Too long before dirty. */
		at[page] = 1;
		assert_int_equal(kinds[k].take(at, page + 1), -E2BIG);
	}
	/* The outer struct before what it points to. */
	args.flags = UINT64_C(1) << 63;
	assert_int_equal(start_and_wait(&args, sizeof args - 1), -EINVAL);
	assert_int_equal(start_and_wait(&args, sizeof args), -EINVAL);
	args.flags = 0;
	args.argv = NULL;
	args.offsets_size = page + 1;
	assert_int_equal(start_and_wait(&args, sizeof args), -EINVAL);
	args.argv = true_argv;
	assert_int_equal(start_and_wait(&args, sizeof args), -E2BIG);
	assert_int_equal(timens_clone3(&shared, sizeof shared, &asked, page + 1, NULL), -EINVAL);
}

/* -- What the library hands out -- */

static void outputs(void **state)
{
	static const size_t sizes[] = {32, 40, 64};
	union {
		struct timens_offsets offsets;
		struct timens_support support;
		unsigned char bytes[80];
	} out;

	for (size_t i = 0; i < COUNT(sizes); i++) {
		memset(&out, 0xaa, sizeof out);
		assert_int_equal(timens_read(0, &out.offsets, sizes[i], NULL), 0);
		for (size_t b = sizeof out.offsets; b < sizeof out.bytes; b++)
			assert_int_equal(out.bytes[b], b < sizes[i] ? 0 : 0xaa);
		memset(&out, 0xaa, sizeof out);
		assert_int_equal(timens_support(&out.support, sizes[i], NULL), 0);
		for (size_t b = sizeof out.support; b < sizeof out.bytes; b++)
			assert_int_equal(out.bytes[b], b < sizes[i] ? 0 : 0xaa);
	}
	memset(&out, 0xaa, sizeof out);
	assert_int_equal(timens_read(0, &out.offsets, 31, NULL), -EINVAL);
	assert_int_equal(timens_support(&out.support, 31, NULL), -EINVAL);
	assert_int_equal(out.bytes[0], 0xaa);
	/* Before anything is looked for, as of what is handed in: size, then presence. */
	assert_int_equal(timens_read(999999999, NULL, 31, NULL), -EINVAL);
	assert_int_equal(timens_read(999999999, NULL, 32, NULL), -EFAULT);
	assert_int_equal(timens_read(-1, NULL, 32, NULL), -EFAULT);
	assert_int_equal(timens_support(NULL, 31, NULL), -EINVAL);
	assert_int_equal(timens_support(NULL, 32, NULL), -EFAULT);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(matrix),
		cmocka_unit_test(which_error_wins),
		cmocka_unit_test(outputs),
	};

	return cmocka_run_group_tests(tests, need_programs, NULL);
}
