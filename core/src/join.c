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
	int r;

	snprintf(subject, sizeof subject, "%d", fd);
	r = timens_need_one_thread(TIMENS_STAGE_JOIN, subject, error);
	if (r < 0)
		return r;
	r = timens_setns_time(fd);
	timens_ns_forget();
	return r < 0 ? timens_fail(error, TIMENS_STAGE_JOIN, r, subject) : 0;
}
