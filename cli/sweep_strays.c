/* SPDX-License-Identifier: MIT */
#include "sweep_strays.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "file.h"
#include "times.h"

/* One that cannot be killed, since it waits for a disk or a net, is left to init. */
#define PATIENCE_NSEC (5 * NSEC_PER_SEC)
#define CHILDREN_MAX  65536 /* bytes of their list */

static bool read_children(char *text)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
	return file_read(path, text, CHILDREN_MAX) > 0;
}

/* Of a list of numbers with blanks between; 0 at its end. */
static pid_t next_pid(char **text)
{
	char *end;
	long pid = strtol(*text, &end, 10);

	*text = end;
	return (pid_t)pid;
}

static size_t count_pids(char *text)
{
	size_t count = 0;

	while (next_pid(&text))
		count++;
	return count;
}

struct strays strays_begin(void)
{
	struct strays strays = {NULL, 0};
	char *text = malloc(CHILDREN_MAX), *next = text;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	if (text && read_children(text)) {
		strays.before = calloc(count_pids(text) + 1, sizeof *strays.before);
		while (strays.before && (strays.before[strays.count] = next_pid(&next)))
			strays.count++;
	}
	free(text);
	return strays;
}

static bool was_there(const struct strays *strays, pid_t pid)
{
	for (size_t i = 0; i < strays->count; i++)
		if (strays->before[i] == pid)
			return true;
	return false;
}

/* Tells how many there were. */
static size_t kill_and_reap(const struct strays *strays, char *text)
{
	size_t count = 0;
	pid_t pid;

	if (!read_children(text))
		return 0;
	while ((pid = next_pid(&text))) {
		if (was_there(strays, pid))
			continue;
		count++;
		kill(pid, SIGKILL);
		waitpid(pid, NULL, WNOHANG);
	}
	return count;
}

/* Killing one may bring us its children, so until there is none. */
void strays_kill(const struct strays *strays)
{
	int64_t give_up = time_now_ns() + PATIENCE_NSEC;
	char *text = malloc(CHILDREN_MAX);

	while (text && kill_and_reap(strays, text) && time_now_ns() < give_up)
		usleep(1000);
	free(text);
}
