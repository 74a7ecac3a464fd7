/* SPDX-License-Identifier: MIT */
/* The child of userns.c. As child.c: system calls only. */
#include <errno.h>
#include <stddef.h>

#include "holder.h"
#include "sys.h"
#include "vmclone.h"

/* Killed with the parent, who may have died before the prctl: then the pipe ends. */
static void hold(void *arg)
{
	const int *ends = arg;
	int from = ends[0];
	char byte;

	sys_prctl(PR_SET_PDEATHSIG, SIGKILL);
	sys_close(ends[1]);
	while (sys_read(from, &byte, 1) == -EINTR)
		;
	sys_exit(0);
}

long timens_holder_start(char *stack, size_t size, int ends[2])
{
	struct vm_clone call = {
		.nr = __NR_clone,
		.args = {CLONE_VM | CLONE_NEWUSER, (long)(stack + size)},
		.run = hold,
		.arg = ends,
	};
	long pid = timens_vm_clone(&call);

	/* A kernel before 6.2, and a caller with a time namespace pending. */
	if (pid == -EINVAL)
		pid = sys_fork(CLONE_NEWUSER, NULL);
	if (pid == 0)
		hold(ends);
	return pid;
}
