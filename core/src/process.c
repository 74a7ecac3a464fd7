/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "error.h"
#include "sys.h"
#include "timespec.h"

static int fail(struct timens_error *error, int stage, int r, const struct timens_process *p)
{
	return timens_fail_number(error, stage, r, p->pid);
}

/* Of a wait, while a dead program is still its tracer's. */
#define NAP_NSEC 10000000

/* A nap, taken out of what is left: 0, -ETIMEDOUT when nothing is, -EINTR. */
static int nap(struct timespec *left)
{
	struct timespec time = {.tv_nsec = NAP_NSEC};
	int r;

	if (left->tv_sec == 0 && left->tv_nsec == 0)
		return -ETIMEDOUT;
	if (left->tv_sec == 0 && left->tv_nsec < NAP_NSEC)
		time = *left;
	left->tv_nsec -= time.tv_nsec;
	if (left->tv_nsec < 0) {
		left->tv_nsec += NSEC_PER_SEC;
		left->tv_sec--;
	}
	r = sys_ppoll(NULL, 0, &time);
	return r < 0 ? r : 0;
}

/* 0 with `info` of the end, -ETIMEDOUT, -EINTR. The pidfd tells of a death that cannot be waited
 * for yet: what a tracer (strace, gdb) follows, it reaps first. A waitid that blocks would wait
 * for that, and for ever if the tracer is stuck. */
static int wait_until(int pidfd, const struct timens_timespec *timeout, siginfo_t *info)
{
	struct timespec left = {.tv_sec = timeout->tv_sec, .tv_nsec = timeout->tv_nsec};
	struct pollfd p = {.fd = pidfd, .events = POLLIN};
	int r;

	do {
		/* What is left then is in `left`. */
		r = sys_ppoll(&p, 1, &left);
		if (r <= 0)
			return r ? r : -ETIMEDOUT;
		r = sys_waitid(P_PIDFD, pidfd, info, WEXITED | WNOHANG | (int)__WALL);
		if (r < 0 || info->si_pid)
			return r;
		r = nap(&left);
	} while (r == 0);
	return r;
}

/* As waitpid(2) would have it. */
static int status_of(const siginfo_t *info)
{
	if (info->si_code == CLD_EXITED)
		return (info->si_status & 0xff) << 8;
	return info->si_status | (info->si_code == CLD_DUMPED ? 0x80 : 0);
}

int timens_wait(struct timens_process *process, const struct timens_timespec *timeout, int *status,
		struct timens_error *error)
{
	siginfo_t info = {0};
	int r;

	if (!process)
		return timens_fail_args(error, -EFAULT, "process is NULL");
	if (timeout && (timeout->tv_sec < 0 || !timens_is_nsec(timeout->tv_nsec)))
		return timens_fail_args(error, -EINVAL,
					"timeout is negative, or its tv_nsec over 999999999");
	if (process->pidfd < 0)
		return fail(error, TIMENS_STAGE_WAIT, -EBADF, process);
	/* With no timeout waitid itself waits: poll would only add a call. */
	r = timeout ? wait_until(process->pidfd, timeout, &info)
		    : sys_waitid(P_PIDFD, process->pidfd, &info, WEXITED | (int)__WALL);
	if (r < 0)
		return fail(error, TIMENS_STAGE_WAIT, r, process);
	sys_close(process->pidfd);
	process->pidfd = -1;
	if (status)
		*status = status_of(&info);
	return 0;
}

int timens_kill(const struct timens_process *process, int sig, struct timens_error *error)
{
	int r;

	if (!process)
		return timens_fail_args(error, -EFAULT, "process is NULL");
	r = process->pidfd < 0 ? -EBADF : sys_pidfd_send_signal(process->pidfd, sig);
	return r < 0 ? fail(error, TIMENS_STAGE_KILL, r, process) : 0;
}
