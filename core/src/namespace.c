/* SPDX-License-Identifier: MIT */
#include "namespace.h"

#include <errno.h>
#include <stdio.h>

#include "error.h"
#include "ns.h"
#include "sys.h"

int timens_needs_userns(unsigned mode)
{
	const uint64_t needed = UINT64_C(1) << CAP_SYS_ADMIN | UINT64_C(1) << CAP_SYS_TIME;
	uint64_t effective = 0;

	if (mode != TIMENS_USERNS_AUTO)
		return mode == TIMENS_USERNS_ALWAYS;
	sys_capabilities(&effective);
	return (effective & needed) != needed;
}

/* "ID ID 1". */
static uint32_t format_map(char buf[PLAN_ID_MAP_MAX], unsigned id)
{
	return (uint32_t)snprintf(buf, PLAN_ID_MAP_MAX, "%u %u 1\n", id, id);
}

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

int timens_plan_namespace(struct plan *plan, const struct timens_offsets *offsets, int userns,
			  struct timens_error *error)
{
	plan->with_time = 1;
	plan->offsets = *offsets;
	if (userns) {
		plan->map_ids = 1;
		plan->uid_map_len = format_map(plan->uid_map, sys_geteuid());
		plan->gid_map_len = format_map(plan->gid_map, sys_getegid());
	}
	if (timens_ns_cached(&plan->base)) {
		plan->base_from = BASE_CACHED;
		return 0;
	}
	return timens_plan_base(plan, error);
}
