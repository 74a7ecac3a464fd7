/* SPDX-License-Identifier: MIT */
#include "sweep_strays.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "times.h"

/* One that cannot be killed, since it waits for a disk or a net, is left to init. */
#define PATIENCE_NSEC (5 * NSEC_PER_SEC)

/* The whole list, however long: of one that is cut, the last number would be another process's. For
 * the caller to free; NULL: there is none. */
static char *read_children(void)
{
	char path[64], *text = NULL;
	size_t size = 0;
	FILE *file;

	snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
	file = fopen(path, "re");
	if (!file)
		return NULL;
	if (getdelim(&text, &size, '\0', file) < 0) {
		free(text);
		text = NULL;
	}
	fclose(file);
	return text;
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
	char *text, *next;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	next = text = read_children();
	if (text) {
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

/* What is our child, and nobody but we can reap, keeps its number; without this, one that another
 * process has got meanwhile would be killed. */
static bool is_child(pid_t pid)
{
	siginfo_t info;

	return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT | __WALL) == 0;
}

/* Tells how many there were. */
static size_t kill_and_reap(const struct strays *strays)
{
	char *text = read_children(), *next = text;
	size_t count = 0;
	pid_t pid;

	while (text && (pid = next_pid(&next))) {
		if (was_there(strays, pid) || !is_child(pid))
			continue;
		count++;
		kill(pid, SIGKILL);
		waitpid(pid, NULL, WNOHANG);
	}
	free(text);
	return count;
}

/* Killing one may bring us its children, so until there is none. */
void strays_kill(const struct strays *strays)
{
	int64_t give_up = time_now_ns() + PATIENCE_NSEC;

	while (kill_and_reap(strays) && time_now_ns() < give_up)
		usleep(1000);
}
