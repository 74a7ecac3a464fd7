/* SPDX-License-Identifier: MIT */
#undef _GNU_SOURCE /* its strerror_r is another one */
#include "error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "timespec.h"

/* A printf target that counts on past the end, as snprintf does. */
struct text {
	char *buf;
	size_t size, length;
};

__attribute__((format(printf, 2, 3))) static void put(struct text *t, const char *format, ...)
{
	size_t at = t->length < t->size ? t->length : t->size;
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(t->size ? t->buf + at : NULL, t->size - at, format, args);
	va_end(args);
	if (n > 0)
		t->length += (size_t)n;
}

int timens_fail(struct timens_error *error, int stage, int r, const char *subject)
{
	if (error) {
		*error = (struct timens_error){.errnum = -r, .stage = stage};
		if (subject)
			snprintf(error->subject, sizeof error->subject, "%s", subject);
	}
	return r;
}

int timens_fail_number(struct timens_error *error, int stage, int r, int number)
{
	char subject[16];

	snprintf(subject, sizeof subject, "%d", number);
	return timens_fail(error, stage, r, subject);
}

int timens_fail_args(struct timens_error *error, int r, const char *format, ...)
{
	va_list args;

	timens_fail(error, TIMENS_STAGE_ARGS, r, NULL);
	if (error) {
		va_start(args, format);
		vsnprintf(error->subject, sizeof error->subject, format, args);
		va_end(args);
	}
	return r;
}

int timens_fail_clock(struct timens_error *error, int r, int clock,
		      const struct timens_timespec *offset, const struct timens_timespec *reading)
{
	timens_fail(error, TIMENS_STAGE_OFFSETS, r, NULL);
	if (error) {
		error->clock = clock;
		error->offset = *offset;
		error->reading = *reading;
	}
	return r;
}

/* -- Names -- */

/* What stands in front of the system's own message. %s: the subject. */
static const struct stage {
	const char *name, *phrase;
} stages[] = {
	[TIMENS_STAGE_ARGS] = {"args", "bad argument: %s"},
	[TIMENS_STAGE_OFFSETS] = {"offsets", "offsets%s"},
	[TIMENS_STAGE_PREPARE] = {"prepare", "preparation of the start: %s"},
	[TIMENS_STAGE_ROUTE] = {"route", "route %s"},
	[TIMENS_STAGE_CLONE] = {"clone", "clone of the child%s"},
	[TIMENS_STAGE_UNSHARE] = {"unshare", "creation of the time namespace%s"},
	[TIMENS_STAGE_MAP] = {"map", "write of the user namespace's id maps%s"},
	[TIMENS_STAGE_WRITE] = {"write", "write of /proc/self/timens_offsets%s"},
	[TIMENS_STAGE_ENTER] = {"enter", "entry into the time namespace%s"},
	[TIMENS_STAGE_CGROUP] = {"cgroup", "entry into the cgroup of descriptor %s"},
	[TIMENS_STAGE_SESSION] = {"session", "start of a new session%s"},
	[TIMENS_STAGE_PGROUP] = {"pgroup", "move to process group %s"},
	[TIMENS_STAGE_TTY] = {"tty", "use of descriptor %s as the terminal"},
	[TIMENS_STAGE_FDS] = {"fds", "set-up of descriptor %s"},
	[TIMENS_STAGE_CWD] = {"cwd", "change to directory '%s'"},
	[TIMENS_STAGE_RLIMITS] = {"rlimits", "limit of resource %s"},
	[TIMENS_STAGE_NICE] = {"nice", "change of the niceness%s"},
	[TIMENS_STAGE_CREDENTIALS] = {"credentials", "change of credentials%s"},
	[TIMENS_STAGE_PARENT] = {"parent", "tie to the parent's life%s"},
	[TIMENS_STAGE_EXEC] = {"exec", "exec of '%s'"},
	[TIMENS_STAGE_WAIT] = {"wait", "wait for process %s"},
	[TIMENS_STAGE_KILL] = {"kill", "signal to process %s"},
	[TIMENS_STAGE_READ] = {"read", "read of the offsets of %s"},
	[TIMENS_STAGE_PARSE] = {"parse", "time %s"},
	[TIMENS_STAGE_JOIN] = {"join", "entry into the time namespace of descriptor %s"},
	[TIMENS_STAGE_SIGNALS] = {"signals", "set-up of the signals%s"},
};
#define STAGE_COUNT (int)(sizeof stages / sizeof stages[0])

static int is_stage(int stage)
{
	return stage > TIMENS_STAGE_NONE && stage < STAGE_COUNT;
}

const char *timens_stage_name(int stage)
{
	return is_stage(stage) ? stages[stage].name : "?";
}

const char *timens_route_name(unsigned route)
{
	static const char *const names[] = {"auto", "clone3", "vfork", "fork"};

	return route < sizeof names / sizeof names[0] ? names[route] : "?";
}

/* -- Hints -- */

/* What to do about it; the first row that fits. */
static const struct hint {
	int stage, errnum;
	const char *text;
} hints[] = {
	{TIMENS_STAGE_ROUTE, EOPNOTSUPP,
	 "on this kernel it would start the program with unshifted clocks; use route auto or fork"},
	{TIMENS_STAGE_ROUTE, EBUSY,
	 "the caller has a pending time namespace and is itself in a shifted one; use route auto "
	 "or fork"},
	{TIMENS_STAGE_ROUTE, EINVAL,
	 "it shares memory with the caller, whom a change of uid or gid there would lock out of "
	 "its "
	 "own /proc/self; use route auto or fork"},
	{TIMENS_STAGE_CLONE, EPERM,
	 "a user namespace was refused: see kernel.unprivileged_userns_clone, "
	 "user.max_user_namespaces, a chroot, or the container's seccomp profile"},
	{TIMENS_STAGE_CLONE, EACCES,
	 "AppArmor, or another security module, forbids user namespaces to this program; give it a "
	 "profile that allows userns"},
	{TIMENS_STAGE_CLONE, ENOSPC,
	 "the limit user.max_user_namespaces or user.max_time_namespaces is used up; raise it with "
	 "sysctl -w, or end programs that hold a namespace"},
	{TIMENS_STAGE_CLONE, ENOSYS,
	 "a seccomp profile refuses clone3, and clone(2) cannot do the same"},
	{TIMENS_STAGE_CLONE, E2BIG, "clone_args asks for something newer than this kernel"},
	{TIMENS_STAGE_CLONE, EUSERS, "user namespaces are nested too deep"},
	{TIMENS_STAGE_CLONE, EAGAIN, "the limit of processes is reached: ulimit -u, pids.max"},
	{TIMENS_STAGE_UNSHARE, EINVAL,
	 "this kernel has no time namespaces; they need Linux 5.6 built with CONFIG_TIME_NS=y"},
	{TIMENS_STAGE_UNSHARE, EPERM,
	 "it takes CAP_SYS_ADMIN, or user namespace 'auto' or 'always', which a chroot, "
	 "kernel.unprivileged_userns_clone or a container's seccomp profile refuses"},
	{TIMENS_STAGE_UNSHARE, EACCES,
	 "AppArmor, or another security module, forbids user namespaces to this program; give it a "
	 "profile that allows userns"},
	{TIMENS_STAGE_UNSHARE, ENOSPC,
	 "the limit user.max_time_namespaces is used up; raise it with sysctl -w, or end programs "
	 "that hold a namespace"},
	{TIMENS_STAGE_MAP, EPERM,
	 "on Ubuntu 23.10 and later set kernel.apparmor_restrict_unprivileged_userns=0 or give the "
	 "program an AppArmor profile that allows userns; a map of uid 0 takes CAP_SETFCAP"},
	{TIMENS_STAGE_MAP, EACCES,
	 "the caller is not dumpable (it changed its ids, or its file is not readable), "
	 "or AppArmor restricts user namespaces (kernel.apparmor_restrict_unprivileged_userns)"},
	{TIMENS_STAGE_MAP, EINVAL, "the id maps overlap, or name ids that do not exist out here"},
	{TIMENS_STAGE_MAP, ENOENT, "a /proc of this pid namespace must be mounted at /proc"},
	{TIMENS_STAGE_WRITE, EPERM,
	 "it takes CAP_SYS_TIME over the new namespace, which user namespace 'auto' or 'always' "
	 "can give"},
	{TIMENS_STAGE_WRITE, EACCES,
	 "the caller is not dumpable (it changed its ids, or its file is not readable); see "
	 "PR_SET_DUMPABLE"},
	{TIMENS_STAGE_WRITE, ENOENT, "a /proc of this pid namespace must be mounted at /proc"},
	{TIMENS_STAGE_WRITE, ESRCH, "a /proc of this pid namespace must be mounted at /proc"},
	{TIMENS_STAGE_WRITE, EROFS, "/proc must be writable; this one is masked or read-only"},
	{TIMENS_STAGE_WRITE, ERANGE, "the clock would be negative or past 146 years"},
	{TIMENS_STAGE_ENTER, EPERM,
	 "it takes CAP_SYS_ADMIN over the user namespace that owns the time namespace"},
	{TIMENS_STAGE_ENTER, EBUSY,
	 "the caller must have one thread, and share its memory with no other process"},
	{TIMENS_STAGE_PREPARE, ENOENT, "a /proc of this pid namespace must be mounted at /proc"},
	{TIMENS_STAGE_PREPARE, EMFILE, "too many descriptors are open: ulimit -n"},
	{TIMENS_STAGE_PREPARE, EBUSY,
	 "a new pid namespace is pending, and a child of the library's own would be its init and "
	 "take "
	 "it down"},
	{TIMENS_STAGE_CGROUP, EBADF, "it must be a directory of a cgroup v2 hierarchy"},
	{TIMENS_STAGE_CGROUP, ENOENT, "it must be a directory of a cgroup v2 hierarchy"},
	{TIMENS_STAGE_CGROUP, EACCES,
	 "it takes the right to write its cgroup.procs and that of the common ancestor"},
	{TIMENS_STAGE_CGROUP, EBUSY,
	 "it has controllers enabled for its children, and so holds no processes itself"},
	{TIMENS_STAGE_PGROUP, EPERM,
	 "the group must exist in the caller's session, and a session's leader has its own"},
	{TIMENS_STAGE_TTY, ENOTTY, "it is no terminal, or not the one of the session"},
	{TIMENS_STAGE_TTY, EPERM, "another session has that terminal"},
	{TIMENS_STAGE_RLIMITS, EPERM, "a hard limit is raised by CAP_SYS_RESOURCE only"},
	{TIMENS_STAGE_RLIMITS, EINVAL, "no such resource, or the soft limit is over the hard one"},
	{TIMENS_STAGE_NICE, EACCES, "a lower niceness takes CAP_SYS_NICE, or RLIMIT_NICE"},
	{TIMENS_STAGE_CREDENTIALS, EPERM,
	 "it takes CAP_SETUID and CAP_SETGID; in a user namespace with the caller's ids only, "
	 "there are no others, and groups cannot be set"},
	{TIMENS_STAGE_CREDENTIALS, EINVAL, "the id has no place in the user namespace's id maps"},
	{TIMENS_STAGE_PARENT, ESRCH, "the caller's thread had ended"},
	{TIMENS_STAGE_JOIN, EBUSY,
	 "the caller must have one thread, and share its memory with no other process"},
	{TIMENS_STAGE_JOIN, EINVAL,
	 "it must be /proc/PID/ns/time or a pidfd (Linux 5.8), of a kernel with time namespaces"},
	{TIMENS_STAGE_JOIN, EPERM,
	 "it takes CAP_SYS_ADMIN here and over the user namespace that owns the time namespace"},
	{TIMENS_STAGE_JOIN, ESRCH, "that process has ended"},
	{TIMENS_STAGE_SIGNALS, EPERM, "a seccomp profile refuses rt_sigaction or rt_sigprocmask"},
	{TIMENS_STAGE_SIGNALS, ENOSYS, "a seccomp profile refuses rt_sigaction or rt_sigprocmask"},
	{TIMENS_STAGE_EXEC, ENOENT,
	 "no such file, or not in the program's PATH, or its interpreter is missing"},
	{TIMENS_STAGE_EXEC, EACCES,
	 "it is not an executable file, or a directory on the way is closed"},
	{TIMENS_STAGE_EXEC, ENOEXEC, "not a program; a script needs a #! line"},
	{TIMENS_STAGE_EXEC, E2BIG, "argv and env together are too large: ulimit -s"},
	{TIMENS_STAGE_WAIT, ECHILD,
	 "it was reaped by somebody else (a SIGCHLD handler, SIGCHLD ignored, a wait for any "
	 "child)"},
	{TIMENS_STAGE_WAIT, EBADF, "it was waited for before"},
	{TIMENS_STAGE_KILL, EBADF, "it was waited for before"},
	{TIMENS_STAGE_KILL, ESRCH, "it has ended"},
	{TIMENS_STAGE_READ, EBUSY,
	 "it has a pending time namespace, and the kernel shows only that one's offsets"},
	{TIMENS_STAGE_READ, EACCES, "it takes the right to trace that process: ptrace(2)"},
	{TIMENS_STAGE_READ, ENOENT, "this needs Linux 5.6 with CONFIG_TIME_NS=y, and /proc"},
};

static const char *find_hint(const struct timens_error *error)
{
	for (size_t i = 0; i < sizeof hints / sizeof hints[0]; i++)
		if (hints[i].stage == error->stage && hints[i].errnum == error->errnum)
			return hints[i].text;
	return "";
}

/* -- Clocks -- */

static const char *span_text(const struct timens_timespec *span, char buf[TIMENS_SPAN_TEXT_MAX])
{
	if (timens_format(span, buf, TIMENS_SPAN_TEXT_MAX) < 0)
		snprintf(buf, TIMENS_SPAN_TEXT_MAX, "?");
	return buf;
}

static void put_clock(struct text *t, const struct timens_error *e)
{
	const char *name = e->clock == CLOCK_BOOTTIME ? "boottime" : "monotonic";
	char asked[TIMENS_SPAN_TEXT_MAX], now[TIMENS_SPAN_TEXT_MAX], edge[TIMENS_SPAN_TEXT_MAX];
	int low = e->offset.tv_sec < 0;
	struct timens_timespec limit = {low ? 0 : TIMENS_READING_MAX_SEC, 0};

	if (e->errnum != ERANGE) {
		put(t, "%s: tv_nsec is %lld and must be 0 to 999999999", name,
		    (long long)e->offset.tv_nsec);
		return;
	}
	/* The offset at which the clock stands at its limit; a reading is far from overflowing. */
	timens_timespec_sub(&limit, &e->reading, &limit);
	put(t, "%s %s would %s (it reads %s); the %s offset possible now is %s", name,
	    span_text(&e->offset, asked),
	    low ? "make the clock negative" : "take the clock past its limit of 146 years",
	    span_text(&e->reading, now), low ? "lowest" : "highest", span_text(&limit, edge));
}

/* -- Texts -- */

static void put_reason(struct text *t, const struct timens_error *e)
{
	char reason[96];

	/* Here EINTR stands for a child that died under way; elsewhere it is a signal's. */
	if (e->errnum == EINTR &&
	    (e->stage < TIMENS_STAGE_WAIT || e->stage == TIMENS_STAGE_SIGNALS)) {
		put(t, ": the child was killed from outside");
		return;
	}
	if (strerror_r(e->errnum, reason, sizeof reason) != 0)
		snprintf(reason, sizeof reason, "error %d", e->errnum);
	put(t, ": %s", reason);
}

static void put_stage(struct text *t, const struct timens_error *e)
{
	const char *phrase = stages[e->stage].phrase, *slot = strstr(phrase, "%s");

	put(t, "%.*s%s%s", (int)(slot - phrase), phrase, e->subject, slot + 2);
}

int timens_error_text(const struct timens_error *error, char *buf, size_t size)
{
	struct text t = {buf, size, 0};
	const char *hint;

	if (!error || (!buf && size))
		return -EFAULT;
	hint = find_hint(error);
	if (size)
		*buf = '\0';
	if (!is_stage(error->stage)) {
		put(&t, "no error");
		return (int)t.length;
	}
	if (error->clock) {
		put_clock(&t, error);
		return (int)t.length;
	}
	put_stage(&t, error);
	if (error->stage != TIMENS_STAGE_ARGS && error->stage != TIMENS_STAGE_PARSE)
		put_reason(&t, error);
	if (*hint)
		put(&t, "; %s", hint);
	return (int)t.length;
}

int timens_error_hint(const struct timens_error *error, char *buf, size_t size)
{
	struct text t = {buf, size, 0};

	if (!error || (!buf && size))
		return -EFAULT;
	put(&t, "%s", find_hint(error));
	return (int)t.length;
}
