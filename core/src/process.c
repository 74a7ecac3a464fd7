/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>

#include "error.h"
#include "sys.h"

static int fail(struct timens_error *error, int stage, int r, const struct timens_process *p)
{
	char pid[16];

	snprintf(pid, sizeof pid, "%d", p->pid);
	return timens_fail(error, stage, r, pid);
}

/* 0 when it has ended, -ETIMEDOUT, -EINTR. */
static int wait_readable(int pidfd, const struct timens_timespec *timeout)
{
	struct pollfd p = {.fd = pidfd, .events = POLLIN};
	struct timespec left, *limit = NULL;
	int r;

	if (timeout) {
		left.tv_sec = timeout->tv_sec;
		left.tv_nsec = timeout->tv_nsec;
		limit = &left;
	}
	r = sys_ppoll(&p, 1, limit);
	if (r < 0)
		return r;
	return r ? 0 : -ETIMEDOUT;
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

	if (timeout &&
	    (timeout->tv_sec < 0 || timeout->tv_nsec < 0 || timeout->tv_nsec > 999999999))
		return timens_fail_args(error, -EINVAL,
					"timeout is negative, or its tv_nsec over 999999999");
	if (process->pidfd < 0)
		return fail(error, TIMENS_STAGE_WAIT, -EBADF, process);
	/* With no timeout waitid itself waits: poll would only add a call. */
	r = timeout ? wait_readable(process->pidfd, timeout) : 0;
	if (r == 0)
		r = sys_waitid(P_PIDFD, process->pidfd, &info, WEXITED | __WALL);
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
	int r = process->pidfd < 0 ? -EBADF : sys_pidfd_send_signal(process->pidfd, sig);

	return r < 0 ? fail(error, TIMENS_STAGE_KILL, r, process) : 0;
}
