/* SPDX-License-Identifier: MIT */
/* The descriptors of the new program. */
#include <fcntl.h>

#include "helpers.h"

static const struct timens_offsets asked = {{86400, 1}, {172800, 2}};

/* -- Pipes under chosen numbers: only in child processes, which have them to themselves -- */

#define MAX_PIPES 3

struct pipes {
	int count, number[MAX_PIPES], reader[MAX_PIPES], saved[MAX_PIPES];
};

/* The writing ends get these numbers, and what was there comes back with close_writers. */
static void open_writers(struct pipes *p)
{
	for (int i = 0; i < p->count; i++) {
		int ends[2];

		p->saved[i] = fcntl(p->number[i], F_DUPFD_CLOEXEC, 100);
		assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
		p->reader[i] = fcntl(ends[0], F_DUPFD_CLOEXEC, 100);
		close(ends[0]);
		if (ends[1] != p->number[i]) {
			dup2(ends[1], p->number[i]);
			close(ends[1]);
		}
	}
}

static void close_writers(struct pipes *p)
{
	for (int i = 0; i < p->count; i++) {
		close(p->number[i]);
		if (p->saved[i] >= 0)
			dup2(p->saved[i], p->number[i]);
		close(p->saved[i]);
	}
}

static void assert_arrived(const struct pipes *p, int i, const char *expected)
{
	char text[100];
	ssize_t n = read(p->reader[i], text, sizeof text - 1);

	assert_true(n >= 0);
	text[n] = '\0';
	assert_string_equal(text, expected);
	close(p->reader[i]);
}

/* No assertion between the two: while they are away, its text would go into a pipe. */
static void run_with_writers(struct pipes *p, const struct timens_spawn_args *args)
{
	struct timens_process process = {.pidfd = -1};
	struct timens_error error;
	int r, waited = -1, status = -1;

	open_writers(p);
	r = timens_spawn(args, sizeof *args, &process, &error);
	close_writers(p);
	if (r == 0)
		waited = timens_wait(&process, NULL, &status, &error);
	assert_int_equal(r, 0);
	assert_int_equal(waited, 0);
	assert_int_equal(status, 0);
}

/* -- The cases -- */

static void check_inherited(struct timens_spawn_args *args)
{
	struct pipes p = {.count = 2, .number = {1, 2}};

	args->argv = ARGV("sh", "-c", "echo out; echo err >&2");
	run_with_writers(&p, args);
	assert_arrived(&p, 0, "out\n");
	assert_arrived(&p, 1, "err\n");
}

static void inherit_in_child(void *arg)
{
	on_each_route(check_inherited);
}

static void inherited(void **state)
{
	in_child(inherit_in_child, NULL);
}

static void check_null(struct timens_spawn_args *args)
{
	struct timens_fd fds[] = {{0, TIMENS_FD_NULL}, {2, TIMENS_FD_NULL}};
	struct capture c;

	args->argv = ARGV("sh", "-c",
			  "readlink /proc/$$/fd/0 && readlink /proc/$$/fd/2 && cat && echo x >&2");
	args->fds = fds;
	args->fds_count = COUNT(fds);
	assert_string_equal(assert_runs(args, &c), "/dev/null\n/dev/null\n");
}

static void null(void **state)
{
	on_each_route(check_null);
}

static void check_descriptor(struct timens_spawn_args *args)
{
	char folder[32], path[64];
	struct timens_fd input = {.target = 0};
	struct capture c;

	make_folder(folder);
	make_file(folder, "input", "from a file\n", 0600);
	snprintf(path, sizeof path, "%s/input", folder);
	input.source = open(path, O_RDONLY | O_CLOEXEC);
	remove_folder(folder);
	assert_true(input.source >= 0);
	args->argv = ARGV("cat");
	args->fds = &input;
	args->fds_count = 1;
	assert_string_equal(assert_runs(args, &c), "from a file\n");
	close(input.source);
}

static void descriptor(void **state)
{
	on_each_route(check_descriptor);
}

static void check_crossed(struct timens_spawn_args *args)
{
	struct pipes p = {.count = 2, .number = {1, 2}};
	struct timens_fd fds[] = {{1, 2}, {2, 1}};

	args->argv = ARGV("sh", "-c", "echo out; echo err >&2");
	args->fds = fds;
	args->fds_count = COUNT(fds);
	run_with_writers(&p, args);
	assert_arrived(&p, 0, "err\n");
	assert_arrived(&p, 1, "out\n");
}

static void cross_in_child(void *arg)
{
	on_each_route(check_crossed);
}

static void crossed(void **state)
{
	in_child(cross_in_child, NULL);
}

static void check_cycle(struct timens_spawn_args *args)
{
	struct pipes p = {.count = 3, .number = {5, 6, 7}};
	struct timens_fd fds[] = {{5, 6}, {6, 7}, {7, 5}};

	args->argv = ARGV("sh", "-c", "echo five >&5; echo six >&6; echo seven >&7");
	args->fds = fds;
	args->fds_count = COUNT(fds);
	run_with_writers(&p, args);
	assert_arrived(&p, 0, "seven\n");
	assert_arrived(&p, 1, "five\n");
	assert_arrived(&p, 2, "six\n");
}

static void cycle_in_child(void *arg)
{
	on_each_route(check_cycle);
}

static void cycle_of_three(void **state)
{
	in_child(cycle_in_child, NULL);
}

static void check_same(struct timens_spawn_args *args)
{
	int fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	struct timens_fd same = {fd, fd};
	char path[64];
	struct capture c;

	assert_in_range(fd, 3, 1000);
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	args->argv = ARGV("readlink", path);
	args->fds = &same;
	args->fds_count = 1;
	assert_string_equal(assert_runs(args, &c), "/dev/zero\n");
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	close(fd);
}

static void same_source_and_target(void **state)
{
	on_each_route(check_same);
}

/* The number that the next descriptor will get, which may well be one of the library's. */
static void check_next_number(struct timens_spawn_args *args)
{
	int next = dup(1);
	struct timens_fd bad = {50, next};

	close(next);
	args->argv = ARGV("true");
	args->fds = &bad;
	args->fds_count = 1;
	assert_fails(args, TIMENS_STAGE_FDS, EBADF);
}

static void bad_source(void **state)
{
	struct timens_fd bad[] = {{1, 1}, {4, 987}};
	struct timens_spawn_args args = {
		.argv = ARGV("true"), WITH(&asked), .fds = bad, .fds_count = 2};

	assert_contains(assert_fails(&args, TIMENS_STAGE_FDS, EBADF), "4 (from 987)");
	on_each_route(check_next_number);
	/* This one only the child can tell. */
	bad[1] = (struct timens_fd){1 << 30, 1};
	assert_contains(assert_fails(&args, TIMENS_STAGE_FDS, EBADF), "1073741824 (from 1)");
	bad[1] = (struct timens_fd){1 << 30, TIMENS_FD_NULL};
	assert_contains(assert_fails(&args, TIMENS_STAGE_FDS, EBADF),
			"1073741824 (from /dev/null)");
	bad[1] = (struct timens_fd){-2, 1};
	assert_contains(assert_fails(&args, TIMENS_STAGE_ARGS, EINVAL), "target -2");
	bad[1] = (struct timens_fd){1, 2};
	assert_contains(assert_fails(&args, TIMENS_STAGE_ARGS, EINVAL), "target 1 is named twice");
}

/* Descriptors 0, 1, 2 and nothing else, as far as the caller can see to it. */
static void close_all_above_2(void)
{
	assert_int_equal(dup2(1, 0), 0);
	assert_int_equal(close_range(3, ~0U, 0), 0);
}

static void check_close(struct timens_spawn_args *args)
{
	struct capture c;

	args->argv = ARGV(test_program("descriptors"));
	assert_int_equal(dup2(1, 20), 20);
	assert_int_equal(dup2(1, 300), 300);
	assert_string_equal(assert_runs(args, &c), "0\n1\n2\n20\n300\n");
	args->flags = TIMENS_SPAWN_CLOSE_FDS;
	assert_string_equal(assert_runs(args, &c), "0\n1\n2\n");
	args->argv = ARGV("/no/such/program");
	assert_fails(args, TIMENS_STAGE_EXEC, ENOENT);
	/* In the program, not here. */
	assert_int_equal(close(20), 0);
	assert_int_equal(close(300), 0);
}

/* The lowest number that is free, however many the caller has: `ls` opens one directory. */
static void check_numbers(struct timens_spawn_args *args)
{
	int fds[200];
	struct capture c;

	for (unsigned i = 0; i < COUNT(fds); i++)
		assert_true((fds[i] = open("/dev/null", O_RDONLY)) >= 0);
	args->argv = ARGV("ls", "/proc/self/fd");
	args->flags = TIMENS_SPAWN_CLOSE_FDS;
	assert_string_equal(assert_runs(args, &c), "0\n1\n2\n3\n");
	for (unsigned i = 0; i < COUNT(fds); i++)
		assert_int_equal(close(fds[i]), 0);
}

static void close_in_child(void *arg)
{
	close_all_above_2();
	on_each_route(check_close);
	on_each_route(check_numbers);
}

static void close_fds(void **state)
{
	in_child(close_in_child, NULL);
}

static void check_targets_kept(struct timens_spawn_args *args)
{
	/* Not in order, next to one another, and over a number of the caller's. */
	struct timens_fd fds[] = {{40, 1}, {3, 1}, {21, 20}, {20, TIMENS_FD_NULL}};
	struct capture c;

	assert_int_equal(dup2(1, 20), 20);
	assert_int_equal(dup2(1, 30), 30);
	args->argv = ARGV(test_program("descriptors"));
	args->flags = TIMENS_SPAWN_CLOSE_FDS;
	args->fds = fds;
	args->fds_count = COUNT(fds);
	assert_string_equal(assert_runs(args, &c), "0\n1\n2\n3\n20\n21\n40\n");
	assert_int_equal(close(20), 0);
	assert_int_equal(close(30), 0);
}

static void keep_in_child(void *arg)
{
	close_all_above_2();
	on_each_route(check_targets_kept);
}

static void close_fds_keeps_targets(void **state)
{
	in_child(keep_in_child, NULL);
}

static void check_cwd_then_close(struct timens_spawn_args *args)
{
	int low = open("/proc", O_PATH | O_CLOEXEC), fd = dup2(low, 300);
	char path[32];
	struct capture c;

	assert_int_equal(fd, 300);
	close(low);
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	args->argv = ARGV("/bin/sh", "-c", "pwd -P");
	args->flags = TIMENS_SPAWN_CLOSE_FDS;
	args->cwd = path;
	assert_string_equal(assert_runs(args, &c), "/proc\n");
	close(fd);
}

static void close_fds_after_cwd(void **state)
{
	on_each_route(check_cwd_then_close);
}

static void check_no_leak(struct timens_spawn_args *args)
{
	struct capture c;

	args->argv = ARGV(test_program("descriptors"));
	assert_string_equal(assert_runs(args, &c), "0\n1\n2\n");
}

static void leak_in_child(void *arg)
{
	struct timens_spawn_args args = {WITH(&asked)};

	close_all_above_2();
	on_each_route(check_no_leak);
	/* Here the library holds its own namespace open as well. */
	assert_move_into(&asked);
	assert_leave_pending(&asked);
	check_no_leak(&args);
}

static void library_descriptors_do_not_leak(void **state)
{
	in_child(leak_in_child, NULL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(inherited),
		cmocka_unit_test(null),
		cmocka_unit_test(descriptor),
		cmocka_unit_test(crossed),
		cmocka_unit_test(cycle_of_three),
		cmocka_unit_test(same_source_and_target),
		cmocka_unit_test(bad_source),
		cmocka_unit_test(close_fds),
		cmocka_unit_test(close_fds_keeps_targets),
		cmocka_unit_test(close_fds_after_cwd),
		cmocka_unit_test(library_descriptors_do_not_leak),
	};

	return cmocka_run_group_tests(tests, need_programs, NULL);
}
