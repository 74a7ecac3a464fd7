/* SPDX-License-Identifier: MIT */
#ifndef TIMENS_NAMESPACE_H
#define TIMENS_NAMESPACE_H

#include "plan.h"

/* Fills in the time namespace's part of the plan: offsets, and the caller's own as far as they are
 * known without asking the kernel (BASE_CACHED), else by asking. */
int timens_plan_namespace(struct plan *plan, const struct timens_offsets *offsets,
			  struct timens_error *error);

/* A process with several threads cannot change its time namespace: EBUSY at `stage`, about
 * `subject` or NULL. */
int timens_need_one_thread(int stage, const char *subject, struct timens_error *error);

/* setns, of a time namespace, by the caller itself. It is refused to a process that shares its
 * memory; and a program that has just been started shares it for a moment after the start has
 * returned, until its exec has let go of it. So that moment is waited for; then it is EBUSY. */
int timens_setns_time(int fd);

/* Asks the kernel for the caller's own offsets. May open plan->own_ns, which then only the fork
 * route can use; timens_plan_release closes it. */
int timens_plan_base(struct plan *plan, struct timens_error *error);
void timens_plan_release(struct plan *plan);

#endif
