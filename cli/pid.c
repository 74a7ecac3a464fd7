/* SPDX-License-Identifier: MIT */
#include "pid.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "message.h"

pid_t pid_parse(const char *word)
{
	char *end;
	long pid;

	errno = 0;
	pid = strtol(word, &end, 10);
	return *word >= '0' && *word <= '9' && !*end && !errno && pid <= INT_MAX ? (pid_t)pid : 0;
}

int complain_pid(const struct command *self, const char *word)
{
	return complain(self, "'%s' is no process id; give a number from 1 up", word);
}
