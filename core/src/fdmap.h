/* SPDX-License-Identifier: MIT */
/* The descriptors of a start: what the program gets, and the pipes that are made for it. */
#ifndef TIMENS_FDMAP_H
#define TIMENS_FDMAP_H

#include "plan.h"

struct fdmap {
	struct timens_fd *fds; /* a copy, for the plan: sources are descriptors, sorted by target */
	int32_t *scratch;      /* the child's */
	int32_t *ours, *theirs; /* the ends of each pipe in the caller's order, or -1 */
	uint32_t count;
};

/* Bytes that a map of `count` needs. */
size_t timens_fdmap_size(uint64_t count);

/* Checks the entries of the plan's request, makes the pipes and puts it all into the plan. After a
 * failure, too, timens_fdmap_close is to be called. */
int timens_fdmap_plan(struct fdmap *map, void *memory, struct plan *plan,
		      struct timens_error *error);

/* An entry as the subject of an error. */
void timens_fdmap_name(const struct timens_fd *f, char *subject, size_t size);

/* The program's ends are closed; the caller's too, unless it gets them in `pipes`. */
void timens_fdmap_close(struct fdmap *map, int32_t *pipes);

#endif
