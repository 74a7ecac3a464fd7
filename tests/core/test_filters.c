/* SPDX-License-Identifier: MIT */
/*
 * System calls that fail only where a filter refuses them, and a masked /proc, as make faults
 * found: the start is right all the same, or fails cleanly.
 */
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "helpers.h"

static const struct timens_offsets asked = {{86400, 1}, {-1, 999999999}};

/* Not by the call that the filter refuses. */
static uint64_t assert_own_mask(void)
{
	char text[4096];
	FILE *file = fopen("/proc/self/status", "re");

	assert_non_null(file);
	text[fread(text, 1, sizeof text - 1, file)] = '\0';
	fclose(file);
	return assert_status_mask(text, "SigBlk");
}

/* The program would have the signals blocked, or SIGPIPE ignored; and the caller would go on with
 * a mask that nobody has ever set. */
static void without_signals(void *arg)
{
	struct timens_spawn_args args = {.argv = ARGV("true"), WITH(&asked)};
	struct routes routes = routes_here();
	uint64_t mask = assert_own_mask();
	int nr = *(const int *)arg;

	assert_filter(nr, EPERM);
	for (unsigned i = 0; i < routes.count; i++) {
		args.route = routes.route[i];
		assert_contains(assert_fails(&args, TIMENS_STAGE_SIGNALS, EPERM), "seccomp");
	}
	assert_int_equal(assert_own_mask(), mask);
}

static void signals_refused(void **state)
{
	in_child(without_signals, &(int){SYS_rt_sigprocmask});
	in_child(without_signals, &(int){SYS_rt_sigaction});
}

static void clone3_without_mask(void *arg)
{
	struct clone_args args = {.exit_signal = SIGCHLD};
	struct timens_error error;
	int fds = count_fds();

	assert_filter(SYS_rt_sigprocmask, ENOSYS);
	assert_int_equal(timens_clone3(&args, sizeof args, &asked, sizeof asked, &error), -ENOSYS);
	assert_int_equal(error.stage, TIMENS_STAGE_SIGNALS);
	assert_int_equal(count_fds(), fds);
}

static void clone3_with_signals_refused(void **state)
{
	in_child(clone3_without_mask, NULL);
}

/* SIGKILL and SIGSTOP are at their default at all times, and the kernel calls it invalid to set
 * them. */
static void check_default(struct timens_spawn_args *args)
{
	struct capture c;

	args->argv = ARGV("true");
	args->sigdefault = UINT64_MAX;
	assert_runs(args, &c);
}

static void all_signals_default(void **state)
{
	on_each_route(check_default);
}

/* A program that runs was taken for dead, and waited for to its end. */
static void without_waitid(void *arg)
{
	struct timens_spawn_args args = {.argv = ARGV("sleep", "60"), WITH(&asked)};
	struct routes routes = routes_here();
	struct timens_process process;
	struct timens_error error;

	assert_filter(SYS_waitid, EPERM);
	for (unsigned i = 0; i < routes.count; i++) {
		args.route = routes.route[i];
		assert_int_equal(timens_spawn(&args, sizeof args, &process, NULL), 0);
		assert_int_equal(timens_wait(&process, NULL, NULL, &error), -EPERM);
		assert_int_equal(error.stage, TIMENS_STAGE_WAIT);
		assert_int_equal(timens_kill(&process, SIGKILL, NULL), 0);
		assert_int_equal(waitpid(process.pid, NULL, 0), process.pid);
		close(process.pidfd);
	}
}

static void wait_refused(void **state)
{
	in_child(without_waitid, NULL);
}

/* By its number it may be another child by then, if another thread has waited for any. */
static void failed_starts(void *arg)
{
	struct timens_spawn_args args = {.argv = ARGV("/nonexistent"), WITH(&asked)};
	struct routes routes = routes_here();

	assert_deadly_filter_of(SYS_waitid, P_PID);
	for (unsigned i = 0; i < routes.count; i++) {
		args.route = routes.route[i];
		assert_fails(&args, TIMENS_STAGE_EXEC, ENOENT);
	}
}

static void failed_child_is_reaped_by_its_pidfd(void **state)
{
	in_child(failed_starts, NULL);
}

/* The child that holds the user namespace was never ended. */
static void without_kill(void *arg)
{
	static const struct timens_id_map map = {0, 0, 2};
	struct timens_spawn_args args = {.argv = ARGV("true"),
					 WITH(&asked),
					 .uid_maps = &map,
					 .uid_maps_count = 1,
					 .gid_maps = &map,
					 .gid_maps_count = 1};
	struct capture c;

	assert_filter(SYS_kill, EPERM);
	assert_runs(&args, &c);
}

static void kill_refused(void **state)
{
	need_root();
	in_child(without_kill, NULL);
}

/* Where the child enters a user namespace that is there, it makes the time namespace too: then a
 * refused clone3 was no refused time namespace. */
static void clone3_without_time(void *arg)
{
	static const struct timens_id_map map = {0, 0, 2};
	struct timens_spawn_args args = {.argv = ARGV("true"),
					 WITH(&asked),
					 .route = TIMENS_ROUTE_CLONE3,
					 .uid_maps = &map,
					 .uid_maps_count = 1,
					 .gid_maps = &map,
					 .gid_maps_count = 1};

	assert_route_here(TIMENS_ROUTE_CLONE3);
	assert_filter(SYS_clone3, EPERM);
	assert_fails(&args, TIMENS_STAGE_CLONE, EPERM);
}

static void clone3_refused_with_id_maps(void **state)
{
	need_root();
	in_child(clone3_without_time, NULL);
}

/* Where no start had come as far as that call, it was said to be usable. */
static void support_without_clone3(void *arg)
{
	struct timens_support support;

	assert_filter(SYS_unshare, EPERM);
	assert_filter(SYS_clone3, *(const int *)arg);
	assert_int_equal(timens_support(&support, sizeof support, NULL), 0);
	assert_int_equal(support.available, 0);
	assert_int_equal(support.clone3, 0);
}

static void support_with_clone3(void *arg)
{
	struct timens_support support;

	assert_filter(SYS_unshare, EPERM);
	assert_int_equal(timens_support(&support, sizeof support, NULL), 0);
	assert_int_equal(support.available, 0);
	assert_int_equal(support.clone3, 1);
}

/* It made a child and namespaces first. */
static void support_to_nowhere(void *arg)
{
	assert_deadly_filter(SYS_clone);
	assert_deadly_filter(SYS_clone3);
	assert_int_equal(timens_support(NULL, 0, NULL), -EINVAL);
}

static void support_looks_at_its_output_first(void **state)
{
	in_child(support_to_nowhere, NULL);
}

static void support_finds_clone3_out(void **state)
{
	in_child(support_without_clone3, &(int){ENOSYS});
	in_child(support_without_clone3, &(int){EPERM});
	in_child(support_with_clone3, NULL);
}

/* The process stayed where it was, and had no error. */
static void enter_with_masked_file(void *arg)
{
	char path[64];
	struct timens_error error;

	assert_int_equal(unshare(CLONE_NEWNS), 0);
	assert_int_equal(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	snprintf(path, sizeof path, "/proc/%d/timens_offsets", getpid());
	assert_int_equal(mount("/dev/null", path, NULL, MS_BIND, NULL), 0);
	assert_int_equal(timens_enter(&asked, sizeof asked, 0, &error), -EROFS);
	assert_int_equal(error.stage, TIMENS_STAGE_WRITE);
}

static void masked_offsets_file(void **state)
{
	need_root();
	in_child(enter_with_masked_file, NULL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		/* First: a fork knows what its parent has found out about the kernel. */
		cmocka_unit_test(support_finds_clone3_out),
		cmocka_unit_test(support_looks_at_its_output_first),
		cmocka_unit_test(signals_refused),
		cmocka_unit_test(clone3_with_signals_refused),
		cmocka_unit_test(all_signals_default),
		cmocka_unit_test(wait_refused),
		cmocka_unit_test(kill_refused),
		cmocka_unit_test(failed_child_is_reaped_by_its_pidfd),
		cmocka_unit_test(clone3_refused_with_id_maps),
		cmocka_unit_test(masked_offsets_file),
	};

	return cmocka_run_group_tests(tests, need_programs, NULL);
}
