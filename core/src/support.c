/* SPDX-License-Identifier: MIT */
/* timens_support: a start that stops before exec. */
#include <errno.h>

#include "error.h"
#include "launch.h"
#include "namespace.h"
#include "ns.h"
#include "offsets.h"
#include "route.h"
#include "sys.h"
#include "userns.h"
#include "vmclone.h"

static int try_start(struct timens_process *process, struct timens_error *error)
{
	struct plan plan = {.own_ns = -1, .userns_fd = -1};
	static const struct timens_offsets none;
	int r, index;

	if (timens_userns_needed(TIMENS_USERNS_AUTO))
		timens_userns_plan(&plan);
	r = timens_plan_namespace(&plan, &none, error);
	if (r == 0)
		r = timens_launch(&plan, TIMENS_ROUTE_AUTO, process, &index, error);
	timens_plan_release(&plan);
	return r;
}

static void fill_in(struct timens_support *s, const struct timens_process *process,
		    const struct timens_error *why)
{
	struct route_facts facts = timens_route_facts();

	s->exec_enters = facts.exec_known ? facts.exec_enters : 2;
	/* Not what the starts know of it: where they fork, or fail before, none has tried. */
	s->clone3 = (uint32_t)sys_has_clone3();
	if (why) {
		s->error_errno = why->errnum;
		s->error_stage = why->stage;
		return;
	}
	s->available = 1;
	s->userns = process->userns;
	s->route = process->route;
}

int timens_support(struct timens_support *support, size_t size, struct timens_error *error)
{
	struct timens_support found = {0};
	struct timens_process process = {0};
	struct timens_error why = {0};
	int r = timens_check_output(support, size, TIMENS_SUPPORT_SIZE_VER0, "support", error);

	if (r < 0)
		return r;
	if (timens_ns_pid_pending())
		return timens_fail(error, TIMENS_STAGE_PREPARE, -EBUSY, "trial");
	r = try_start(&process, &why);
	if (r == 0) {
		timens_reap(P_PIDFD, process.pidfd);
		sys_close(process.pidfd);
	} else if (error) {
		*error = why;
	}
	fill_in(&found, &process, r < 0 ? &why : NULL);
	timens_give_struct(support, size, &found, sizeof found);
	return 0;
}
