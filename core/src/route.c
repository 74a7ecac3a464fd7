/* SPDX-License-Identifier: MIT */
/*
 * Which kernel is this? Never by its version, since distributions carry patches back.
 *
 * Before Linux 6.2 exec stays in the old time namespace. There, a child that shares our memory,
 * unshares and executes runs with unshifted clocks, and nothing reports it. Those kernels refuse
 * clone(CLONE_VM) once a namespace is pending (EINVAL; later ones allow it, because exec moves),
 * and that refusal is what the probe looks for. It never tries clone3(CLONE_VM|CLONE_NEWTIME):
 * an old kernel would put the child inside with our memory, clock page included.
 *
 * Before Linux 6.11 (9a2fa1472083) CLOSE_RANGE_UNSHARE copies a part of a descriptor table together
 * with marks that call numbers used which are free in the copy: the program's first open would give
 * 64, or 4096, or fail. Whether a kernel has that correction does not show; that it knows
 * F_CREATED_QUERY does, which came one release later.
 */
#include "route.h"

#include <errno.h>
#include <stdatomic.h>

#include "error.h"
#include "ns.h"
#include "probe.h"
#include "sys.h"
#include "vmclone.h"

enum {
	MEMORY_KNOWN = 1,
	EXEC_KNOWN = 2,
	SHARES_MEMORY = 4,
	EXEC_ENTERS = 8,
	NO_CLONE3 = 16,
	COPIES_PART = 32,
};

static _Atomic unsigned facts_bits;

struct route_facts timens_route_facts(void)
{
	unsigned bits = atomic_load_explicit(&facts_bits, memory_order_relaxed);

	return (struct route_facts){
		.memory_known = !!(bits & MEMORY_KNOWN),
		.exec_known = !!(bits & EXEC_KNOWN),
		.shares_memory = !!(bits & SHARES_MEMORY),
		.exec_enters = !!(bits & EXEC_ENTERS),
		.no_clone3 = !!(bits & NO_CLONE3),
		.copies_part = !!(bits & COPIES_PART),
	};
}

void timens_route_clone3_refused(void)
{
	atomic_fetch_or_explicit(&facts_bits, NO_CLONE3, memory_order_relaxed);
}

void timens_route_part_refused(void)
{
	atomic_fetch_and_explicit(&facts_bits, ~(unsigned)COPIES_PART, memory_order_relaxed);
}

static unsigned judge(const struct probe *probe)
{
	unsigned known;

	/* An emulator (valgrind, qemu-user) made a fork of it and we see no trace of the child. */
	if (!probe->ran)
		return MEMORY_KNOWN | EXEC_KNOWN;
	known = MEMORY_KNOWN | SHARES_MEMORY | (probe->created_query >= 0 ? COPIES_PART : 0);
	if (probe->cloned < 0 && probe->cloned != -EINVAL)
		return known;
	return known | EXEC_KNOWN | (probe->cloned > 0 ? EXEC_ENTERS : 0);
}

static int probe_error(long pid, const struct probe *probe, struct timens_error *error)
{
	if (pid < 0)
		return timens_fail(error, TIMENS_STAGE_CLONE, (int)pid, NULL);
	if (probe->unshared < 0)
		return timens_fail(error, TIMENS_STAGE_UNSHARE, probe->unshared, NULL);
	return timens_fail(error, TIMENS_STAGE_CLONE, probe->cloned, NULL);
}

int timens_route_probe(int with_time, int userns, struct route_facts *facts,
		       struct timens_error *error)
{
	/* What stays so when the child is killed on the way. */
	struct probe probe = {
		.ran = 0, .unshared = -EINTR, .cloned = -EINTR, .created_query = -EINTR};
	long pid;

	*facts = timens_route_facts();
	if (facts->memory_known && (facts->exec_known || !with_time))
		return 0;
	/* Then nothing is known, and the fork route is taken, whose first child is the program. */
	if (timens_ns_pid_pending())
		return 0;
	pid = timens_vm_vfork(userns ? CLONE_NEWUSER : 0, timens_probe_run, &probe);
	/* One that was killed has found out nothing: it is not taken for an emulator's. */
	if (pid > 0 && !timens_reap(P_PID, (int)pid))
		pid = -EINTR;
	if (pid > 0)
		atomic_fetch_or_explicit(&facts_bits, judge(&probe), memory_order_relaxed);
	*facts = timens_route_facts();
	/* EINVAL: an old kernel, and the caller has a namespace pending; or a kernel without user
	 * namespaces. Nothing is known, so the fork route is taken, and will tell. */
	if (!with_time || facts->exec_known || pid == -EINVAL)
		return 0;
	return probe_error(pid, &probe, error);
}
