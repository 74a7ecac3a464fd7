/* SPDX-License-Identifier: MIT */
/* The child's side of route.c. As child.c: system calls only. */
#include "probe.h"

#include <errno.h>
#include <stddef.h>

#include "sys.h"
#include "vmclone.h"

long timens_probe_clone(uint64_t flags, void (*run)(void *), void *arg)
{
	struct vm_clone call = {
		.nr = __NR_clone,
		.args = {(long)(flags | CLONE_VM | CLONE_VFORK)},
		.run = run,
		.arg = arg,
	};

	return timens_vm_clone(&call);
}

/* __WALL: without it children that have no exit signal are not seen. */
int timens_probe_reap(long pid)
{
	siginfo_t info;
	int r;

	info.si_code = 0;
	do
		r = sys_waitid(P_PID, (int)pid, &info, WEXITED | __WALL);
	while (r == -EINTR);
	return r < 0 || info.si_code == CLD_EXITED;
}

static void leave(void *arg)
{
	(void)arg;
	sys_exit(0);
}

void timens_probe_run(void *arg)
{
	struct probe *probe = arg;

	probe->ran = 1;
	probe->created_query = sys_fcntl(sys_open("/", O_RDONLY), F_CREATED_QUERY, 0);
	probe->unshared = sys_unshare(CLONE_NEWTIME);
	if (probe->unshared == 0) {
		probe->cloned = (int)timens_probe_clone(0, leave, NULL);
		if (probe->cloned > 0)
			timens_probe_reap(probe->cloned);
	}
	sys_exit(0);
}
