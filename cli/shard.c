/* SPDX-License-Identifier: MIT */
#include "shard.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"

#define SHARDS_MAX 10000

/* What sets a number for each of several jobs; those that count from elsewhere say from where. */
static const struct scheduler {
	const char *index, *count; /* count NULL: it has none, and `auto/N` must say it */
	const char *first;	   /* the variable with the lowest index; NULL: see `base` */
	const char *step;
	long base;
} schedulers[] = {
	{.index = "JOB_COMPLETION_INDEX", .base = 0},
	{.index = "SLURM_ARRAY_TASK_ID",
	 .count = "SLURM_ARRAY_TASK_COUNT",
	 .first = "SLURM_ARRAY_TASK_MIN",
	 .step = "SLURM_ARRAY_TASK_STEP",
	 .base = 0},
	{.index = "CI_NODE_INDEX", .count = "CI_NODE_TOTAL", .base = 1},
};

/* A whole number that is all of the text, or -1. */
static long number(const char *text)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(text, &end, 10);
	return *text >= '0' && *text <= '9' && !*end && !errno && value <= SHARDS_MAX ? value : -1;
}

static long variable(const char *name, long other)
{
	const char *value = name ? getenv(name) : NULL;

	return value ? number(value) : other;
}

static int take(const struct command *command, const char *what, long index, long count,
		struct shard *shard)
{
	if (count < 1 || index < 1 || index > count)
		return complain(command, "--shard: %s: give I/N, with I from 1 to N and N up to %d",
				what, SHARDS_MAX);
	*shard = (struct shard){(unsigned)index, (unsigned)count};
	return 0;
}

static int take_scheduled(const struct command *command, const struct scheduler *s,
			  const char *value, long count, struct shard *shard)
{
	long base = variable(s->first, s->base), step = variable(s->step, 1);
	long index = number(value);

	if (count < 0)
		count = variable(s->count, -1);
	if (count < 0)
		return complain(command,
				"--shard: how many there are is not in the environment beside %s; "
				"use auto/N",
				s->index);
	if (index >= 0 && base >= 0 && step > 0 && (index - base) % step == 0)
		index = (index - base) / step + 1;
	else
		index = -1;
	return take(command, s->index, index, count, shard);
}

/* Only when asked for: a variable that somebody else's array has set would make a sweep leave out
 * points, and look green. */
static int take_environment(const struct command *command, long count, struct shard *shard)
{
	const char *value;

	for (size_t i = 0; i < sizeof schedulers / sizeof schedulers[0]; i++) {
		value = getenv(schedulers[i].index);
		if (value)
			return take_scheduled(command, &schedulers[i], value, count, shard);
	}
	return complain(command, "--shard auto: none of JOB_COMPLETION_INDEX, SLURM_ARRAY_TASK_ID "
				 "and CI_NODE_INDEX is in the environment; use --shard I/N");
}

int option_set_shard(const struct command *command, const struct option_row *row, const char *value,
		     void *setting)
{
	const char *slash = strchr(value, '/');
	char index[16] = "";

	(void)row;
	if (!strcmp(value, "auto"))
		return take_environment(command, -1, setting);
	if (slash && (size_t)(slash - value) < sizeof index)
		memcpy(index, value, (size_t)(slash - value));
	if (slash && !strcmp(index, "auto") && number(slash + 1) > 0)
		return take_environment(command, number(slash + 1), setting);
	return take(command, value, number(index), slash ? number(slash + 1) : -1, setting);
}
