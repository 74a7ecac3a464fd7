/* SPDX-License-Identifier: MIT */
#ifndef TIMENS_LAUNCH_H
#define TIMENS_LAUNCH_H

#include "plan.h"

/* Starts the child that `plan` describes, by `route` or by the best one. Fills in `process` on
 * success. On failure the child is gone, and `index` gets the element of plan->args that stages fds
 * and rlimits are about, or INDEX_*: which names things have is known to who made the plan. The
 * routes fill in what differs between them in the plan. */
int timens_launch(struct plan *plan, unsigned route, struct timens_process *process, int *index,
		  struct timens_error *error);

#endif
