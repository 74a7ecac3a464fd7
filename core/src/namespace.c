/* SPDX-License-Identifier: MIT */
#include "namespace.h"

#include <errno.h>

#include "error.h"
#include "ns.h"
#include "sys.h"

/* /proc is there, and so is a kernel without CONFIG_TIME_NS. */
static int has_other_namespaces(void)
{
	char link[64];

	return sys_readlink("/proc/self/ns/user", link, sizeof link) > 0 ||
	       sys_readlink("/proc/self/ns/mnt", link, sizeof link) > 0;
}

int timens_plan_base(struct plan *plan, struct timens_error *error)
{
	struct ns_state own;
	int r = timens_ns_own(&own);

	if (r == -ENOENT && has_other_namespaces())
		return timens_fail(error, TIMENS_STAGE_UNSHARE, -EINVAL, NULL);
	if (r < 0)
		return timens_fail(error, TIMENS_STAGE_PREPARE, r, "/proc/self/ns");
	plan->base_from = BASE_KNOWN;
	plan->base = own.offsets;
	if (own.known)
		return 0;
	/* Shifted, and with another namespace pending: the kernel shows only that one's. A forked
	 * child that goes back and unshares again inherits, and so sees, ours. */
	plan->base_from = BASE_FILE;
	plan->own_ns = sys_open("/proc/thread-self/ns/time", O_RDONLY);
	if (plan->own_ns < 0)
		return timens_fail(error, TIMENS_STAGE_PREPARE, plan->own_ns, "/proc/self/ns/time");
	return 0;
}

void timens_plan_release(struct plan *plan)
{
	if (plan->own_ns >= 0)
		sys_close(plan->own_ns);
	plan->own_ns = -1;
}

int timens_plan_namespace(struct plan *plan, const struct timens_offsets *offsets,
			  struct timens_error *error)
{
	plan->with_time = 1;
	plan->offsets = *offsets;
	if (timens_ns_cached(&plan->base)) {
		plan->base_from = BASE_CACHED;
		return 0;
	}
	return timens_plan_base(plan, error);
}

/* setns would refuse several threads too, but only after a user namespace has been made, and with
 * an errno that says something else. */
int timens_need_one_thread(int stage, const char *subject, struct timens_error *error)
{
	int links = sys_count_links("/proc/self/task");

	if (links < 0)
		return timens_fail(error, TIMENS_STAGE_PREPARE, links, "/proc/self/task");
	return links == 3 ? 0 : timens_fail(error, stage, -EBUSY, subject);
}

int timens_setns_time(int fd)
{
	int r = sys_setns(fd, CLONE_NEWTIME);

	for (int ms = 0; r == -EUSERS && ms < SYS_EXEC_MS; ms++) {
		sys_sleep_ms();
		r = sys_setns(fd, CLONE_NEWTIME);
	}
	/* Another process shares our memory. */
	return r == -EUSERS ? -EBUSY : r;
}
