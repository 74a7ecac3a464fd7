/* SPDX-License-Identifier: MIT */
/*
 * timens_clone3: the call that the kernel list asked for in March 2020.
 *
 * CLONE_NEWTIME without CLONE_VM would put the child inside at once and freeze the offsets. So the
 * child makes the namespace itself, writes, enters, and reports through a pipe before it returns.
 * Unlike the child of a start it has memory of its own, which is a copy of all of ours.
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "error.h"
#include "namespace.h"
#include "ns.h"
#include "offsets.h"
#include "quiet.h"
#include "sys.h"
#include "vmclone.h"

/* The members that this library looks at, all of the first version. */
struct request {
	struct clone_args *args;
	size_t size;
	struct clone_args known; /* zeros past `size` */
	int old_pidfd, old_tid;	 /* what stands where the kernel will write */
};

struct call {
	const struct request *request;
	struct plan plan;
	struct report report;
	int ends[2]; /* of the pipe for the report */
	struct quiet quiet;
};

/* -- What the kernel writes for the caller, who is to see nothing of a failure -- */

/* NULL is the kernel's to judge: EFAULT for a pidfd, while a parent_tid is passed over. */
static int value_at(uint64_t address)
{
	int value = 0;

	if (address)
		memcpy(&value, (const void *)(uintptr_t)address, sizeof value);
	return value;
}

/* Only what has changed: the refusal may be that this memory cannot be written. */
static void put_back(uint64_t address, int old)
{
	if (value_at(address) != old)
		memcpy((void *)(uintptr_t)address, &old, sizeof old);
}

static void note_outputs(struct request *q)
{
	if (q->known.flags & CLONE_PIDFD)
		q->old_pidfd = value_at(q->known.pidfd);
	if (q->known.flags & CLONE_PARENT_SETTID)
		q->old_tid = value_at(q->known.parent_tid);
}

/* The kernel stores the pidfd before it has done all that may fail (the cgroup comes later), and
 * closes it then: what stands there is no descriptor, or already another thread's. */
static void take_pidfd_back(const struct request *q)
{
	if (q->known.flags & CLONE_PIDFD)
		put_back(q->known.pidfd, q->old_pidfd);
}

/* Of a child that is gone. */
static void take_outputs_back(const struct request *q)
{
	if (q->known.flags & CLONE_PIDFD)
		sys_close(value_at(q->known.pidfd));
	take_pidfd_back(q);
	if (q->known.flags & CLONE_PARENT_SETTID)
		put_back(q->known.parent_tid, q->old_tid);
}

/* -- What was asked -- */

static int take_request(struct request *q, struct clone_args *args, size_t size,
			struct timens_error *error)
{
	int r = timens_check_size(args, size, CLONE_ARGS_SIZE_VER0, "clone_args", error);

	if (r < 0)
		return r;
	*q = (struct request){.args = args, .size = size};
	memcpy(&q->known, args, size < sizeof q->known ? size : sizeof q->known);
	if (q->known.flags & CLONE_VM)
		return timens_fail_args(error, -EINVAL,
					"flag CLONE_VM: a function that returns twice "
					"cannot share its stack");
	if (q->known.flags & CLONE_THREAD)
		return timens_fail_args(error, -EINVAL,
					"flag CLONE_THREAD: a thread cannot be in "
					"another time namespace");
	if (q->known.flags & CLONE_SETTLS)
		return timens_fail_args(error, -EINVAL,
					"flag CLONE_SETTLS: the child returns into "
					"code that has this thread's storage");
	if (q->known.stack || q->known.stack_size)
		return timens_fail_args(error, -EINVAL,
					"stack is not zero: the child returns from "
					"this call, on its copy of this stack");
	note_outputs(q);
	return 0;
}

/* -- The system call: returns twice -- */

/* What clone(2) can be told as well: 32 bits of flags, of which the lowest 8 are the signal. */
static bool fits_clone(const struct request *q)
{
	const struct clone_args *a = &q->known;
	const unsigned char *bytes = (const unsigned char *)q->args;

	for (size_t i = sizeof *a; i < q->size; i++)
		if (bytes[i])
			return false;
	/* It is no stricter than that; what clone3 refuses must not get through here. */
	if ((a->flags & CLONE_DETACHED) || a->exit_signal > SYS_NSIG || a->set_tid || a->cgroup ||
	    ((a->flags & CLONE_PARENT) && a->exit_signal))
		return false;
	return a->flags <= UINT32_MAX && !(a->flags & CSIGNAL) && !a->set_tid_size &&
	       (a->flags & (CLONE_PIDFD | CLONE_PARENT_SETTID)) !=
		       (CLONE_PIDFD | CLONE_PARENT_SETTID);
}

static int by_clone(const struct request *q)
{
	const struct clone_args *a = &q->known;

	return sys_clone(a->flags | a->exit_signal,
			 a->flags & CLONE_PIDFD ? a->pidfd : a->parent_tid, a->child_tid, a->tls);
}

/* ENOSYS, or EPERM in old ones, is what a seccomp filter answers that does not know the call. */
static int clone_or_clone3(const struct request *q, void *args)
{
	int r = sys_clone3(args, q->size), again;

	if ((r != -ENOSYS && r != -EPERM) || !fits_clone(q))
		return r;
	again = by_clone(q);
	return again < 0 ? r : again;
}

/* The namespace is made by the child, so the flag must not reach the kernel. */
static int clone_without_time(const struct request *q)
{
	_Alignas(8) char copy[4096];
	struct request without = *q;
	uint64_t flags = q->known.flags & ~(uint64_t)CLONE_NEWTIME;

	if (flags == q->known.flags)
		return clone_or_clone3(q, q->args);
	if (q->size > sizeof copy)
		return -E2BIG;
	memcpy(copy, q->args, q->size);
	memcpy(copy + offsetof(struct clone_args, flags), &flags, sizeof flags);
	without.known.flags = flags;
	return clone_or_clone3(&without, copy);
}

/* There is no child. */
static int fail_clone(const struct request *q, int r, struct timens_error *error)
{
	take_pidfd_back(q);
	return timens_fail(error, TIMENS_STAGE_CLONE, r, NULL);
}

/* -- The child -- */

static bool shares_files(const struct call *c)
{
	return c->request->known.flags & CLONE_FILES;
}

/* With CLONE_FILES the descriptors are the parent's too, who closes them. */
static int child(struct call *c)
{
	int r = timens_child_namespace(&c->plan);
	long n = sys_write(c->ends[1], &c->report, sizeof c->report);

	/* Without a report the parent takes it for dead, and so it must be. */
	if (r < 0 || n != sizeof c->report)
		sys_exit(127);
	if (!shares_files(c)) {
		sys_close(c->ends[0]);
		sys_close(c->ends[1]);
		timens_plan_release(&c->plan);
	}
	/* It may have our number, in a pid namespace of its own. */
	timens_ns_forget();
	timens_quiet_end(&c->quiet);
	return 0;
}

/* -- The parent -- */

/* Whether the child has ended; where it is not ours to wait for, it is taken to live. */
static bool has_ended(const struct call *c, int pid)
{
	siginfo_t info = {0};
	int r = sys_waitid(P_PID, pid, &info, WEXITED | WNOHANG | WNOWAIT | (int)__WALL);

	if (r == -ECHILD)
		return !(c->request->known.flags & CLONE_PARENT);
	return r == 0 && info.si_pid != 0;
}

/* Waits until the report is there or the child has ended, whichever comes first: the end of the
 * pipe alone may be held back by a fork that another thread makes meanwhile, and with CLONE_FILES
 * we hold it back ourselves. Without a pidfd the child is looked at now and then. */
static int await_either(struct call *c, int pid, int pidfd)
{
	struct pollfd fds[] = {{.fd = c->ends[0], .events = POLLIN},
			       {.fd = pidfd, .events = POLLIN}};
	struct timespec often;
	int r;

	do {
		often = (struct timespec){.tv_nsec = 10000000};
		r = sys_ppoll(fds, pidfd < 0 ? 1 : 2, pidfd < 0 ? &often : NULL);
	} while (r == -EINTR || (r == 0 && !has_ended(c, pid)));
	return r;
}

/* 0, or why there is no report: EINTR, the child has been killed. */
static int receive(struct call *c, int pid, int pidfd)
{
	struct pollfd there = {.fd = c->ends[0], .events = POLLIN};
	struct timespec now = {0, 0};
	struct report report;
	long n = await_either(c, pid, pidfd);

	if (n >= 0)
		n = sys_ppoll(&there, 1, &now);
	if (n > 0 && (there.revents & POLLIN))
		n = sys_read(c->ends[0], &report, sizeof report);
	if (n == sizeof report)
		c->report = report;
	return n == sizeof report ? 0 : n < 0 ? (int)n : -EINTR;
}

static void await_report(struct call *c, int pid, int pidfd)
{
	int r;

	if (!shares_files(c))
		sys_close(c->ends[1]);
	c->report = (struct report){.stage = TIMENS_STAGE_CLONE};
	r = receive(c, pid, pidfd);
	if (r < 0)
		c->report.errnum = -r;
	/* A child that cannot be told about is not left running. By the pidfd: with CLONE_PARENT
	 * its number may be somebody else's by now. */
	if (r < 0 && pidfd >= 0)
		sys_pidfd_send_signal(pidfd, SIGKILL);
	if (shares_files(c))
		sys_close(c->ends[1]);
}

/* By the pidfd, if there is one: another thread that waits for any child may have taken it,
 * and its number be another child of ours by now. */
static void reap(int pid, int pidfd)
{
	if (pidfd >= 0)
		timens_reap(P_PIDFD, pidfd);
	else
		timens_reap(P_PID, pid);
}

static int parent(struct call *c, int pid, struct timens_error *error)
{
	bool given = c->request->known.flags & CLONE_PIDFD;
	int pidfd = given ? value_at(c->request->known.pidfd) : sys_pidfd_open(pid);

	await_report(c, pid, pidfd);
	if (c->report.errnum)
		reap(pid, pidfd);
	if (!given && pidfd >= 0)
		sys_close(pidfd);
	if (c->report.errnum == 0)
		return pid;
	take_outputs_back(c->request);
	return timens_fail(error, c->report.stage, -c->report.errnum, NULL);
}

static int call_with_pipe(struct call *c, struct timens_error *error)
{
	int r = clone_without_time(c->request);

	if (r == 0)
		return child(c);
	if (r < 0) {
		fail_clone(c->request, r, error);
		sys_close(c->ends[1]);
	} else {
		r = parent(c, r, error);
	}
	sys_close(c->ends[0]);
	timens_quiet_end(&c->quiet);
	return r;
}

static int call_quietly(struct call *c, struct timens_error *error)
{
	int r = sys_pipe_cloexec(c->ends);

	if (r < 0)
		return timens_fail(error, TIMENS_STAGE_PREPARE, r, "pipe");
	r = timens_quiet_begin(&c->quiet);
	if (r == 0)
		return call_with_pipe(c, error);
	sys_close(c->ends[0]);
	sys_close(c->ends[1]);
	return timens_fail(error, TIMENS_STAGE_SIGNALS, r, NULL);
}

static int with_offsets(const struct request *q, const struct timens_offsets *offsets, size_t size,
			struct timens_error *error)
{
	struct call c = {.request = q,
			 .plan = {.own_ns = -1, .userns_fd = -1, .unshare_time = 1, .enter = 1}};
	struct timens_offsets o;
	int r = timens_take_offsets(&o, offsets, size, error);

	if (r < 0)
		return r;
	c.plan.report = &c.report;
	timens_ns_forget();
	r = timens_plan_namespace(&c.plan, &o, error);
	if (r == 0)
		r = call_quietly(&c, error);
	/* The child has done so itself, or must leave it to us. */
	if (r != 0)
		timens_plan_release(&c.plan);
	return r;
}

pid_t timens_clone3(struct clone_args *args, size_t args_size, const struct timens_offsets *offsets,
		    size_t offsets_size, struct timens_error *error)
{
	struct request q;
	int r = take_request(&q, args, args_size, error);

	if (r < 0)
		return r;
	if (offsets || offsets_size)
		return with_offsets(&q, offsets, offsets_size, error);
	r = clone_or_clone3(&q, args);
	return r < 0 ? fail_clone(&q, r, error) : r;
}
