/* SPDX-License-Identifier: MIT */
#ifndef TIMENS_NAMESPACE_H
#define TIMENS_NAMESPACE_H

#include "plan.h"

/* Whether a start needs a user namespace; `mode` is TIMENS_USERNS_*. */
int timens_needs_userns(unsigned mode);

/* Fills in the namespace's part of the plan: offsets, id maps if `userns`, and the caller's own
 * offsets as far as they are known without asking the kernel (BASE_CACHED), else by asking. */
int timens_plan_namespace(struct plan *plan, const struct timens_offsets *offsets, int userns,
			  struct timens_error *error);

/* Asks the kernel for the caller's own offsets. May open plan->own_ns, which then only the fork
 * route can use; timens_plan_release closes it. */
int timens_plan_base(struct plan *plan, struct timens_error *error);
void timens_plan_release(struct plan *plan);

#endif
