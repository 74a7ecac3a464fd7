/* SPDX-License-Identifier: MIT */
/* Which time namespace a process is in, and with which offsets. */
#ifndef TIMENS_NS_H
#define TIMENS_NS_H

#include "timens.h"

struct ns_state {
	uint8_t pending; /* the next child (or exec) goes into another one than this */
	uint8_t seen;	 /* `pending` is known */
	uint8_t known;	 /* `offsets` are those of the namespace it is in */
	struct timens_offsets offsets;
};

/* Of the calling thread. -errno of /proc. */
int timens_ns_own(struct ns_state *state);

/* Of a process, by the directory "/proc/PID"; with the offsets, or EBUSY where the kernel does not
 * show them. A start returns when exec has left our memory, and only then does exec move the
 * program into its namespace: one that is about to enter another is given that moment. */
int timens_ns_of(const char *dir, struct ns_state *state);

/* Whether the next child will be the init of a new pid namespace (the caller has unshared one):
 * then a child that only tries something takes the namespace down with it. */
int timens_ns_pid_pending(void);

/* The last answer of timens_ns_own in this process, without asking again: 1 if there is one. It
 * may have become wrong by a setns or in a fork; the child checks it (BASE_CACHED). */
int timens_ns_cached(struct timens_offsets *offsets);
void timens_ns_forget(void);

#endif
