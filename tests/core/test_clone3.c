/* SPDX-License-Identifier: MIT */
/* timens_clone3: the child is in the namespace when it returns, or there is no child. */
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "helpers.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef CLONE_CLEAR_SIGHAND
#define CLONE_CLEAR_SIGHAND UINT64_C(0x100000000)
#endif
#ifndef CLONE_INTO_CGROUP
#define CLONE_INTO_CGROUP UINT64_C(0x200000000)
#endif

static const struct timens_offsets asked = {{86400, 600000000}, {-1, 999999999}};

/* -- A child that tells what it sees -- */

struct view {
	int ok; /* presence: the child has got this far */
	int pid, in_pending;
	struct timens_offsets offsets;
	struct timens_timespec monotonic, boottime;
	sigset_t mask;
	char cgroup[256];
};

static int channel[2];

static int read_whole(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, size - 1);

	if (fd >= 0)
		close(fd);
	buf[n < 0 ? 0 : n] = '\0';
	return n < 0 ? -1 : 0;
}

static _Noreturn void tell(void)
{
	struct view v = {.pid = getpid()};
	char text[256], own[64] = "", next[64] = "";

	v.monotonic = now(CLOCK_MONOTONIC);
	v.boottime = now(CLOCK_BOOTTIME);
	sigprocmask(SIG_SETMASK, NULL, &v.mask);
	read_whole("/proc/self/cgroup", v.cgroup, sizeof v.cgroup);
	if (readlink("/proc/self/ns/time", own, sizeof own - 1) > 0 &&
	    readlink("/proc/self/ns/time_for_children", next, sizeof next - 1) > 0)
		v.in_pending = !strcmp(own, next);
	v.ok = read_whole("/proc/self/timens_offsets", text, sizeof text) == 0 &&
	       parse_offsets(text, &v.offsets) == 0;
	_exit(write(channel[1], &v, sizeof v) == sizeof v ? 0 : 1);
}

/* The pid; the child has told, and ends. */
static pid_t clone_teller(struct clone_args *args, const struct timens_offsets *offsets)
{
	struct timens_error error;
	char text[TIMENS_ERROR_TEXT_MAX];
	pid_t pid;

	assert_int_equal(pipe2(channel, O_CLOEXEC), 0);
	pid = timens_clone3(args, sizeof *args, offsets, offsets ? sizeof *offsets : 0, &error);
	if (pid == 0)
		tell();
	if (pid < 0) {
		timens_error_text(&error, text, sizeof text);
		fail_msg("timens_clone3: %s", text);
	}
	return pid;
}

/* Where the descriptors are shared, the writing end is the child's too. */
static struct view hear(uint64_t flags)
{
	struct view v = {0};
	ssize_t n;

	if (!(flags & CLONE_FILES))
		close(channel[1]);
	n = read(channel[0], &v, sizeof v);
	close(channel[0]);
	if (flags & CLONE_FILES)
		close(channel[1]);
	assert_int_equal(n, sizeof v);
	assert_int_equal(v.ok, 1);
	return v;
}

static void assert_reaped(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, __WALL), pid);
	assert_int_equal(status, 0);
}

/* A child by these args is inside, on top of `own`. */
static struct view assert_inside_of(struct clone_args *args, struct timens_offsets own)
{
	struct timens_timespec m = now(CLOCK_MONOTONIC), b = now(CLOCK_BOOTTIME);
	pid_t pid = clone_teller(args, &asked);
	struct view v = hear(args->flags);

	assert_reaped(pid);
	assert_int_equal(v.in_pending, 1);
	assert_offsets_equal(v.offsets, add_offsets(own, asked));
	assert_between(add_spans(m, asked.clock_monotonic), v.monotonic,
		       add_spans(now(CLOCK_MONOTONIC), asked.clock_monotonic));
	assert_between(add_spans(b, asked.clock_boottime), v.boottime,
		       add_spans(now(CLOCK_BOOTTIME), asked.clock_boottime));
	return v;
}

static struct view assert_inside(struct clone_args *args)
{
	return assert_inside_of(args, own_offsets());
}

/* Also where there is no root: then everything happens in a user namespace of our own. */
static void with_capabilities(void (*body)(void *arg))
{
	in_child(body, NULL);
}

static void become_capable(void)
{
	if (geteuid() != 0)
		assert_new_user_namespace();
}

/* -- The cases -- */

static void inside(void *arg)
{
	int fds = count_fds();
	struct clone_args args = {.exit_signal = SIGCHLD};
	sigset_t before, after;
	struct view v;

	become_capable();
	sigemptyset(&before);
	sigaddset(&before, SIGUSR2);
	assert_int_equal(sigprocmask(SIG_SETMASK, &before, NULL), 0);
	v = assert_inside(&args);
	assert_int_equal(sigprocmask(SIG_SETMASK, NULL, &after), 0);
	assert_int_equal(sigismember(&after, SIGUSR2), 1);
	assert_int_equal(sigismember(&after, SIGUSR1), 0);
	assert_int_equal(sigismember(&v.mask, SIGUSR2), 1);
	assert_int_equal(sigismember(&v.mask, SIGUSR1), 0);
	assert_int_equal(count_fds(), fds);
	assert_int_equal(count_children(), 0);
	/* Named or not. */
	args.flags = CLONE_NEWTIME;
	assert_inside(&args);
}

static void child_is_inside(void **state)
{
	with_capabilities(inside);
}

static void no_offsets_is_plain_clone3(void **state)
{
	struct clone_args args = {.exit_signal = SIGCHLD};
	struct timens_offsets own = own_offsets();
	pid_t pid = clone_teller(&args, NULL);
	struct view v = hear(args.flags);

	assert_reaped(pid);
	assert_int_equal(v.pid, pid);
	assert_offsets_equal(v.offsets, own);
}

static void with_flags(void *arg)
{
	int pidfd = -1, stored = -1;
	struct clone_args args = {.flags = CLONE_PIDFD | CLONE_PARENT_SETTID | CLONE_CLEAR_SIGHAND,
				  .exit_signal = SIGCHLD,
				  .pidfd = (uintptr_t)&pidfd,
				  .parent_tid = (uintptr_t)&stored};
	siginfo_t info;
	pid_t pid;

	become_capable();
	pid = clone_teller(&args, &asked);
	assert_offsets_equal(hear(args.flags).offsets, add_offsets(own_offsets(), asked));
	assert_int_equal(stored, pid);
	assert_int_equal(fcntl(pidfd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(waitid((idtype_t)3 /* P_PIDFD */, (id_t)pidfd, &info, WEXITED), 0);
	assert_int_equal(info.si_pid, pid);
	close(pidfd);
}

static void pidfd_and_parent_settid(void **state)
{
	with_capabilities(with_flags);
}

static pid_t stored_by_child;

static void child_settid_body(void *arg)
{
	struct clone_args args = {.flags = CLONE_CHILD_SETTID,
				  .exit_signal = SIGCHLD,
				  .child_tid = (uintptr_t)&stored_by_child};
	pid_t pid;
	int status;

	become_capable();
	pid = timens_clone3(&args, sizeof args, &asked, sizeof asked, NULL);
	if (pid == 0)
		_exit(stored_by_child == getpid() ? 0 : 1);
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(stored_by_child, 0);
}

static void child_settid(void **state)
{
	with_capabilities(child_settid_body);
}

static void chosen_pid(void *arg)
{
	pid_t wanted = 31337;
	struct clone_args args = {
		.exit_signal = SIGCHLD, .set_tid = (uintptr_t)&wanted, .set_tid_size = 1};

	need_root();
	assert_int_equal(assert_inside(&args).pid, wanted);
}

static void set_tid(void **state)
{
	in_child(chosen_pid, NULL);
}

static void exit_signals(void *arg)
{
	struct clone_args none = {.exit_signal = 0}, other = {.exit_signal = SIGUSR1};
	sigset_t set;

	become_capable();
	assert_inside(&none);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	assert_int_equal(sigprocmask(SIG_BLOCK, &set, NULL), 0);
	assert_inside(&other);
	assert_int_equal(sigpending(&set), 0);
	assert_int_equal(sigismember(&set, SIGUSR1), 1);
}

static void exit_signal(void **state)
{
	with_capabilities(exit_signals);
}

/* The /proc that is mounted is the caller's. */
static void pid_namespace(void *arg)
{
	struct clone_args args = {.flags = CLONE_NEWPID, .exit_signal = SIGCHLD};

	become_capable();
	assert_int_equal(assert_inside(&args).pid, 1);
}

static void new_pid_namespace(void **state)
{
	with_capabilities(pid_namespace);
}

static void all_namespaces(void *arg)
{
	struct clone_args args = {.flags = CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS |
					   CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWIPC |
					   CLONE_NEWCGROUP,
				  .exit_signal = SIGCHLD};

	/* The user namespace is what gives the rights. */
	assert_become_nobody();
	assert_int_equal(assert_inside(&args).pid, 1);
}

static void new_namespaces_of_every_kind(void **state)
{
	in_child(all_namespaces, NULL);
}

static void into_a_cgroup(void *arg)
{
	char path[64];
	int fd = assert_make_cgroup(path);
	struct clone_args args = {
		.flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD, .cgroup = (unsigned)fd};

	assert_contains(assert_inside(&args).cgroup, strrchr(path, '/'));
	for (int i = 0; i < 100 && rmdir(path) < 0; i++)
		usleep(10000);
}

static void into_cgroup(void **state)
{
	in_child(into_a_cgroup, NULL);
}

/* The table is one: what the child closed, the parent would miss. */
static void files_shared(void *arg)
{
	struct clone_args args = {.flags = CLONE_FILES, .exit_signal = SIGCHLD};
	int fds = count_fds();

	become_capable();
	assert_inside(&args);
	assert_int_equal(count_fds(), fds);
}

static void shared_descriptors(void **state)
{
	with_capabilities(files_shared);
}

/* The parent stands still until the child has ended. */
static void vfork_flag(void *arg)
{
	struct clone_args args = {.flags = CLONE_VFORK, .exit_signal = SIGCHLD};

	become_capable();
	assert_inside(&args);
}

static void suspended_parent(void **state)
{
	with_capabilities(vfork_flag);
}

static void nested_body(void *arg)
{
	static const struct timens_offsets outer = {{1000, 7}, {2000, 8}},
					   pending = {{5, 5}, {6, 6}};
	struct clone_args args = {.exit_signal = SIGCHLD};
	struct timens_offsets own = own_offsets();

	assert_leave_pending(&pending);
	assert_inside_of(&args, own);
	assert_move_into(&outer);
	assert_inside_of(&args, add_offsets(own, outer));
	assert_leave_pending(&pending);
	assert_inside_of(&args, add_offsets(own, outer));
}

static void nested_and_pending(void **state)
{
	in_child(nested_body, NULL);
}

/* What the library knows of the parent does not hold in there. */
static void start_in_child(void *arg)
{
	struct clone_args args = {.flags = CLONE_NEWPID, .exit_signal = SIGCHLD};
	struct timens_offsets own = own_offsets();
	struct capture c;
	pid_t pid;
	int status;

	become_capable();
	assert_clocks(&(struct timens_spawn_args){WITH(&asked)}, &c, own);
	pid = timens_clone3(&args, sizeof args, &asked, sizeof asked, NULL);
	assert_true(pid >= 0);
	if (pid == 0) {
		struct timens_offsets shown;
		struct timens_spawn_args start = {.argv = ARGV(test_program("clocks")),
						  WITH(&asked)};
		struct timens_offsets expected = add_offsets(add_offsets(own, asked), asked);

		_exit(capture(&start, &c) == 0 && parse_offsets(c.out, &shown) == 0 &&
				      !memcmp(&shown, &expected, sizeof shown)
			      ? 0
			      : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void child_starts_a_program(void **state)
{
	with_capabilities(start_in_child);
}

/* -- Refusals -- */

static struct timens_error assert_refused(struct clone_args *args, int stage, int errnum)
{
	struct timens_error error = {.stage = -1};
	int children = count_children(), fds = count_fds();
	pid_t pid = timens_clone3(args, sizeof *args, &asked, sizeof asked, &error);

	if (pid == 0)
		_exit(0);
	assert_int_equal(pid, -errnum);
	assert_string_equal(timens_stage_name(error.stage), timens_stage_name(stage));
	assert_int_equal(count_children(), children);
	assert_int_equal(count_fds(), fds);
	return error;
}

static void shared_memory_is_refused(void **state)
{
	static char stack[4096];
	struct clone_args vm = {.flags = CLONE_VM},
			  thread = {.flags = CLONE_VM | CLONE_THREAD | CLONE_SIGHAND},
			  storage = {.flags = CLONE_SETTLS},
			  stacked = {.stack = (uintptr_t)stack, .stack_size = sizeof stack};

	assert_contains(assert_refused(&vm, TIMENS_STAGE_ARGS, EINVAL).subject, "CLONE_VM");
	assert_refused(&thread, TIMENS_STAGE_ARGS, EINVAL);
	thread.flags = CLONE_THREAD;
	assert_contains(assert_refused(&thread, TIMENS_STAGE_ARGS, EINVAL).subject, "CLONE_THREAD");
	assert_contains(assert_refused(&storage, TIMENS_STAGE_ARGS, EINVAL).subject,
			"CLONE_SETTLS");
	assert_contains(assert_refused(&stacked, TIMENS_STAGE_ARGS, EINVAL).subject, "stack");
}

static void kernel_refuses(void **state)
{
	struct clone_args bad_signal = {.exit_signal = 200},
			  contradiction = {.flags = CLONE_NEWNS | CLONE_FS};

	assert_refused(&bad_signal, TIMENS_STAGE_CLONE, EINVAL);
	assert_refused(&contradiction, TIMENS_STAGE_CLONE, EINVAL);
}

static void steps_fail(void *arg)
{
	int pidfd = -7;
	struct clone_args args = {
		.flags = CLONE_PIDFD, .exit_signal = SIGCHLD, .pidfd = (uintptr_t)&pidfd};

	assert_drop_sys_time();
	assert_refused(&args, TIMENS_STAGE_WRITE, EPERM);
	/* What the kernel had written there is no descriptor any more. */
	assert_int_equal(pidfd, -7);
}

static void without_privilege(void *arg)
{
	struct clone_args args = {.exit_signal = SIGCHLD};
	struct timens_error error;

	assert_become_nobody();
	error = assert_refused(&args, TIMENS_STAGE_UNSHARE, EPERM);
	assert_true(timens_error_hint(&error, NULL, 0) > 0);
}

static void used_up(void *arg)
{
	struct clone_args args = {.exit_signal = SIGCHLD};

	assert_new_user_namespace();
	assert_set_limit("max_time_namespaces", "0");
	assert_refused(&args, TIMENS_STAGE_UNSHARE, ENOSPC);
}

static void failed_step_leaves_no_child(void **state)
{
	in_child(steps_fail, NULL);
	in_child(without_privilege, NULL);
	in_child(used_up, NULL);
}

/* The kernel stores the number before it looks at the cgroup. */
static void failed_clone_stores_no_pidfd(void **state)
{
	int pidfd = -7, fd = open("/", O_RDONLY | O_CLOEXEC);
	struct clone_args args = {.flags = CLONE_PIDFD | CLONE_INTO_CGROUP,
				  .exit_signal = SIGCHLD,
				  .pidfd = (uintptr_t)&pidfd,
				  .cgroup = (unsigned)fd};

	assert_refused(&args, TIMENS_STAGE_CLONE, EBADF);
	assert_int_equal(pidfd, -7);
	assert_int_equal(timens_clone3(&args, sizeof args, NULL, 0, NULL), -EBADF);
	assert_int_equal(pidfd, -7);
	close(fd);
}

/* The kernel takes it so, too. */
static void nowhere_to_store(void *arg)
{
	struct clone_args pidfd = {.flags = CLONE_PIDFD, .exit_signal = SIGCHLD},
			  tid = {.flags = CLONE_PARENT_SETTID, .exit_signal = SIGCHLD};

	become_capable();
	assert_refused(&pidfd, TIMENS_STAGE_CLONE, EFAULT);
	assert_int_equal(timens_clone3(&pidfd, sizeof pidfd, NULL, 0, NULL), -EFAULT);
	assert_inside(&tid);
	assert_drop_sys_time();
	assert_refused(&tid, TIMENS_STAGE_WRITE, EPERM);
}

static void outputs_at_null(void **state)
{
	in_child(nowhere_to_store, NULL);
}

/* By its number it may be another child by then, if another thread has waited for any. */
static void reaped_by_pidfd(void *arg)
{
	int pidfd;
	struct clone_args plain = {.exit_signal = SIGCHLD},
			  with_pidfd = {.flags = CLONE_PIDFD,
					.exit_signal = SIGCHLD,
					.pidfd = (uintptr_t)&pidfd};

	assert_drop_sys_time();
	assert_deadly_filter_of(SYS_waitid, P_PID);
	assert_refused(&plain, TIMENS_STAGE_WRITE, EPERM);
	assert_refused(&with_pidfd, TIMENS_STAGE_WRITE, EPERM);
}

static void failed_child_is_reaped_by_its_pidfd(void **state)
{
	in_child(reaped_by_pidfd, NULL);
}

/* Nothing but a look at the child tells of its death then; the pipe would wait for ever. */
static void no_pidfd(void *arg)
{
	struct clone_args shared = {.flags = CLONE_FILES, .exit_signal = SIGCHLD},
			  own = {.exit_signal = SIGCHLD};

	become_capable();
	assert_filter(SYS_pidfd_open, EPERM);
	assert_inside(&shared);
	assert_inside(&own);
	assert_deadly_filter(SYS_unshare);
	assert_refused(&shared, TIMENS_STAGE_CLONE, EINTR);
}

static void shared_descriptors_without_pidfd(void **state)
{
	in_child(no_pidfd, NULL);
}

static void killed_child(void *arg)
{
	struct clone_args own = {.exit_signal = SIGCHLD},
			  shared = {.flags = CLONE_FILES, .exit_signal = SIGCHLD};

	become_capable();
	assert_deadly_filter(SYS_unshare);
	assert_refused(&own, TIMENS_STAGE_CLONE, EINTR);
	assert_refused(&shared, TIMENS_STAGE_CLONE, EINTR);
}

static void child_killed_on_the_way(void **state)
{
	in_child(killed_child, NULL);
}

/* -- Where a filter refuses clone3 -- */

static void by_clone(void *arg)
{
	int pidfd = -1;
	struct clone_args plain = {.exit_signal = SIGCHLD},
			  with_pidfd = {.flags = CLONE_PIDFD | CLONE_NEWPID | CLONE_NEWTIME,
					.exit_signal = SIGCHLD,
					.pidfd = (uintptr_t)&pidfd},
			  only_clone3 = {.flags = CLONE_CLEAR_SIGHAND, .exit_signal = SIGCHLD};

	become_capable();
	assert_filter(SYS_clone3, *(const int *)arg);
	assert_inside(&plain);
	assert_int_equal(assert_inside(&with_pidfd).pid, 1);
	assert_true(pidfd >= 0);
	close(pidfd);
	assert_refused(&only_clone3, TIMENS_STAGE_CLONE, *(const int *)arg);
}

static void clone3_refused_by_a_filter(void **state)
{
	static int answers[] = {ENOSYS, EPERM};

	in_child(by_clone, &answers[0]);
	in_child(by_clone, &answers[1]);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(child_is_inside),
		cmocka_unit_test(no_offsets_is_plain_clone3),
		cmocka_unit_test(pidfd_and_parent_settid),
		cmocka_unit_test(child_settid),
		cmocka_unit_test(set_tid),
		cmocka_unit_test(exit_signal),
		cmocka_unit_test(new_pid_namespace),
		cmocka_unit_test(new_namespaces_of_every_kind),
		cmocka_unit_test(into_cgroup),
		cmocka_unit_test(shared_descriptors),
		cmocka_unit_test(suspended_parent),
		cmocka_unit_test(nested_and_pending),
		cmocka_unit_test(child_starts_a_program),
		cmocka_unit_test(shared_memory_is_refused),
		cmocka_unit_test(kernel_refuses),
		cmocka_unit_test(failed_step_leaves_no_child),
		cmocka_unit_test(shared_descriptors_without_pidfd),
		cmocka_unit_test(child_killed_on_the_way),
		cmocka_unit_test(failed_clone_stores_no_pidfd),
		cmocka_unit_test(outputs_at_null),
		cmocka_unit_test(failed_child_is_reaped_by_its_pidfd),
		cmocka_unit_test(clone3_refused_by_a_filter),
	};

	return cmocka_run_group_tests(tests, need_programs, NULL);
}
