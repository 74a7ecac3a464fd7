/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "namespace.h"
#include "ns.h"
#include "sys.h"

/* Of a pidfd; else 0. */
static int process_of(int fd)
{
	char path[40], text[512];
	const char *pid;
	int info;
	long n;

	snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
	info = sys_open(path, O_RDONLY);
	if (info < 0)
		return 0;
	n = sys_read(info, text, sizeof text - 1);
	sys_close(info);
	text[n < 0 ? 0 : n] = '\0';
	pid = strstr(text, "\nPid:");
	return pid ? atoi(pid + 5) : 0;
}

/* Right after its start a program is still where its caller is, and to join it would change
 * nothing, without an error. */
static void await_move(int fd)
{
	struct ns_state state;
	int pid = process_of(fd);
	char dir[32];

	if (pid <= 0)
		return;
	snprintf(dir, sizeof dir, "/proc/%d", pid);
	timens_ns_of(dir, &state);
}

int timens_join(int fd, struct timens_error *error)
{
	char subject[16];
	int r;

	snprintf(subject, sizeof subject, "%d", fd);
	r = timens_need_one_thread(TIMENS_STAGE_JOIN, subject, error);
	if (r < 0)
		return r;
	await_move(fd);
	r = timens_setns_time(fd);
	timens_ns_forget();
	return r < 0 ? timens_fail(error, TIMENS_STAGE_JOIN, r, subject) : 0;
}
