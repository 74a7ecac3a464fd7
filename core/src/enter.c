/* SPDX-License-Identifier: MIT */
/* timens_enter: the fork route's child part, done by the caller to itself. */
#include <errno.h>

#include "error.h"
#include "namespace.h"
#include "ns.h"
#include "offsets.h"
#include "sys.h"
#include "userns.h"

/* Both namespaces at once, so that a refusal leaves the caller as it was: a user namespace cannot
 * be left again. */
static int unshare(const struct plan *plan, struct timens_error *error)
{
	int r = plan->own_ns < 0 ? 0 : sys_setns(plan->own_ns, CLONE_NEWTIME);

	if (r < 0)
		return timens_fail(error, TIMENS_STAGE_ENTER, r, NULL);
	r = sys_unshare(CLONE_NEWTIME | (plan->map_ids ? CLONE_NEWUSER : 0));
	return r < 0 ? timens_fail(error, TIMENS_STAGE_UNSHARE, r, NULL) : 0;
}

/* On failure the half-made namespace must not wait for the next exec: go back to our own, which
 * works as long as there is no new user namespace. */
static int finish(const struct plan *plan, int own, struct timens_error *error)
{
	if (timens_child_namespace(plan) == 0)
		return 0;
	sys_setns(own, CLONE_NEWTIME);
	return timens_fail(error, plan->report->stage, -plan->report->errnum, NULL);
}

/* Going to where we are changes nothing, and is refused where going elsewhere would be. Asked
 * later, there would be no way back; and unshare would say EINVAL. Other errors are its to tell. */
static int need_own_memory(int own, struct timens_error *error)
{
	int r = timens_setns_time(own);

	return r == -EBUSY ? timens_fail(error, TIMENS_STAGE_ENTER, r, NULL) : 0;
}

static int move(const struct plan *plan, struct timens_error *error)
{
	int own = sys_open("/proc/self/ns/time", O_RDONLY), r;

	if (own < 0)
		return timens_fail(error, TIMENS_STAGE_PREPARE, own, "/proc/self/ns/time");
	r = need_own_memory(own, error);
	if (r == 0)
		r = unshare(plan, error);
	if (r == 0)
		r = finish(plan, own, error);
	sys_close(own);
	return r;
}

int timens_enter(const struct timens_offsets *offsets, size_t offsets_size, unsigned flags,
		 struct timens_error *error)
{
	struct report report = {0};
	struct plan plan = {.own_ns = -1, .userns_fd = -1, .report = &report, .enter = 1};
	struct timens_offsets o;
	int r;

	if (flags > TIMENS_USERNS_ALWAYS)
		return timens_fail_args(error, -EINVAL, "flags 0x%x are unknown", flags);
	r = timens_take_offsets(&o, offsets, offsets_size, error);
	if (r == 0)
		r = timens_need_one_thread(TIMENS_STAGE_ENTER, NULL, error);
	if (r < 0)
		return r;
	if (timens_userns_needed(flags))
		timens_userns_plan(&plan);
	timens_ns_forget();
	r = timens_plan_namespace(&plan, &o, error);
	if (r == 0)
		r = move(&plan, error);
	timens_plan_release(&plan);
	timens_ns_forget();
	return r;
}
