/* SPDX-License-Identifier: MIT */
#include "process_stat.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "file.h"

/* Of /proc/PID/stat, between the state and the start time. */
#define SKIP_18_FIELDS " %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s"

int process_started(pid_t pid, int64_t *seconds)
{
	char text[1024], path[64], *after;
	long long ticks;
	ssize_t n;

	snprintf(path, sizeof path, "/proc/%d/stat", pid);
	n = file_read(path, text, sizeof text);
	if (n < 0)
		return (int)n;
	/* Names may hold blanks and brackets, so count from the last one. */
	after = strrchr(text, ')');
	if (!after || sscanf(after, ") %*c" SKIP_18_FIELDS " %lld", &ticks) != 1)
		return -ESRCH;
	*seconds = ticks / sysconf(_SC_CLK_TCK);
	return 0;
}
