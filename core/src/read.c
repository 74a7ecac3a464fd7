/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>

#include "error.h"
#include "ns.h"
#include "offsets.h"

static int read_state(pid_t pid, struct ns_state *state)
{
	char dir[32];
	int r;

	if (pid) {
		snprintf(dir, sizeof dir, "/proc/%d", pid);
		return timens_ns_of(dir, state);
	}
	r = timens_ns_own(state);
	return r == 0 && !state->known ? -EBUSY : r;
}

/* ENOENT is for a kernel without time namespaces, or no /proc; then our own links lack too. */
static int tell_absent(pid_t pid, int r)
{
	struct ns_state own;

	return pid && r == -ENOENT && timens_ns_own(&own) == 0 ? -ESRCH : r;
}

int timens_read(pid_t pid, struct timens_offsets *offsets, size_t size, struct timens_error *error)
{
	struct ns_state state;
	char subject[32];
	int r;

	r = timens_check_output(offsets, size, TIMENS_OFFSETS_SIZE_VER0, "offsets", error);
	if (r < 0)
		return r;
	if (pid < 0)
		return timens_fail_args(error, -EINVAL, "pid %d is negative", pid);
	r = read_state(pid, &state);
	if (r < 0) {
		snprintf(subject, sizeof subject, pid ? "process %d" : "this process", pid);
		return timens_fail(error, TIMENS_STAGE_READ, tell_absent(pid, r), subject);
	}
	timens_give_struct(offsets, size, &state.offsets, sizeof state.offsets);
	return 0;
}
