/* SPDX-License-Identifier: MIT */
/*
 * What runs between clone and exec: system calls only. No libc, no allocation, no lock, no write
 * to anything but this stack and what plan.h calls the child's. The memory may be the parent's own
 * (routes clone3 and vfork), with its other threads running in it. The suite checks that this
 * object file, nsfile.c and timespec.c need no symbol from elsewhere.
 *
 * The order of the steps matters:
 *  - a descriptor table of its own comes first, where the clone has left it shared;
 *  - maps and offsets come before everything else: they need the capabilities of the start, and
 *    /proc/self files that a changed credential would close to us;
 *  - but for the cgroup, which is entered by the caller's own right;
 *  - cgroup and terminal are the caller's descriptors, which the fds may replace;
 *  - the fds come after them, since the files opened there must be gone again;
 *  - limits come after the fds, which a lower RLIMIT_NOFILE would refuse;
 *  - credentials come after all that needs the caller's, and before exec, which is to be judged by
 *    the new ones; the signal for the parent's death after them, since they take it away;
 *  - the signal mask is opened last, when every handler is back at its default: a handler of the
 *    parent must never run in here.
 */
#include "nsfile.h"
#include "plan.h"
#include "sys.h"
#include "timespec.h"

#include <errno.h>
#include <stdbool.h>

static int fail(const struct plan *plan, int stage, long r)
{
	plan->report->stage = stage;
	plan->report->errnum = (int32_t)-r;
	return -1;
}

/* What comes is about one element of a list. */
static void begin(const struct plan *plan, int stage, int32_t index)
{
	plan->report->stage = stage;
	plan->report->index = index;
}

/* A step that is one system call. */
static int step(const struct plan *plan, int stage, long r)
{
	return r < 0 ? fail(plan, stage, r) : 0;
}

/* -- The namespace -- */

/* Without "deny" an unprivileged gid_map is refused: user_namespaces(7). */
static int map_ids(const struct plan *plan)
{
	int r = sys_write_file("/proc/self/setgroups", "deny", 4);

	if (r >= 0)
		r = sys_write_file("/proc/self/uid_map", plan->uid_map.text, plan->uid_map.length);
	if (r >= 0)
		r = sys_write_file("/proc/self/gid_map", plan->gid_map.text, plan->gid_map.length);
	return step(plan, TIMENS_STAGE_MAP, r);
}

static int enter_userns(const struct plan *plan)
{
	if (!plan->userns)
		return 0;
	plan->report->stage = TIMENS_STAGE_MAP;
	if (plan->userns_fd >= 0)
		return step(plan, TIMENS_STAGE_MAP, sys_setns(plan->userns_fd, CLONE_NEWUSER));
	return map_ids(plan);
}

/* The caller's own offsets, to which the ones asked for are added. The file shows what the new
 * namespace inherited: from the caller's namespace, or from one the caller has pending. */
static int find_base(const struct plan *plan, int fd, struct timens_offsets *base)
{
	char text[256];
	long n;

	/* Also if nothing new can be in it: a masked file (/dev/null) takes every write. */
	n = sys_pread(fd, text, sizeof text, 0);
	if (n >= 0)
		n = n ? timens_nsfile_parse(text, (size_t)n, base) : -EROFS;
	if (n < 0)
		return fail(plan, TIMENS_STAGE_WRITE, n);
	if (plan->base_from == BASE_CACHED && !timens_offsets_equal(base, &plan->base))
		return fail(plan, STEP_STALE_BASE, -EAGAIN);
	if (plan->base_from == BASE_KNOWN)
		*base = plan->base;
	return 0;
}

/* One write for both clocks, complete or not at all: the kernel drops a tail in silence and
 * answers with a short count. */
static int write_to(const struct plan *plan, int fd)
{
	struct timens_offsets base, sum;
	char text[NSFILE_TEXT_MAX];
	size_t length;
	long n;

	if (find_base(plan, fd, &base) < 0)
		return -1;
	n = timens_offsets_add(&base, &plan->offsets, &sum);
	if (n < 0)
		return fail(plan, TIMENS_STAGE_WRITE, n);
	length = timens_nsfile_format(&sum, text);
	/* write: this file refuses pwrite, and a pread has left the position at 0. */
	n = sys_write(fd, text, length);
	if (n >= 0 && (size_t)n != length)
		n = -EIO;
	return step(plan, TIMENS_STAGE_WRITE, n);
}

static int write_offsets(const struct plan *plan)
{
	int fd, r;

	plan->report->stage = TIMENS_STAGE_WRITE;
	fd = sys_open(NSFILE_PATH, O_RDWR);
	if (fd < 0)
		return fail(plan, TIMENS_STAGE_WRITE, fd);
	r = write_to(plan, fd);
	/* Left open, it would stand in for a descriptor of the caller in the fds map. Where there
	 * is none, exec closes it, when the parent is on its way already. */
	if (r < 0 || plan->args.fds_count || plan->enter)
		sys_close(fd);
	return r;
}

static int enter_pending(const struct plan *plan)
{
	int fd, r;

	plan->report->stage = TIMENS_STAGE_ENTER;
	fd = sys_open("/proc/self/ns/time_for_children", O_RDONLY);
	if (fd < 0)
		return fail(plan, TIMENS_STAGE_ENTER, fd);
	r = sys_setns(fd, CLONE_NEWTIME);
	sys_close(fd);
	return step(plan, TIMENS_STAGE_ENTER, r);
}

static int unshare_time(const struct plan *plan)
{
	plan->report->stage = TIMENS_STAGE_UNSHARE;
	/* A fork of a caller with a pending namespace is born into that one; without going back,
	 * "relative to the caller's clocks" would mean the pending ones. */
	if (plan->own_ns >= 0 &&
	    step(plan, TIMENS_STAGE_ENTER, sys_setns(plan->own_ns, CLONE_NEWTIME)) < 0)
		return -1;
	return step(plan, TIMENS_STAGE_UNSHARE, sys_unshare(CLONE_NEWTIME));
}

int timens_child_namespace(const struct plan *plan)
{
	if (enter_userns(plan) < 0)
		return -1;
	if (!plan->with_time)
		return 0;
	if (plan->unshare_time && unshare_time(plan) < 0)
		return -1;
	if (write_offsets(plan) < 0)
		return -1;
	return plan->enter ? enter_pending(plan) : 0;
}

/* -- Where it belongs: cgroup, session, terminal -- */

static int join_cgroup(const struct plan *plan)
{
	int fd;
	long r;

	plan->report->stage = TIMENS_STAGE_CGROUP;
	/* Any directory may hold a file of that name; clone3 says EBADF of it. */
	r = sys_is_cgroup2(plan->args.cgroup);
	if (r <= 0)
		return fail(plan, TIMENS_STAGE_CGROUP, r ? r : -EBADF);
	fd = sys_openat(plan->args.cgroup, "cgroup.procs", O_WRONLY);
	if (fd < 0)
		return fail(plan, TIMENS_STAGE_CGROUP, fd);
	r = sys_write(fd, "0", 1);
	sys_close(fd);
	return step(plan, TIMENS_STAGE_CGROUP, r);
}

/* SIGTTOU is blocked, and so a group in the background may do this. */
static int take_terminal(const struct plan *plan)
{
	int r = 0;

	plan->report->stage = TIMENS_STAGE_TTY;
	if (plan->args.flags & TIMENS_SPAWN_SET_TTY)
		r = sys_take_tty(plan->args.tty);
	if (r >= 0 && (plan->args.flags & TIMENS_SPAWN_FOREGROUND)) {
		r = sys_getpgid();
		if (r >= 0)
			r = sys_set_foreground(plan->args.tty, r);
	}
	return step(plan, TIMENS_STAGE_TTY, r);
}

static int find_place(const struct plan *plan)
{
	plan->report->stage = TIMENS_STAGE_SESSION;
	if ((plan->args.flags & TIMENS_SPAWN_SETSID) &&
	    step(plan, TIMENS_STAGE_SESSION, sys_setsid()) < 0)
		return -1;
	plan->report->stage = TIMENS_STAGE_PGROUP;
	if ((plan->args.flags & TIMENS_SPAWN_SET_PGROUP) &&
	    step(plan, TIMENS_STAGE_PGROUP, sys_setpgid(plan->args.pgroup)) < 0)
		return -1;
	return take_terminal(plan);
}

/* -- Descriptors -- */

/* The targets are sorted. */
static bool is_target(const struct plan *plan, int fd)
{
	uint32_t low = 0, high = (uint32_t)plan->args.fds_count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (plan->args.fds[middle].target == fd)
			return true;
		if (plan->args.fds[middle].target < fd)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

/* With a table shared until now, the kernel copies only what is below `first_unused`, and the start
 * does not grow with the descriptors of the caller. Where that is refused, the parent tries again
 * with a clone that copies them all. */
static int leave_descriptors(const struct plan *plan)
{
	if (!plan->first_unused)
		return 0;
	plan->report->stage = TIMENS_STAGE_FDS;
	return step(plan, STEP_SHARED_TABLE, sys_unshare_files_from(plan->first_unused));
}

/* A copy of fd that is nobody's target. F_DUPFD calls it EINVAL when the limit is reached. */
static int lift(const struct plan *plan, int fd)
{
	int copy = -1;

	do
		copy = sys_fcntl(fd, F_DUPFD_CLOEXEC, copy + 1L);
	while (copy >= 0 && is_target(plan, copy));
	return copy == -EINVAL ? -EMFILE : copy;
}

/* Brings a source out of the way if it is the target of another entry, so that crossings and cycles
 * cannot overwrite one another. Copies that lift leaves behind are close-on-exec. */
static int lift_sources(const struct plan *plan)
{
	for (uint32_t i = 0; i < plan->args.fds_count; i++) {
		const struct timens_fd *f = &plan->args.fds[i];
		int fd = f->source;

		begin(plan, TIMENS_STAGE_FDS, (int32_t)i);
		if (fd == TIMENS_FD_NULL)
			fd = sys_open("/dev/null", O_RDWR);
		if (fd >= 0 && fd != f->target && is_target(plan, fd))
			fd = lift(plan, fd);
		if (fd < 0)
			return fail(plan, TIMENS_STAGE_FDS, fd);
		plan->fds_scratch[i] = fd;
	}
	return 0;
}

static int map_fds(const struct plan *plan)
{
	if (lift_sources(plan) < 0)
		return -1;
	for (uint32_t i = 0; i < plan->args.fds_count; i++) {
		int from = plan->fds_scratch[i], to = plan->args.fds[i].target, r;

		begin(plan, TIMENS_STAGE_FDS, (int32_t)i);
		/* dup3 refuses equal numbers, and dup2 would leave close-on-exec set. */
		r = from == to ? sys_fcntl(to, F_SETFD, 0) : sys_dup3(from, to, 0);
		if (r < 0)
			return fail(plan, TIMENS_STAGE_FDS, r);
	}
	return 0;
}

/* A decimal descriptor number; -1 for "." and "..". */
static int fd_of_name(const char *name)
{
	int fd = 0;

	/* NOLINTNEXTLINE(clang-analyzer-core.uninitialized.Branch): getdents has written it */
	for (; *name; name++) {
		if (*name < '0' || *name > '9')
			return -1;
		fd = fd * 10 + (*name - '0');
	}
	return fd;
}

struct dirent64 {
	uint64_t ino;
	int64_t off;
	uint16_t reclen;
	uint8_t type;
	char name[];
};

/* For kernels before 5.9 and filters that know no close_range. Closing while reading is sound:
 * the position in /proc/self/fd is the descriptor's number. */
static long close_listed(const struct plan *plan, int keep)
{
	_Alignas(struct dirent64) char buf[1024];
	int dir = sys_open("/proc/self/fd", O_RDONLY | O_DIRECTORY);
	long n;

	if (dir < 0)
		return dir;
	while ((n = sys_getdents(dir, buf, sizeof buf)) > 0) {
		for (long at = 0; at < n;) {
			const struct dirent64 *entry = (const void *)(buf + at);
			int fd = fd_of_name(entry->name);

			if (fd > 2 && fd != dir && fd != keep && !is_target(plan, fd))
				sys_close(fd);
			at += entry->reclen;
		}
	}
	sys_close(dir);
	return n;
}

/* Closes from `first` to just below `end`, but `keep`. */
static long close_span(unsigned first, unsigned end, int keep)
{
	long r = 0;

	if (keep >= 0 && (unsigned)keep >= first && (unsigned)keep < end) {
		r = close_span(first, (unsigned)keep, -1);
		first = (unsigned)keep + 1;
	}
	if (r == 0 && first < end)
		r = sys_close_range(first, end - 1);
	return r;
}

/* All from 3 up but the targets (which are sorted) and `keep`, the error channel. Above what a
 * table of our own was made with there are but targets, and what exec closes. */
static int close_others(const struct plan *plan, int keep)
{
	unsigned first = 3;
	unsigned end = plan->first_unused ? plan->first_unused : (unsigned)INT32_MAX + 1;
	long r = 0;

	for (uint32_t i = 0; i < plan->args.fds_count && r == 0; i++) {
		unsigned target = (unsigned)plan->args.fds[i].target;

		if (target < first)
			continue;
		if (target >= end)
			break;
		r = close_span(first, target, keep);
		first = target + 1;
	}
	if (r == 0)
		r = close_span(first, end, keep);
	if (r < 0)
		r = close_listed(plan, keep);
	return step(plan, TIMENS_STAGE_FDS, r);
}

/* -- Signals, exec -- */

static int reset_handlers(void)
{
	struct sys_sigaction act = {0};
	static const struct sys_sigaction dfl;
	int r = 0;

	for (int sig = 1; sig <= SYS_NSIG && r == 0; sig++) {
		r = sys_sigaction(sig, NULL, &act);
		if (r == 0 && act.handler != SIG_DFL && act.handler != SIG_IGN)
			r = sys_sigaction(sig, &dfl, NULL);
	}
	return r;
}

static int set_actions(uint64_t set, void (*handler)(int))
{
	const struct sys_sigaction act = {.handler = handler};
	int r = 0;

	for (int sig = 1; set && r == 0; sig++, set >>= 1)
		if (set & 1)
			r = sys_sigaction(sig, &act, NULL);
	return r;
}

static int set_signals(const struct plan *plan)
{
	int r = 0;

	plan->report->stage = TIMENS_STAGE_SIGNALS;
	if (plan->reset_handlers)
		r = reset_handlers();
	if (r == 0)
		r = set_actions(plan->args.sigdefault, SIG_DFL);
	if (r == 0)
		r = set_actions(plan->args.sigignore, SIG_IGN);
	return step(plan, TIMENS_STAGE_SIGNALS, r);
}

/* -- Limits, credentials -- */

static int set_rlimits(const struct plan *plan)
{
	for (uint32_t i = 0; i < plan->args.rlimits_count; i++) {
		const struct timens_rlimit *limit = &plan->args.rlimits[i];
		const uint64_t soft_hard[2] = {limit->soft, limit->hard};
		int r;

		begin(plan, TIMENS_STAGE_RLIMITS, (int32_t)i);
		r = sys_setrlimit((int)limit->resource, soft_hard);
		if (r < 0)
			return fail(plan, TIMENS_STAGE_RLIMITS, r);
	}
	return 0;
}

static int set_limits(const struct plan *plan)
{
	if (set_rlimits(plan) < 0)
		return -1;
	plan->report->stage = TIMENS_STAGE_NICE;
	if (plan->args.nice && step(plan, TIMENS_STAGE_NICE, sys_add_nice(plan->args.nice)) < 0)
		return -1;
	if (plan->args.flags & TIMENS_SPAWN_SET_UMASK)
		sys_umask(plan->args.umask);
	return 0;
}

/* The user last: it is what the right to change the others comes from. */
static int set_credentials(const struct plan *plan)
{
	int r = 0;

	plan->report->stage = TIMENS_STAGE_CREDENTIALS;
	if (plan->args.flags & TIMENS_SPAWN_SET_GROUPS)
		r = sys_setgroups((uint32_t)plan->args.groups_count, plan->args.groups);
	if (r >= 0 && (plan->args.flags & TIMENS_SPAWN_SET_GID))
		r = sys_setresgid(plan->args.gid);
	if (r >= 0 && (plan->args.flags & TIMENS_SPAWN_SET_UID))
		r = sys_setresuid(plan->args.uid);
	if (r >= 0 && (plan->args.flags & TIMENS_SPAWN_NO_NEW_PRIVS))
		r = sys_prctl(PR_SET_NO_NEW_PRIVS, 1);
	return step(plan, TIMENS_STAGE_CREDENTIALS, r);
}

/* A thread that ended before prctl sends nothing: then we belong to somebody else already, or its
 * process lives on without it. Seen from a pid namespace of our own, a parent outside is 0 either
 * way. */
static bool is_orphan(const struct plan *plan)
{
	int parent = sys_getppid();

	return parent &&
	       (parent != plan->parent || sys_tgkill(parent, plan->parent_thread, 0) == -ESRCH);
}

static int die_with_parent(const struct plan *plan)
{
	int r;

	plan->report->stage = TIMENS_STAGE_PARENT;
	r = sys_prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (r >= 0 && is_orphan(plan))
		r = -ESRCH;
	return step(plan, TIMENS_STAGE_PARENT, r);
}

/* What execvp goes on after: the file is not there, or the directory cannot be searched now. */
static bool try_next(int r)
{
	return r == -ENOENT || r == -ENOTDIR || r == -EACCES || r == -ESTALE || r == -ENODEV ||
	       r == -ETIMEDOUT;
}

/* As execvp does, if it was asked for. */
static int exec_by_shell(const struct plan *plan, const char *file)
{
	plan->shell_argv[1] = file;
	return sys_execve("/bin/sh", plan->shell_argv, plan->args.env);
}

/* A candidate that is there and may not be run outranks "not found" at the end. */
static int exec_first(const struct plan *plan)
{
	int result = -ENOENT;
	bool denied = false;

	for (const char *const *file = plan->files; *file; file++) {
		result = sys_execve(*file, plan->args.argv, plan->args.env);
		if (result == -ENOEXEC && plan->shell_argv)
			return exec_by_shell(plan, *file);
		if (!try_next(result))
			return result;
		denied |= result == -EACCES;
	}
	return denied ? -EACCES : result;
}

/* -- The whole -- */

static int setup(const struct plan *plan, int channel)
{
	/* Before anything is opened or closed: until then it would be in the parent as well. */
	if (leave_descriptors(plan) < 0)
		return -1;
	/* By the right of the caller, not of a user namespace that may come. */
	if (plan->join_cgroup && join_cgroup(plan) < 0)
		return -1;
	if (timens_child_namespace(plan) < 0)
		return -1;
	if (!plan->files)
		return 0;
	if (set_signals(plan) < 0 || find_place(plan) < 0)
		return -1;
	if (map_fds(plan) < 0)
		return -1;
	plan->report->stage = TIMENS_STAGE_CWD;
	if (plan->args.cwd && step(plan, TIMENS_STAGE_CWD, sys_chdir(plan->args.cwd)) < 0)
		return -1;
	begin(plan, TIMENS_STAGE_FDS, INDEX_NONE);
	if ((plan->args.flags & TIMENS_SPAWN_CLOSE_FDS) && close_others(plan, channel) < 0)
		return -1;
	if (set_limits(plan) < 0 || set_credentials(plan) < 0)
		return -1;
	return plan->args.flags & TIMENS_SPAWN_KILL_WITH_PARENT ? die_with_parent(plan) : 0;
}

/* The channel must not be where a target is going to be. */
static int lift_channel(const struct plan *plan)
{
	if (plan->channel < 0 || !is_target(plan, plan->channel))
		return plan->channel;
	return lift(plan, plan->channel);
}

/* On the fork route the report goes through a pipe: once when only exec is left, once more if
 * that fails. Its end without the first record means that the child was killed; so one that could
 * not send it (ENOMEM) must not go on. */
static void send_report(const struct plan *plan, int channel)
{
	struct report copy = *plan->report;

	if (channel >= 0 && sys_write(channel, &copy, sizeof copy) != sizeof copy)
		sys_exit(127);
}

void timens_child_run(void *arg)
{
	const struct plan *plan = arg;
	int channel = lift_channel(plan);
	int r;

	if (plan->channel >= 0 && channel < 0) {
		begin(plan, TIMENS_STAGE_FDS, INDEX_CHANNEL);
		fail(plan, TIMENS_STAGE_FDS, channel);
		channel = plan->channel;
		goto out;
	}
	if (setup(plan, channel) < 0)
		goto out;
	plan->report->stage = STEP_EXEC_REACHED;
	if (!plan->files)
		goto out;
	send_report(plan, channel);
	r = sys_sigmask(&plan->args.sigmask, NULL);
	if (r < 0)
		fail(plan, TIMENS_STAGE_SIGNALS, r);
	else
		fail(plan, TIMENS_STAGE_EXEC, exec_first(plan));
out:
	send_report(plan, channel);
	sys_exit(127);
}
