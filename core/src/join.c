/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>

#include "error.h"
#include "namespace.h"
#include "ns.h"
#include "sys.h"

int timens_join(int fd, struct timens_error *error)
{
	char subject[16];
	int r = timens_need_one_thread(TIMENS_STAGE_JOIN, error);

	if (r == 0) {
		r = sys_setns(fd, CLONE_NEWTIME);
		/* Another process shares our memory. */
		if (r == -EUSERS)
			r = -EBUSY;
		timens_ns_forget();
		if (r < 0)
			timens_fail(error, TIMENS_STAGE_JOIN, r, NULL);
	}
	if (r < 0 && error && error->stage == TIMENS_STAGE_JOIN) {
		snprintf(subject, sizeof subject, "%d", fd);
		snprintf(error->subject, sizeof error->subject, "%s", subject);
	}
	return r;
}
