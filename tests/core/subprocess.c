/* SPDX-License-Identifier: MIT */
/* Tests that change the state of a process, each in a process of its own. */
#include "helpers.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

/* gcc has a macro for it, clang a feature. */
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define __SANITIZE_THREAD__ 1
#endif
#endif

#define CHILD_SKIPPED 77
#define SKIP_PREFIX   "skipped: "

/* -- Skips -- */

static int skip_asked;

void skip_because(const char *reason)
{
	const char *require = getenv("TIMENS_REQUIRE");

	if (require && !strcmp(require, "1"))
		fail_msg("TIMENS_REQUIRE=1, and this would be skipped: %s", reason);
	print_message(SKIP_PREFIX "%s\n", reason);
	skip_asked = 1;
	skip();
}

/* -- A test inside a test -- */

static struct {
	void (*run)(void *arg);
	void *arg;
} body;

static void run_body(void **state)
{
	body.run(body.arg);
}

/* cmocka's own assertions jump back to cmocka's own loop. Left alone, a failed one would go on
 * with the rest of the suite in here; so the body is a group of one test. */
__attribute__((noreturn)) static void child_main(int report)
{
	static const struct CMUnitTest tests[] = {cmocka_unit_test(run_body)};
	int failed;

	skip_asked = 0;
	dup2(report, STDOUT_FILENO);
	dup2(report, STDERR_FILENO);
	close(report);
	cmocka_set_message_output(CM_OUTPUT_STDOUT);
	failed = cmocka_run_group_tests_name("in a child process", tests, NULL, NULL);
	fflush(NULL);
	_exit(failed ? 1 : skip_asked ? CHILD_SKIPPED : 0);
}

static void read_text(int fd, char *buf, size_t size)
{
	size_t length = 0;
	ssize_t n;

	while (length < size - 1 && (n = read(fd, buf + length, size - 1 - length)) > 0)
		length += (size_t)n;
	buf[length] = '\0';
}

/* The reason that skip_because has printed in the child. */
static const char *skip_reason(char *text)
{
	char *reason = strstr(text, SKIP_PREFIX);

	if (!reason)
		return "in a child process, which gave no reason";
	reason += strlen(SKIP_PREFIX);
	reason[strcspn(reason, "\n")] = '\0';
	return reason;
}

static void judge(int status, char *text)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == CHILD_SKIPPED)
		skip_because(skip_reason(text));
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		fail_msg("in a child process (wait status 0x%x):\n%s", (unsigned)status, text);
}

/* TSan's fork starts a thread of its own in the child, and a process with two threads may not
 * change its time or user namespace. The plain call does not. */
static pid_t fork_with_one_thread(void)
{
#ifdef __SANITIZE_THREAD__
	return (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
#else
	return fork();
#endif
}

void in_child(void (*run)(void *arg), void *arg)
{
	char text[16384];
	int ends[2], status;
	pid_t pid;

	body.run = run;
	body.arg = arg;
	fflush(NULL);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	pid = fork_with_one_thread();
	if (pid == 0)
		child_main(ends[1]);
	close(ends[1]);
	read_text(ends[0], text, sizeof text);
	close(ends[0]);
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	judge(status, text);
}

void need_root(void)
{
	if (geteuid() != 0)
		skip_because("it takes root");
}

/* -- Changes of the calling process, by the kernel's own interface and not by the library -- */

static void assert_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));

	if (n != (ssize_t)strlen(text))
		fail_msg("write of '%s' to %s: %s", text, path, strerror(errno));
	close(fd);
}

void assert_new_user_namespace(void)
{
	char uid_map[32], gid_map[32];

	snprintf(uid_map, sizeof uid_map, "0 %u 1\n", geteuid());
	snprintf(gid_map, sizeof gid_map, "0 %u 1\n", getegid());
	assert_int_equal(unshare(CLONE_NEWUSER), 0);
	assert_write("/proc/self/setgroups", "deny");
	assert_write("/proc/self/uid_map", uid_map);
	assert_write("/proc/self/gid_map", gid_map);
}

/* Without root there are the same rights in a user namespace of our own. */
static void need_capabilities(void)
{
	if (geteuid() != 0)
		assert_new_user_namespace();
}

static void format_offsets(struct timens_offsets o, char text[200])
{
	snprintf(text, 200, "monotonic %ld %ld\nboottime %ld %ld\n", o.clock_monotonic.tv_sec,
		 o.clock_monotonic.tv_nsec, o.clock_boottime.tv_sec, o.clock_boottime.tv_nsec);
}

void assert_leave_pending(const struct timens_offsets *offsets)
{
	char text[200];

	format_offsets(add_offsets(own_offsets(), *offsets), text);
	need_capabilities();
	assert_int_equal(unshare(CLONE_NEWTIME), 0);
	assert_write("/proc/self/timens_offsets", text);
}

void assert_move_into(const struct timens_offsets *offsets)
{
	int fd;

	assert_leave_pending(offsets);
	fd = open("/proc/self/ns/time_for_children", O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(setns(fd, CLONE_NEWTIME), 0);
	close(fd);
}

/* The child's side. */
__attribute__((noreturn)) static void move_late(const char *text, int ready, int milliseconds)
{
	int file, r = unshare(CLONE_NEWTIME);

	/* A test that fails does not end it. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	file = open("/proc/self/timens_offsets", O_WRONLY | O_CLOEXEC);
	if (r == 0 && write(file, text, strlen(text)) == (ssize_t)strlen(text) &&
	    write(ready, "x", 1) == 1) {
		usleep((unsigned)milliseconds * 1000);
		file = open("/proc/self/ns/time_for_children", O_RDONLY | O_CLOEXEC);
		if (setns(file, CLONE_NEWTIME) == 0)
			pause();
	}
	_exit(1);
}

pid_t assert_late_mover(const struct timens_offsets *offsets, int milliseconds)
{
	char text[200], byte;
	int ends[2];
	pid_t pid;

	need_root();
	format_offsets(add_offsets(own_offsets(), *offsets), text);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	pid = fork_with_one_thread();
	if (pid == 0)
		move_late(text, ends[1], milliseconds);
	close(ends[1]);
	assert_int_equal(read(ends[0], &byte, 1), 1);
	close(ends[0]);
	return pid;
}

void assert_become_nobody(void)
{
	/* Somebody without privilege will do as well. */
	if (geteuid() != 0)
		return;
	assert_int_equal(setgroups(0, NULL), 0);
	assert_int_equal(setresgid(65534, 65534, 65534), 0);
	assert_int_equal(setresuid(65534, 65534, 65534), 0);
	/* A change of ids closes /proc/self to us, until the next exec. A program that was started
	 * by that user has no such trouble. */
	assert_int_equal(prctl(PR_SET_DUMPABLE, 1), 0);
}

static uint32_t half_of(uint64_t mask, int half)
{
	return (uint32_t)(mask >> 32 * half);
}

void assert_keep_capabilities(uint64_t kept)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];

	assert_int_equal(syscall(SYS_capget, &head, data), 0);
	for (int i = 0; i < 2; i++) {
		data[i].effective &= half_of(kept, i);
		data[i].permitted &= half_of(kept, i);
		data[i].inheritable = 0;
	}
	assert_int_equal(syscall(SYS_capset, &head, data), 0);
	assert_int_equal(prctl(PR_SET_DUMPABLE, 1), 0);
}

void assert_drop_sys_time(void)
{
	need_capabilities();
	assert_keep_capabilities(~(UINT64_C(1) << CAP_SYS_TIME));
}

void assert_set_limit(const char *name, const char *value)
{
	char path[128];

	snprintf(path, sizeof path, "/proc/sys/user/%s", name);
	assert_write(path, value);
}

int assert_make_cgroup(char path[64])
{
	char folder[32];

	need_root();
	/* Where version 2 is mounted is anybody's guess; a mount of our own is not. */
	assert_int_equal(unshare(CLONE_NEWNS), 0);
	assert_int_equal(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	make_folder(folder);
	if (mount("none", folder, "cgroup2", 0, NULL) < 0)
		skip_because("this kernel has no cgroup of version 2");
	snprintf(path, 64, "%s/timens-test-%d", folder, getpid());
	assert_int_equal(mkdir(path, 0755), 0);
	return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static void filter(int nr, unsigned action)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)nr, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, action),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {COUNT(code), code};

	assert_int_equal(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	assert_int_equal(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
}

void assert_filter(int nr, int errnum)
{
	filter(nr, SECCOMP_RET_ERRNO | (unsigned)errnum);
}

void assert_deadly_filter_of(int nr, unsigned first)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)nr, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, first, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {COUNT(code), code};

	assert_int_equal(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	assert_int_equal(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
}

void assert_deadly_filter(int nr)
{
	filter(nr, SECCOMP_RET_KILL_PROCESS);
}
