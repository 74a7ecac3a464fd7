/* SPDX-License-Identifier: MIT */
/*
 * From a plan to a running child: the three routes, and the choice between them.
 */
#include "launch.h"

#include <errno.h>
#include <stdbool.h>

#include "error.h"
#include "namespace.h"
#include "quiet.h"
#include "route.h"
#include "sys.h"
#include "userns.h"
#include "vmclone.h"

struct launch {
	struct plan *plan;
	struct report report;
	int pid, pidfd;
	unsigned route;
	bool suspends; /* fork route: CLONE_VFORK works, so the report is complete on return */
	int unread;    /* fork route: why the report could not be read, or 0 */
};

/* -- The routes: each returns the child's pid or -errno -- */

/* Signal 0 at exit: a child that fails is nobody's business but ours. No SIGCHLD reaches the
 * program, no plain wait for any child can take it from us, and ignoring SIGCHLD does not reap it
 * first. exec gives it the usual SIGCHLD (de_thread in fs/exec.c). */
static uint64_t common_flags(const struct plan *plan)
{
	return CLONE_PIDFD | (plan->map_ids ? CLONE_NEWUSER : 0);
}

/* Where all but a few descriptors are to be closed, they are not copied first: the child shares our
 * table until it takes its own, of those few. A directory may be /proc/self/fd/9, which is closed
 * only after the change to it. */
static bool may_share_files(const struct plan *plan)
{
	return timens_route_facts().copies_part && (plan->args.flags & TIMENS_SPAWN_CLOSE_FDS) &&
	       !plan->args.cwd;
}

static uint32_t first_above(uint32_t first, int fd)
{
	return fd >= 0 && (uint32_t)fd >= first ? (uint32_t)fd + 1 : first;
}

static uint32_t first_unused(const struct plan *plan)
{
	uint32_t first = 3;

	for (uint32_t i = 0; i < plan->args.fds_count; i++)
		first = first_above(first, plan->args.fds[i].source);
	if (plan->join_cgroup)
		first = first_above(first, plan->args.cgroup);
	if (plan->args.flags & (TIMENS_SPAWN_SET_TTY | TIMENS_SPAWN_FOREGROUND))
		first = first_above(first, plan->args.tty);
	return first_above(first, plan->userns_fd);
}

static uint64_t share_files(struct plan *plan)
{
	plan->first_unused = may_share_files(plan) ? first_unused(plan) : 0;
	return plan->first_unused ? CLONE_FILES : 0;
}

/* The time namespace must belong to the user namespace of the program, so where that one is
 * entered by the child, it comes after it. */
static bool clone_makes_time(const struct plan *plan)
{
	return plan->with_time && plan->userns_fd < 0;
}

static int by_clone3(struct launch *l)
{
	struct plan *plan = l->plan;
	bool into_cgroup = plan->args.flags & TIMENS_SPAWN_SET_CGROUP;
	struct clone_args args = {
		.flags = common_flags(plan) | CLONE_VM | CLONE_VFORK | CLONE_CLEAR_SIGHAND |
			 (clone_makes_time(plan) ? CLONE_NEWTIME : 0) |
			 (into_cgroup ? CLONE_INTO_CGROUP : 0),
		.pidfd = (uintptr_t)&l->pidfd,
		.cgroup = into_cgroup ? (unsigned)plan->args.cgroup : 0,
	};
	/* No longer than needed: Linux 5.3 to 5.6 know nothing but the first version. */
	struct vm_clone call = {
		.nr = __NR_clone3,
		.args = {(long)&args, into_cgroup ? CLONE_ARGS_SIZE_VER2 : CLONE_ARGS_SIZE_VER0},
		.run = timens_child_run,
		.arg = plan,
	};

	plan->unshare_time = plan->with_time && !clone_makes_time(plan);
	plan->enter = plan->reset_handlers = plan->join_cgroup = 0;
	args.flags |= share_files(plan);
	return (int)timens_vm_clone(&call);
}

static int by_vfork(struct launch *l)
{
	struct plan *plan = l->plan;
	struct vm_clone call = {
		.nr = __NR_clone,
		.run = timens_child_run,
		.arg = plan,
	};

	plan->unshare_time = plan->reset_handlers = 1;
	plan->enter = 0;
	plan->join_cgroup = !!(plan->args.flags & TIMENS_SPAWN_SET_CGROUP);
	call.args[0] = (long)(common_flags(plan) | share_files(plan) | CLONE_VM | CLONE_VFORK);
	call.args[2] = (long)&l->pidfd;
	return (int)timens_vm_clone(&call);
}

/* All records that are there; the last one counts. Where the parent was not suspended (an
 * emulator) the pipe blocks, and its end is what tells that exec has happened. */
static void receive_report(struct launch *l, int fd)
{
	struct report r;
	long n;

	while ((n = sys_read(fd, &r, sizeof r)) == sizeof r || n == -EINTR)
		if (n > 0)
			l->report = r;
	if (n < 0 && n != -EAGAIN)
		l->unread = (int)-n;
}

/* Where CLONE_PIDFD is not known: a child that cannot be waited for safely is not left running. */
static int fork_and_open(struct launch *l, uint64_t flags)
{
	int pid = sys_fork(flags, NULL);

	if (pid <= 0)
		return pid;
	l->pidfd = sys_pidfd_open(pid);
	if (l->pidfd >= 0)
		return pid;
	sys_kill(pid, SIGKILL);
	timens_reap(P_PID, pid);
	return l->pidfd;
}

/* CLONE_VFORK without CLONE_VM: the parent waits for exec here too. The end of the pipe would tell
 * as much, but a fork made meanwhile by another thread may hold it open for ever. Emulators do not
 * know that combination, and want the signal that fork has; some do not know CLONE_PIDFD. */
static int fork_child(struct launch *l)
{
	uint64_t flags = common_flags(l->plan);
	int pid;

	if (l->suspends)
		return sys_fork(flags | CLONE_VFORK, &l->pidfd);
	flags |= SIGCHLD;
	pid = sys_fork(flags, &l->pidfd);
	return pid == -EINVAL ? fork_and_open(l, flags & ~(uint64_t)CLONE_PIDFD) : pid;
}

static int by_fork(struct launch *l)
{
	struct plan *plan = l->plan;
	int ends[2] = {-1, -1}, pid;

	pid = sys_pipe_cloexec(ends);
	if (pid < 0)
		return pid;
	if (l->suspends)
		sys_fcntl(ends[0], F_SETFL, O_NONBLOCK);
	plan->unshare_time = plan->enter = plan->reset_handlers = 1;
	plan->first_unused = 0;
	plan->join_cgroup = !!(plan->args.flags & TIMENS_SPAWN_SET_CGROUP);
	plan->channel = ends[1];
	pid = fork_child(l);
	if (pid == 0)
		timens_child_run(plan);
	sys_close(ends[1]);
	if (pid > 0)
		receive_report(l, ends[0]);
	sys_close(ends[0]);
	plan->channel = -1;
	return pid;
}

static int run_route(struct launch *l, unsigned route)
{
	static int (*const routes[])(struct launch *) = {
		[TIMENS_ROUTE_CLONE3] = by_clone3,
		[TIMENS_ROUTE_VFORK] = by_vfork,
		[TIMENS_ROUTE_FORK] = by_fork,
	};

	l->report = (struct report){.stage = TIMENS_STAGE_CLONE, .index = INDEX_NONE};
	l->unread = 0;
	l->route = route;
	l->pid = routes[route](l);
	return l->pid;
}

/* -- Which one -- */

/* A change of credentials makes the memory non-dumpable: where it is shared, the caller's, whose
 * other threads could not open /proc/self any more, even if it were turned back at once. */
static bool changes_ids(const struct plan *plan)
{
	return plan->args.flags & (TIMENS_SPAWN_SET_UID | TIMENS_SPAWN_SET_GID);
}

static bool needs_fork(const struct plan *plan, const struct route_facts *facts)
{
	return !facts->shares_memory || (plan->with_time && !facts->exec_enters) ||
	       plan->own_ns >= 0 || changes_ids(plan);
}

static int refuse_route(const struct plan *plan, unsigned wanted, struct timens_error *error)
{
	int r = changes_ids(plan) ? -EINVAL : plan->own_ns >= 0 ? -EBUSY : -EOPNOTSUPP;

	return timens_fail(error, TIMENS_STAGE_ROUTE, r, timens_route_name(wanted));
}

static int choose(struct launch *l, unsigned wanted, unsigned *route, struct timens_error *error)
{
	struct route_facts facts;
	bool fork;
	int r;

	r = timens_route_probe(l->plan->with_time, l->plan->userns, &facts, error);
	if (r < 0)
		return r;
	fork = needs_fork(l->plan, &facts);
	/* Where nothing is known it is no emulator but a kernel that refused the probe. */
	l->suspends = !facts.memory_known || facts.shares_memory;
	*route = wanted;
	if (wanted == TIMENS_ROUTE_AUTO)
		*route = fork		   ? TIMENS_ROUTE_FORK
			 : facts.no_clone3 ? TIMENS_ROUTE_VFORK
					   : TIMENS_ROUTE_CLONE3;
	else if (wanted != TIMENS_ROUTE_FORK && fork)
		return refuse_route(l->plan, wanted, error);
	return 0;
}

/* -- The child's fate -- */

/* The last step before exec opens the signal mask. A signal to the whole group (Ctrl-C) that came
 * meanwhile kills the child right there, and its exit signal 0 would make it a zombie that the
 * caller's own wait does not see: so the report alone is not believed. */
static bool started(const struct launch *l)
{
	bool reached = l->report.stage == STEP_EXEC_REACHED;
	int executed;

	if (l->pid <= 0 || l->report.errnum || (!reached && !l->unread))
		return false;
	executed = l->plan->files ? sys_has_executed(l->pidfd) : reached;
	/* Where a filter refuses to tell, the report is believed: taken for dead, a program that
	 * runs would be waited for to its end. */
	return executed < 0 ? reached : executed;
}

/* By the pidfd: another thread that waits for any child may have taken one that died after exec,
 * and its number be another child of ours by now. */
static void discard(struct launch *l)
{
	if (l->pid <= 0)
		return;
	timens_reap(P_PIDFD, l->pidfd);
	sys_close(l->pidfd);
}

/* clone3 makes the time namespace itself. Its refusals get the stage they have on the other
 * routes, as far as they can be told from those of the process and the user namespace. */
static int clone_stage(const struct launch *l)
{
	bool of_cgroup = l->route == TIMENS_ROUTE_CLONE3 &&
			 (l->plan->args.flags & TIMENS_SPAWN_SET_CGROUP) &&
			 (l->pid == -EBADF || l->pid == -EACCES || l->pid == -EBUSY ||
			  l->pid == -EOPNOTSUPP || l->pid == -ENODEV);
	bool of_namespace = l->route == TIMENS_ROUTE_CLONE3 && clone_makes_time(l->plan) &&
			    !l->plan->map_ids &&
			    (l->pid == -EPERM || l->pid == -ENOSPC || l->pid == -EINVAL);

	if (of_cgroup)
		return TIMENS_STAGE_CGROUP;
	return of_namespace ? TIMENS_STAGE_UNSHARE : TIMENS_STAGE_CLONE;
}

/* In the user namespace that stands in for a missing privilege there are no ids but the caller's,
 * and the kernel calls others invalid. What the caller lacks is the privilege: EPERM, as without a
 * time namespace. */
static int refusal(const struct launch *l)
{
	int errnum = l->report.errnum ? l->report.errnum : l->unread ? l->unread : EINTR;

	return errnum == EINVAL && l->report.stage == TIMENS_STAGE_CREDENTIALS && l->plan->map_ids
		       ? -EPERM
		       : -errnum;
}

static int explain(const struct launch *l, struct timens_error *error)
{
	int stage = l->report.stage == STEP_EXEC_REACHED ? TIMENS_STAGE_EXEC : l->report.stage;

	if (l->pid < 0)
		return timens_fail(error, clone_stage(l), l->pid, NULL);
	return timens_fail(error, stage, refusal(l), NULL);
}

/* clone3 refused: by a seccomp filter that knows no such call (ENOSYS, in old ones EPERM), by a
 * kernel that knows no cgroup there (E2BIG), or for a reason that clone will name as well. */
static void try_instead_of_clone3(struct launch *l)
{
	int refusal = l->pid;

	run_route(l, TIMENS_ROUTE_VFORK);
	if (refusal == -ENOSYS || (refusal == -EPERM && started(l)))
		timens_route_clone3_refused();
}

static void run(struct launch *l, unsigned wanted, unsigned route)
{
	run_route(l, route);
	if (wanted != TIMENS_ROUTE_AUTO)
		return;
	if (route == TIMENS_ROUTE_CLONE3 &&
	    (l->pid == -ENOSYS || l->pid == -EPERM || l->pid == -E2BIG))
		try_instead_of_clone3(l);
	/* A plain start of a caller with a pending namespace, on a kernel before 6.2. */
	if (!l->plan->with_time && l->pid == -EINVAL)
		run_route(l, TIMENS_ROUTE_FORK);
}

static bool stopped_at(const struct launch *l, int step)
{
	return l->pid > 0 && l->report.stage == step;
}

static int launch(struct launch *l, unsigned wanted, struct timens_error *error)
{
	unsigned route = TIMENS_ROUTE_FORK;
	int r = choose(l, wanted, &route, error);

	if (r < 0)
		return r;
	run(l, wanted, route);
	if (started(l))
		return 0;
	discard(l);
	if (stopped_at(l, STEP_SHARED_TABLE)) {
		timens_route_part_refused();
		return launch(l, wanted, error);
	}
	if (!stopped_at(l, STEP_STALE_BASE))
		return explain(l, error);
	/* The caller has moved to another namespace, or has one pending: look, then once more,
	 * with a base that is no guess. */
	r = timens_plan_base(l->plan, error);
	return r < 0 ? r : launch(l, wanted, error);
}

/* -- All signals blocked, no cancellation -- */

int timens_launch(struct plan *plan, unsigned route, struct timens_process *process, int *index,
		  struct timens_error *error)
{
	struct launch l = {.plan = plan, .pidfd = -1};
	struct quiet quiet;
	int foreground = 0, r;

	l.report.index = *index = INDEX_NONE;
	plan->report = &l.report;
	plan->channel = -1;
	r = timens_quiet_begin(&quiet);
	if (r < 0)
		return timens_fail(error, TIMENS_STAGE_SIGNALS, r, NULL);
	if (plan->args.flags & TIMENS_SPAWN_KEEP_SIGMASK)
		plan->args.sigmask = quiet.mask;
	if (plan->args.flags & TIMENS_SPAWN_FOREGROUND)
		foreground = sys_foreground(plan->args.tty);
	r = timens_userns_open(plan, error);
	if (r == 0)
		r = launch(&l, route, error);
	timens_userns_close(plan);
	/* The group of a child that failed is gone. SIGTTOU is blocked. */
	if (r < 0 && foreground > 0)
		sys_set_foreground(plan->args.tty, foreground);
	timens_quiet_end(&quiet);
	*index = l.report.index;
	if (r == 0)
		*process = (struct timens_process){
			.pid = l.pid, .pidfd = l.pidfd, .route = l.route, .userns = plan->userns};
	return r;
}
