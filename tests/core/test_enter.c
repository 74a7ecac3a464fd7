/* SPDX-License-Identifier: MIT */
/* The calling process itself moves in, each time in a child process of the suite. */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "helpers.h"

static const struct timens_offsets asked = {{86400, 600000000}, {-1, 999999999}};
static const struct timens_offsets later = {{3600, 1}, {7200, 2}};

static void assert_reads(clockid_t clock, struct timens_timespec before,
			 struct timens_timespec offset)
{
	struct timens_timespec hour = {3600, 0}, low = add_spans(before, offset),
			       reading = now(clock);

	assert_true(compare_spans(reading, low) >= 0);
	/* Wide, since the machine may stand still; a lost offset is a day or a second below. */
	assert_true(compare_spans(reading, add_spans(low, hour)) < 0);
}

static void move_in(void *arg)
{
	struct timens_timespec b = now(CLOCK_BOOTTIME), m = now(CLOCK_MONOTONIC);
	struct timens_offsets own = own_offsets();
	char before[64], after[64], next[64];

	assert_link("/proc/self/ns/time", before);
	assert_int_equal(timens_enter(&asked, sizeof asked, TIMENS_USERNS_AUTO, NULL), 0);
	assert_string_not_equal(assert_link("/proc/self/ns/time", after), before);
	/* Nothing is left pending. */
	assert_string_equal(assert_link("/proc/self/ns/time_for_children", next), after);
	assert_reads(CLOCK_BOOTTIME, b, asked.clock_boottime);
	assert_reads(CLOCK_MONOTONIC, m, asked.clock_monotonic);
	assert_offsets_equal(own_offsets(), add_offsets(own, asked));
}

static void move_in_twice(void *arg)
{
	struct timens_offsets own = own_offsets();
	int fds = count_fds();

	assert_int_equal(timens_enter(&asked, sizeof asked, TIMENS_USERNS_AUTO, NULL), 0);
	assert_int_equal(timens_enter(&later, sizeof later, TIMENS_USERNS_AUTO, NULL), 0);
	assert_offsets_equal(own_offsets(), add_offsets(add_offsets(own, asked), later));
	assert_int_equal(count_fds(), fds);
}

static void moves_the_caller(void **state)
{
	in_child(move_in, NULL);
	in_child(move_in_twice, NULL);
}

/* The caller must be where it was. */
static void assert_enter_fails(unsigned flags, int stage, int errnum)
{
	char before[64], after[64], next[64];
	struct timens_error error;

	assert_link("/proc/self/ns/time", before);
	assert_int_equal(timens_enter(&asked, sizeof asked, flags, &error), -errnum);
	assert_int_equal(error.errnum, errnum);
	assert_string_equal(timens_stage_name(error.stage), timens_stage_name(stage));
	assert_string_equal(assert_link("/proc/self/ns/time", after), before);
	assert_string_equal(assert_link("/proc/self/ns/time_for_children", next), before);
}

static void *wait_for_end(void *arg)
{
	pthread_mutex_lock(arg);
	pthread_mutex_unlock(arg);
	return NULL;
}

static void enter_with_a_thread(void *arg)
{
	pthread_mutex_t held = PTHREAD_MUTEX_INITIALIZER;
	pthread_t thread;

	pthread_mutex_lock(&held);
	assert_int_equal(pthread_create(&thread, NULL, wait_for_end, &held), 0);
	assert_enter_fails(TIMENS_USERNS_AUTO, TIMENS_STAGE_ENTER, EBUSY);
	assert_enter_fails(TIMENS_USERNS_ALWAYS, TIMENS_STAGE_ENTER, EBUSY);
	pthread_mutex_unlock(&held);
	pthread_join(thread, NULL);
}

static void refuses_threads(void **state)
{
	in_child(enter_with_a_thread, NULL);
}

/* It does nothing in this memory but to be there for so many milliseconds; without libc, whose
 * calls TSan takes for this thread's. */
__attribute__((no_sanitize("thread"))) static int stay(void *arg)
{
	struct timespec time = {*(int *)arg / 1000, *(int *)arg % 1000 * 1000000L};

	syscall(SYS_nanosleep, &time, NULL);
	syscall(SYS_exit_group, 0);
	return 0;
}

static pid_t assert_shared_for(int *milliseconds)
{
	static _Alignas(16) char stack[65536];
	pid_t pid = clone(stay, stack + sizeof stack, CLONE_VM | SIGCHLD, milliseconds);

	assert_true(pid > 0);
	return pid;
}

static void enter_with_shared_memory(void *arg)
{
	pid_t pid = assert_shared_for(&(int){60000});

	assert_enter_fails(TIMENS_USERNS_AUTO, TIMENS_STAGE_ENTER, EBUSY);
	assert_enter_fails(TIMENS_USERNS_ALWAYS, TIMENS_STAGE_ENTER, EBUSY);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void refuses_shared_memory(void **state)
{
	in_child(enter_with_shared_memory, NULL);
}

/* A program that has just been started is in this memory until its exec has left it, which is
 * a moment after the start has returned; seen on arm64. */
static void enter_and_wait(void *arg)
{
	/* TSan's runtime does not bear another process that runs in its memory at the same time. */
#ifndef __SANITIZE_THREAD__
	pid_t pid = assert_shared_for(&(int){20});

	assert_int_equal(timens_enter(&asked, sizeof asked, *(unsigned *)arg, NULL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
#endif
}

static void waits_for_a_start_to_leave_the_memory(void **state)
{
	in_child(enter_and_wait, &(unsigned){TIMENS_USERNS_AUTO});
	in_child(enter_and_wait, &(unsigned){TIMENS_USERNS_ALWAYS});
}

static void enter_as_nobody(void *arg)
{
	struct timens_offsets own = own_offsets();
	char before[64], after[64];
	unsigned uid, gid;

	assert_become_nobody();
	uid = geteuid();
	gid = getegid();
	assert_enter_fails(TIMENS_USERNS_NEVER, TIMENS_STAGE_UNSHARE, EPERM);
	assert_link("/proc/self/ns/user", before);
	assert_int_equal(timens_enter(&asked, sizeof asked, TIMENS_USERNS_AUTO, NULL), 0);
	assert_string_not_equal(assert_link("/proc/self/ns/user", after), before);
	assert_int_equal(geteuid(), uid);
	assert_int_equal(getegid(), gid);
	assert_offsets_equal(own_offsets(), add_offsets(own, asked));
}

/* It gets as far as to have a namespace pending, into which the next exec would go. */
static void enter_without_sys_time(void *arg)
{
	if (geteuid() != 0)
		skip_because("it takes root to go back to a namespace of root's");
	assert_drop_sys_time();
	assert_enter_fails(TIMENS_USERNS_NEVER, TIMENS_STAGE_WRITE, EPERM);
}

static void enter_without_privilege(void **state)
{
	in_child(enter_as_nobody, NULL);
	in_child(enter_without_sys_time, NULL);
}

static void start_after_enter(void *arg)
{
	struct timens_spawn_args args = {WITH(&later)};
	struct timens_offsets own = own_offsets();
	struct capture c;

	/* Once before, so that what is known of the caller is out of date afterwards. */
	assert_clocks(&args, &c, own);
	assert_int_equal(timens_enter(&asked, sizeof asked, TIMENS_USERNS_AUTO, NULL), 0);
	assert_clocks(&args, &c, add_offsets(own, asked));
}

static void program_started_after_enter_is_relative(void **state)
{
	in_child(start_after_enter, NULL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(moves_the_caller),
		cmocka_unit_test(refuses_threads),
		cmocka_unit_test(refuses_shared_memory),
		cmocka_unit_test(waits_for_a_start_to_leave_the_memory),
		cmocka_unit_test(enter_without_privilege),
		cmocka_unit_test(program_started_after_enter_is_relative),
	};

	return cmocka_run_group_tests(tests, need_programs, NULL);
}
