/* SPDX-License-Identifier: MIT */
/* What a call may meet: filters, a strange /proc, limits, namespaces. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "job.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define STATUS_SKIPPED 77

void give_up(const char *format, ...)
{
	va_list args;

	fprintf(stderr, "driver: not to be had here: ");
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, " (%s)\n", strerror(errno));
	exit(STATUS_SKIPPED);
}

static void need(int r, const char *what)
{
	if (r < 0)
		give_up("%s", what);
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		give_up("write of '%s' to %s", text, path);
	close(fd);
}

/* -- Filters -- */

/* NR:ERRNO, as a container's seccomp profile answers; NR alone: whoever makes that call is
 * killed. */
static void deny(const char *value)
{
	const char *errnum = strchr(value, ':');
	unsigned action =
		errnum ? SECCOMP_RET_ERRNO | (unsigned)atoi(errnum + 1) : SECCOMP_RET_KILL_PROCESS;
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)atoi(value), 0, 1),
		BPF_STMT(BPF_RET | BPF_K, action),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {COUNT(code), code};

	need(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
	need(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), "seccomp");
}

/* -- /proc -- */

static void unmount(void)
{
	need(umount2("/proc", MNT_DETACH), "umount of /proc");
}

static void mount_hidepid(void)
{
	need(mount("proc", "/proc", "proc", 0, "hidepid=2"), "hidepid");
}

static void mount_read_only(void)
{
	need(mount("proc", "/proc", "proc", 0, NULL), "proc");
	need(mount(NULL, "/proc", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL), "read-only /proc");
}

/* Over this process' own file, as masked paths of containers are; the child's is another one. */
static void mask_own(void)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/timens_offsets", getpid());
	need(mount("/dev/null", path, NULL, MS_BIND, NULL), "masked timens_offsets");
}

/* A file system in place of /proc that knows nothing. */
static void mount_empty(void)
{
	need(mount("none", "/proc", "tmpfs", 0, NULL), "empty /proc");
}

/* That of another pid namespace, in which we have no number. */
static void mount_foreign(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		if (unshare(CLONE_NEWPID) < 0)
			_exit(1);
		pid = fork();
		if (pid == 0)
			_exit(mount("proc", "/proc", "proc", 0, NULL) < 0);
		waitpid(pid, &status, 0);
		_exit(status != 0);
	}
	if (waitpid(pid, &status, 0) != pid || status)
		give_up("a /proc of another pid namespace");
}

static void change_proc(const char *value)
{
	static const struct {
		const char *name;
		void (*change)(void);
	} kinds[] = {
		{"none", unmount},    {"hidepid", mount_hidepid}, {"readonly", mount_read_only},
		{"masked", mask_own}, {"empty", mount_empty},	  {"foreign", mount_foreign},
	};

	need(unshare(CLONE_NEWNS), "a mount namespace");
	need(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "private mounts");
	for (size_t i = 0; i < COUNT(kinds); i++)
		if (!strcmp(value, kinds[i].name))
			kinds[i].change();
}

/* -- Limits -- */

static struct rlimit low, usual;
static int limited = -1;

/* RESOURCE:SOFT */
static void limit(const char *value)
{
	limited = atoi(value);
	need(getrlimit((enum __rlimit_resource)limited, &usual), "getrlimit");
	low = usual;
	low.rlim_cur = strtoul(strchr(value, ':') + 1, NULL, 10);
}

static const char *memory_group;

/* A cgroup with little memory, for the call: what the driver has already is charged elsewhere. */
static void use_memory_group(const char *value)
{
	memory_group = value;
}

static void change_group(const char *suffix)
{
	char path[512];

	snprintf(path, sizeof path, "%s/%s", memory_group, suffix);
	write_file(path, "0");
}

void set_limit(int on)
{
	if (memory_group)
		change_group(on ? "cgroup.procs" : "../cgroup.procs");
	if (limited >= 0 && setrlimit((enum __rlimit_resource)limited, on ? &low : &usual) < 0)
		give_up("setrlimit");
}

/* NAME:VALUE of /proc/sys/user. It counts for each user namespace and user. */
static void set_user_limit(const char *value)
{
	char path[128];
	const char *colon = strchr(value, ':');

	snprintf(path, sizeof path, "/proc/sys/user/%.*s", (int)(colon - value), value);
	write_file(path, colon + 1);
}

/* -- Who and where -- */

static void become_nobody(const char *value)
{
	(void)value;
	need(setgroups(0, NULL), "setgroups");
	need(setresgid(65534, 65534, 65534), "setresgid");
	need(setresuid(65534, 65534, 65534), "setresuid");
	/* As a program that this user has started. */
	prctl(PR_SET_DUMPABLE, 1);
}

static void new_user_namespace(const char *value)
{
	char map[32];
	uid_t uid = geteuid();
	gid_t gid = getegid();

	(void)value;
	need(unshare(CLONE_NEWUSER), "a user namespace");
	write_file("/proc/self/setgroups", "deny");
	snprintf(map, sizeof map, "0 %u 1\n", uid);
	write_file("/proc/self/uid_map", map);
	snprintf(map, sizeof map, "0 %u 1\n", gid);
	write_file("/proc/self/gid_map", map);
}

/* This process has a namespace pending, whose offsets are other than its own. */
static void leave_pending(const char *value)
{
	(void)value;
	need(unshare(CLONE_NEWTIME), "a time namespace");
	write_file("/proc/self/timens_offsets", "1 777 7\n7 888 8\n");
}

/* And one in which this process is. */
static void move_inside(const char *value)
{
	int fd;

	leave_pending(value);
	fd = open("/proc/self/ns/time_for_children", O_RDONLY | O_CLOEXEC);
	need(fd, "time_for_children");
	need(setns(fd, CLONE_NEWTIME), "setns");
	close(fd);
}

/* -- Signals -- */

static void on_signal(int sig)
{
	(void)sig;
}

static void handle(const char *value)
{
	const struct sigaction act = {.sa_handler = on_signal};

	sigaction(atoi(value), &act, NULL);
}

static void reap_all(int sig)
{
	int kept = errno;

	(void)sig;
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	errno = kept;
}

/* As some programs have it: what ends is reaped by whoever comes first. */
static void reaper(const char *value)
{
	const struct sigaction act = {.sa_handler = reap_all};

	(void)value;
	sigaction(SIGCHLD, &act, NULL);
}

int set_condition(const char *key, const char *value)
{
	static const struct {
		const char *key;
		void (*set)(const char *value);
	} conditions[] = {
		{"deny", deny},
		{"proc", change_proc},
		{"limit", limit},
		{"memory", use_memory_group},
		{"user", set_user_limit},
		{"nobody", become_nobody},
		{"newuser", new_user_namespace},
		{"pending", leave_pending},
		{"inside", move_inside},
		{"handle", handle},
		{"reaper", reaper},
	};

	for (size_t i = 0; i < COUNT(conditions); i++) {
		if (strcmp(key, conditions[i].key) != 0)
			continue;
		conditions[i].set(value);
		return 1;
	}
	return 0;
}
