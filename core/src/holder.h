/* SPDX-License-Identifier: MIT */
#ifndef TIMENS_HOLDER_H
#define TIMENS_HOLDER_H

#include "vmclone.h"

/* What the child runs on and reads, in the caller's memory. */
struct holder {
	struct vm_clone call;
	_Alignas(16) char stack[1024];
};

/* A child that does nothing but keep a new user namespace alive, until it is killed or `ends`, a
 * pipe, is closed for writing: it must not live on when the caller dies. `holder` and `ends` must
 * stay until it has been reaped. It has no exit signal. Returns its pid or -errno. All signals must
 * be blocked. */
long timens_holder_start(struct holder *holder, int ends[2]);

#endif
