/* SPDX-License-Identifier: MIT */
#ifndef TIMENS_ROUTE_H
#define TIMENS_ROUTE_H

#include "timens.h"

/* What this kernel does, as found by trying; kept for the life of the process. */
struct route_facts {
	uint8_t memory_known, exec_known; /* the next two have been found out */
	uint8_t shares_memory;		  /* a CLONE_VM child writes to our memory: no emulator */
	uint8_t exec_enters;		  /* exec moves into the pending time namespace */
	uint8_t no_clone3;		  /* clone3 was refused where clone went through */
	uint8_t copies_part;		  /* a part of a descriptor table is copied rightly */
};

/* Without asking the kernel. */
struct route_facts timens_route_facts(void);

/* All signals must be blocked. Finds out what is not known yet, by one child: shares_memory, and
 * exec_enters if `with_time`. For the latter the child needs what a start needs; where that is
 * missing it fails as a start does (stages clone and unshare). */
int timens_route_probe(int with_time, int userns, struct route_facts *facts,
		       struct timens_error *error);

void timens_route_clone3_refused(void);
void timens_route_part_refused(void);

#endif
