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

/* Both run on at once, and so even what the child reads before it is in `hold` is not in this
 * frame, which we leave: it crashed, and before Linux 5.16 took the caller along. */
long timens_holder_start(struct holder *holder, int ends[2])
{
	long pid;

	holder->call.nr = __NR_clone;
	holder->call.args[0] = CLONE_VM | CLONE_NEWUSER;
	holder->call.args[1] = (long)(holder->stack + sizeof holder->stack);
	holder->call.args[2] = holder->call.args[3] = holder->call.args[4] = 0;
	holder->call.run = hold;
	holder->call.arg = ends;
	pid = timens_vm_clone(&holder->call);

	/* A kernel before 6.2, and a caller with a time namespace pending. */
	if (pid == -EINVAL)
		pid = sys_fork(CLONE_NEWUSER, NULL);
	if (pid == 0)
		hold(ends);
	return pid;
}
