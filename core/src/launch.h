/* SPDX-License-Identifier: MIT */
#ifndef TIMENS_LAUNCH_H
#define TIMENS_LAUNCH_H

#include "plan.h"

/* Starts the child that `plan` describes, by `route` or by the best one. Fills in `process` on
 * success. On failure the child is gone, and error->subject is empty but for stage fds, where it
 * is the index into plan->fds. The routes fill in what differs between them in the plan. */
int timens_launch(struct plan *plan, unsigned route, struct timens_process *process,
		  struct timens_error *error);

#endif
