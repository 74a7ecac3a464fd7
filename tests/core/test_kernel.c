/* SPDX-License-Identifier: MIT */
/*
 * What the library rests on: behaviour of the kernel that decided how the code is, each with the
 * trap it holds. A kernel that changes one of them shows here, and not in somebody's program.
 */
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>

#include "helpers.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif
#ifndef SYS_close_range
#define SYS_close_range 436
#endif

#define DAY 86400

static const struct timens_offsets asked = {{10 * DAY, 1}, {20 * DAY, 2}};

/* All in a child process, in which this makes a new, still writable namespace. */
static void unshare_time(void)
{
	if (geteuid() != 0)
		assert_new_user_namespace();
	assert_int_equal(unshare(CLONE_NEWTIME), 0);
}

/* What one write of `text` gives: its result, or -errno. */
static ssize_t write_offsets(const char *text)
{
	int fd = open("/proc/self/timens_offsets", O_WRONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -errno : write(fd, text, strlen(text));

	if (fd >= 0 && n < 0)
		n = -errno;
	if (fd >= 0)
		close(fd);
	return n;
}

static struct timens_offsets assert_shown(void)
{
	struct timens_offsets o;
	char text[256];
	int fd = open("/proc/self/timens_offsets", O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, text, sizeof text - 1);

	close(fd);
	assert_in_range(n, 1, sizeof text - 1);
	text[n] = '\0';
	assert_int_equal(parse_offsets(text, &o), 0);
	return o;
}

static int enter_pending(void)
{
	int fd = open("/proc/self/ns/time_for_children", O_RDONLY | O_CLOEXEC);
	int r;

	assert_true(fd >= 0);
	r = setns(fd, CLONE_NEWTIME) < 0 ? -errno : 0;
	close(fd);
	return r;
}

/* -- Ways in -- */

static void unshare_body(void *arg)
{
	char before[64], after[64], next[64];

	assert_link("/proc/self/ns/time", before);
	unshare_time();
	assert_string_equal(assert_link("/proc/self/ns/time", after), before);
	assert_string_not_equal(assert_link("/proc/self/ns/time_for_children", next), before);
}

static void unshare_never_moves_the_caller(void **state)
{
	in_child(unshare_body, NULL);
}

/* Before Linux 6.2 vfork, unshare and exec succeed, and the program runs unshifted. So each route
 * either shifts the program or is refused; there is no third. */
static void no_route_runs_the_program_unshifted(void **state)
{
	struct timens_support support;
	struct timens_error error;
	struct capture c;
	int right = 0;

	assert_int_equal(timens_support(&support, sizeof support, &error), 0);
	assert_int_equal(support.available, 1);
	for (unsigned route = TIMENS_ROUTE_CLONE3; route <= TIMENS_ROUTE_FORK; route++) {
		struct timens_spawn_args args = {WITH(&asked), .route = route};

		if (route != TIMENS_ROUTE_FORK && support.exec_enters != 1) {
			args.argv = ARGV("true");
			assert_fails(&args, TIMENS_STAGE_ROUTE, EOPNOTSUPP);
			print_message("ROUTE C %s refused\n", timens_route_name(route));
			continue;
		}
		assert_clocks(&args, &c, own_offsets());
		print_message("ROUTE C %s right\n", timens_route_name(route));
		right++;
	}
	assert_int_equal(right, support.exec_enters == 1 ? 3 : 1);
}

static volatile int setns_result;

/* Not by vfork, of which TSan makes a fork. */
static int setns_by_child(void *fd)
{
	setns_result = setns(*(const int *)fd, CLONE_NEWTIME) < 0 ? -errno : 0;
	return 0;
}

static void shared_memory(void *arg)
{
	static _Alignas(16) char stack[65536];
	pid_t pid;
	int fd;

	unshare_time();
	fd = open("/proc/self/ns/time_for_children", O_RDONLY | O_CLOEXEC);
	setns_result = 1;
	/* A kernel without the exec switch refuses this clone itself. */
	pid = clone(setns_by_child, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, &fd);
	if (pid < 0) {
		assert_int_equal(errno, EINVAL);
		return;
	}
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(setns_result, -EUSERS);
}

static void setns_in_shared_memory_is_refused(void **state)
{
	in_child(shared_memory, NULL);
}

static void clone_with_flag(void *arg)
{
	struct clone_args args = {.flags = CLONE_NEWTIME, .exit_signal = SIGCHLD};
	int status;
	long pid;

	if (geteuid() != 0)
		assert_new_user_namespace();
	pid = syscall(SYS_clone3, &args, sizeof args);
	if (pid == 0)
		_exit(write_offsets("1 5 0\n") == -EACCES ? 0 : 1);
	assert_true(pid > 0);
	assert_int_equal(waitpid((pid_t)pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void clone3_without_shared_memory_freezes_the_offsets(void **state)
{
	in_child(clone_with_flag, NULL);
}

static void freeze(void *arg)
{
	unshare_time();
	assert_int_equal(write_offsets("1 5 0\n"), 6);
	assert_int_equal(enter_pending(), 0);
	assert_int_equal(write_offsets("1 6 0\n"), -EACCES);
}

static void entry_freezes_the_offsets(void **state)
{
	in_child(freeze, NULL);
}

/* -- The offsets file -- */

static void third_record(void *arg)
{
	const char *three = "1 5 0\n7 6 0\n1 99 0\n";
	ssize_t n;

	unshare_time();
	n = write_offsets(three);
	/* No error: only the length tells. */
	assert_in_range(n, 1, strlen(three) - 1);
	assert_int_equal(assert_shown().clock_monotonic.tv_sec, 5);
}

static void third_record_is_dropped_in_silence(void **state)
{
	in_child(third_record, NULL);
}

static void overflow(void *arg)
{
	int64_t seconds;

	unshare_time();
	assert_int_equal(write_offsets("1 92233720368547758080 0\n"), 25);
	/* Cut off to 64 bits; as the highest number of them in Linux 7.3. */
	seconds = assert_shown().clock_monotonic.tv_sec;
	assert_true(seconds == 0 || seconds == -1);
}

static void seconds_past_64_bits_pass_in_silence(void **state)
{
	struct timens_offsets huge = {.clock_monotonic = {INT64_MAX, 0}};
	struct timens_spawn_args args = {.argv = ARGV("true"), WITH(&huge)};

	in_child(overflow, NULL);
	/* And never get that far. */
	assert_fails(&args, TIMENS_STAGE_OFFSETS, ERANGE);
	huge.clock_monotonic.tv_sec = INT64_MIN;
	assert_fails(&args, TIMENS_STAGE_OFFSETS, ERANGE);
}

static void records(void *arg)
{
	unshare_time();
	assert_int_equal(write_offsets("monotonic 5 7\nboottime -1 500000000\n"), 37 - 1);
	assert_int_equal(assert_shown().clock_boottime.tv_sec, -1);
	assert_int_equal(assert_shown().clock_boottime.tv_nsec, 500000000);
	assert_int_equal(write_offsets("1 6 8\n"), 6);
	assert_int_equal(assert_shown().clock_monotonic.tv_sec, 6);
	/* The one that is not written keeps what it has. */
	assert_int_equal(assert_shown().clock_boottime.tv_sec, -1);
	assert_int_equal(write_offsets("1 0 1000000000\n"), -EINVAL);
	assert_int_equal(write_offsets("1 0 -1\n"), -EINVAL);
	/* All are checked before any applies. */
	assert_int_equal(write_offsets("1 9 0\n7 -9000000000 0\n"), -ERANGE);
	assert_int_equal(assert_shown().clock_monotonic.tv_sec, 6);
}

static void names_numbers_and_nanoseconds(void **state)
{
	in_child(records, NULL);
}

static void limits(void *arg)
{
	char text[64];
	int64_t up = now(CLOCK_MONOTONIC).tv_sec;
	int64_t own = own_offsets().clock_monotonic.tv_sec;

	unshare_time();
	snprintf(text, sizeof text, "1 %ld 0\n", own + TIMENS_READING_MAX_SEC - up + 2);
	assert_int_equal(write_offsets(text), -ERANGE);
	snprintf(text, sizeof text, "1 %ld 0\n", own + TIMENS_READING_MAX_SEC - up - 60);
	assert_int_equal(write_offsets(text), strlen(text));
	snprintf(text, sizeof text, "1 %ld 0\n", own - up - 60);
	assert_int_equal(write_offsets(text), -ERANGE);
}

static void readings_are_0_to_146_years(void **state)
{
	in_child(limits, NULL);
}

static void inherit(void *arg)
{
	struct timens_offsets own = own_offsets();

	assert_move_into(&asked);
	assert_int_equal(unshare(CLONE_NEWTIME), 0);
	assert_offsets_equal(assert_shown(), add_offsets(own, asked));
}

static void new_namespace_inherits(void **state)
{
	in_child(inherit, NULL);
}

static void not_dumpable(void *arg)
{
	struct timens_spawn_args args = {.argv = ARGV("true"), WITH(&asked)};

	assert_become_nobody();
	assert_int_equal(prctl(PR_SET_DUMPABLE, 0), 0);
	assert_contains(assert_fails(&args, TIMENS_STAGE_MAP, EACCES), "not dumpable");
}

static void non_dumpable_callers_cannot_write(void **state)
{
	in_child(not_dumpable, NULL);
}

/* -- /proc -- */

static void own_mounts(void)
{
	need_root();
	assert_int_equal(unshare(CLONE_NEWNS), 0);
	assert_int_equal(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
}

static void read_only(void *arg)
{
	struct timens_spawn_args args = {.argv = ARGV("true"), WITH(&asked)};

	own_mounts();
	assert_int_equal(mount("proc", "/proc", "proc", MS_RDONLY, NULL), 0);
	assert_contains(assert_fails(&args, TIMENS_STAGE_WRITE, EROFS), "read-only");
}

static void masked(void *arg)
{
	struct timens_spawn_args args = {.argv = ARGV("/bin/true"), WITH(&asked)};
	struct clone_args clone = {.exit_signal = SIGCHLD};
	struct timens_error error = {.stage = -1};

	own_mounts();
	assert_int_equal(mount("none", "/proc", "tmpfs", 0, NULL), 0);
	assert_contains(assert_fails(&args, TIMENS_STAGE_PREPARE, ENOENT),
			"must be mounted at /proc");
	assert_int_equal(timens_clone3(&clone, sizeof clone, &asked, sizeof asked, &error),
			 -ENOENT);
	assert_string_equal(timens_stage_name(error.stage), "prepare");
	/* A plain start needs none. */
	assert_int_equal(timens_spawn(&(struct timens_spawn_args){.argv = ARGV("/bin/true")},
				      sizeof(struct timens_spawn_args), &(struct timens_process){0},
				      &error),
			 0);
}

static void read_only_and_masked_proc(void **state)
{
	in_child(read_only, NULL);
	in_child(masked, NULL);
}

/* The flag is within clone(2)'s byte for the signal: there it is no namespace, but a number. */
static void clone2_cannot_carry_the_flag(void **state)
{
	char own[64], theirs[64] = "";
	long pid = syscall(SYS_clone, CLONE_NEWTIME, 0, 0, 0, 0);
	ssize_t n;
	int status;

	assert_link("/proc/self/ns/time", own);
	if (pid == 0) {
		n = readlink("/proc/self/ns/time", theirs, sizeof theirs - 1);
		_exit(n > 0 && !strcmp(own, theirs) ? 0 : 1);
	}
	/* A kernel that takes no such number for a signal. */
	if (pid < 0) {
		assert_int_equal(errno, EINVAL);
		return;
	}
	assert_int_equal(waitpid((pid_t)pid, &status, __WALL), pid);
	assert_int_equal(status, 0);
}

/* -- Which clocks move -- */

static double uptime_of_proc(void)
{
	FILE *file = fopen("/proc/uptime", "re");
	double up = -1;

	assert_non_null(file);
	assert_int_equal(fscanf(file, "%lf", &up), 1);
	fclose(file);
	return up;
}

static long uptime_of_sysinfo(void)
{
	struct sysinfo info;

	assert_int_equal(sysinfo(&info), 0);
	return info.uptime;
}

static const clockid_t moved_boottime[] = {CLOCK_BOOTTIME, CLOCK_BOOTTIME_ALARM};
static const clockid_t moved_monotonic[] = {CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW,
					    CLOCK_MONOTONIC_COARSE};
static const clockid_t unmoved[] = {CLOCK_REALTIME, CLOCK_TAI, CLOCK_PROCESS_CPUTIME_ID,
				    CLOCK_THREAD_CPUTIME_ID};

/* CLOCK_BOOTTIME_ALARM takes a clock that can wake the machine, which not all have. */
static bool is_there(clockid_t clock)
{
	struct timespec t;

	if (clock_gettime(clock, &t) == 0)
		return true;
	assert_int_equal(clock, CLOCK_BOOTTIME_ALARM);
	assert_int_equal(errno, EINVAL);
	return false;
}

/* How far a clock has gone, in seconds, give or take the time it takes to get there. */
static void assert_went(const clockid_t *clocks, const struct timens_timespec *before, size_t count,
			int64_t by)
{
	for (size_t i = 0; i < count; i++) {
		int64_t went = by;

		if (is_there(clocks[i]))
			went = subtract_spans(now(clocks[i]), before[i]).tv_sec;
		if (went < by - 1 || went > by + 60)
			fail_msg("clock %d went by %ld s in place of %ld", clocks[i], went, by);
	}
}

static void note(const clockid_t *clocks, struct timens_timespec *readings, size_t count)
{
	for (size_t i = 0; i < count; i++)
		readings[i] = now(clocks[i]);
}

static void look_at_clocks(void *arg)
{
	struct timens_timespec boottime[COUNT(moved_boottime)], monotonic[COUNT(moved_monotonic)],
		other[COUNT(unmoved)];
	double proc = uptime_of_proc();
	long info = uptime_of_sysinfo();

	note(moved_boottime, boottime, COUNT(boottime));
	note(moved_monotonic, monotonic, COUNT(monotonic));
	note(unmoved, other, COUNT(other));
	assert_int_equal(timens_enter(&asked, sizeof asked, TIMENS_USERNS_AUTO, NULL), 0);
	assert_went(moved_boottime, boottime, COUNT(boottime), 10 * DAY);
	assert_went(moved_monotonic, monotonic, COUNT(monotonic), 20 * DAY);
	assert_went(unmoved, other, COUNT(other), 0);
	assert_in_range((long)(uptime_of_proc() - proc), 10 * DAY - 1, 10 * DAY + 60);
	assert_in_range(uptime_of_sysinfo() - info, 10 * DAY - 1, 10 * DAY + 60);
}

static void which_clocks_move(void **state)
{
	in_child(look_at_clocks, NULL);
}

static void sleep_until(void *arg)
{
	struct timespec until;
	struct timens_timespec wall;

	assert_int_equal(timens_enter(&asked, sizeof asked, TIMENS_USERNS_AUTO, NULL), 0);
	wall = now(CLOCK_REALTIME);
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec++;
	assert_int_equal(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL), 0);
	/* Neither at once nor in twenty days. */
	assert_in_range(subtract_spans(now(CLOCK_REALTIME), wall).tv_sec, 0, 60);
	assert_true(now(CLOCK_MONOTONIC).tv_sec >= until.tv_sec);
}

static void absolute_timers_follow(void **state)
{
	in_child(sleep_until, NULL);
}

/* -- Filters -- */

static void clone3_answers(void *arg)
{
	struct capture c;

	assert_filter(SYS_clone3, *(const int *)arg);
	assert_clocks(&(struct timens_spawn_args){WITH(&asked)}, &c, own_offsets());
	/* The next best, and not "an old kernel". */
	assert_string_equal(timens_route_name(c.process.route),
			    routes_here().count > 1 ? "vfork" : "fork");
	assert_clocks(&(struct timens_spawn_args){WITH(&asked)}, &c, own_offsets());
}

static void filter_that_knows_no_clone3(void **state)
{
	static int answers[] = {ENOSYS, EPERM};

	in_child(clone3_answers, &answers[0]);
	in_child(clone3_answers, &answers[1]);
}

static void check_closed(struct timens_spawn_args *args)
{
	static const struct timens_fd kept = {20, 0};
	struct capture c;

	args->argv = ARGV("/bin/sh", "-c", "cd /proc/self/fd && echo *");
	args->flags = TIMENS_SPAWN_CLOSE_FDS;
	args->fds = &kept;
	args->fds_count = 1;
	assert_runs(args, &c);
	/* Of the shell's own there is the one by which it reads the directory. */
	assert_contains(c.out, "0 1 2 20");
	assert_null(strstr(c.out, "50"));
}

static void close_range_answers(void *arg)
{
	assert_int_equal(dup2(0, 50), 50);
	on_each_route(check_closed);
	assert_filter(SYS_close_range, ENOSYS);
	on_each_route(check_closed);
	/* Not closed here. */
	assert_int_equal(close(50), 0);
}

static void filter_that_knows_no_close_range(void **state)
{
	in_child(close_range_answers, NULL);
}

/* Docker's profile has no unshare for a caller without privilege, and old ones no close_range. */
static void unshare_answers(void *arg)
{
	struct timens_spawn_args args = {0};

	assert_int_equal(dup2(0, 50), 50);
	assert_filter(SYS_close_range, EPERM);
	assert_filter(SYS_unshare, EPERM);
	for (int i = 0; i < 2; i++)
		check_closed(&args);
	assert_int_equal(close(50), 0);
}

static void filter_that_lets_no_table_be_unshared(void **state)
{
	in_child(unshare_answers, NULL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(unshare_never_moves_the_caller),
		cmocka_unit_test(no_route_runs_the_program_unshifted),
		cmocka_unit_test(setns_in_shared_memory_is_refused),
		cmocka_unit_test(clone3_without_shared_memory_freezes_the_offsets),
		cmocka_unit_test(entry_freezes_the_offsets),
		cmocka_unit_test(third_record_is_dropped_in_silence),
		cmocka_unit_test(seconds_past_64_bits_pass_in_silence),
		cmocka_unit_test(names_numbers_and_nanoseconds),
		cmocka_unit_test(readings_are_0_to_146_years),
		cmocka_unit_test(new_namespace_inherits),
		cmocka_unit_test(non_dumpable_callers_cannot_write),
		cmocka_unit_test(read_only_and_masked_proc),
		cmocka_unit_test(clone2_cannot_carry_the_flag),
		cmocka_unit_test(which_clocks_move),
		cmocka_unit_test(absolute_timers_follow),
		cmocka_unit_test(filter_that_knows_no_clone3),
		cmocka_unit_test(filter_that_knows_no_close_range),
		cmocka_unit_test(filter_that_lets_no_table_be_unshared),
	};

	return cmocka_run_group_tests(tests, need_programs, NULL);
}
