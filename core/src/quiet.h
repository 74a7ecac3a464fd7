/* SPDX-License-Identifier: MIT */
/* While a child is made: all signals are blocked, and no other thread can cancel this one. */
#ifndef TIMENS_QUIET_H
#define TIMENS_QUIET_H

#include <pthread.h>

#include "sys.h"

struct quiet {
	uint64_t mask; /* the caller's */
	int cancel;
};

/* Only a filter refuses; then there is no mask to go back to, and nothing has changed. */
static inline int timens_quiet_begin(struct quiet *q)
{
	uint64_t all = SYS_SIGSET_ALL;
	int r;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &q->cancel);
	r = sys_sigmask(&all, &q->mask);
	if (r < 0)
		pthread_setcancelstate(q->cancel, NULL);
	return r;
}

static inline void timens_quiet_end(const struct quiet *q)
{
	sys_sigmask(&q->mask, NULL);
	pthread_setcancelstate(q->cancel, NULL);
}

#endif
