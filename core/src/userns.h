/* SPDX-License-Identifier: MIT */
/* The user namespace of a start: whether there is one, and its id maps. */
#ifndef TIMENS_USERNS_H
#define TIMENS_USERNS_H

#include "plan.h"

/* Whether a start needs a user namespace; `mode` is TIMENS_USERNS_*. */
int timens_userns_needed(unsigned mode);

/* Fills in the plan's part of it; the caller's effective ids, each to itself. */
void timens_userns_plan(struct plan *plan);

/* With the maps of the request, of which one may be missing. `memory` has
 * timens_userns_size() bytes and lives as long as the plan. */
size_t timens_userns_size(uint64_t uid_maps, uint64_t gid_maps);
int timens_userns_plan_maps(struct plan *plan, char *memory, struct timens_error *error);

/* Maps that only a process outside may write (more than the one own id) are written here, into a
 * namespace that the child then enters by plan->userns_fd. Does nothing for others. All signals
 * must be blocked. */
int timens_userns_open(struct plan *plan, struct timens_error *error);
void timens_userns_close(struct plan *plan);

#endif
