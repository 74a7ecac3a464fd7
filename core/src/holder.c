/* SPDX-License-Identifier: MIT */
/* The child of userns.c. As child.c: system calls only. */
#include <stddef.h>

#include "holder.h"
#include "sys.h"
#include "vmclone.h"

/* Signals are blocked, as in the parent, but for the one that ends it. */
static void hold(void *arg)
{
	(void)arg;
	sys_prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		sys_pause();
}

long timens_holder_start(char *stack, size_t size)
{
	struct vm_clone call = {
		.nr = __NR_clone,
		.args = {CLONE_VM | CLONE_NEWUSER, (long)(stack + size)},
		.run = hold,
	};

	return timens_vm_clone(&call);
}
