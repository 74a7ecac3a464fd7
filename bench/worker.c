/* SPDX-License-Identifier: MIT */
/*
 * Carries out what the driver asks for, which keeps several workers and lets them take turns.
 *
 *	bench_worker PROGRAM [resident=MIB] [threads=N] [fds=N]
 *
 * A request is a line of words between tabs, and so is the answer, in nanoseconds:
 *
 *	start COUNT CASE           CALL LIFE CALL LIFE ...
 *	command COUNT PATH WORD... the same, of a program started by posix_spawn
 *	steps COUNT N              the same, of the first N steps of a start
 *	parallel COUNT CASE N      starts per second, of N threads with COUNT starts each
 *
 * CALL is until the start returns, LIFE until the program has been waited for.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cases.h"
#include "parallel.h"
#include "shape.h"
#include "steps.h"

#define WORDS_MAX 32

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void time_one(start_fn *start, const char *const *argv, int64_t *call, int64_t *life)
{
	int64_t begin = now_ns();
	struct started s = start(argv);
	int status;

	*call = now_ns() - begin;
	check(waitpid(s.pid, &status, __WALL) < 0 ? -errno : 0, "waitpid");
	if (s.pidfd >= 0)
		close(s.pidfd);
	*life = now_ns() - begin;
	check(status ? -ECHILD : 0, argv[0]);
}

/* The first one does not count: it finds cold caches, and after a fork write-protected pages, which
 * are the doing of whoever had the turn before. */
static void answer_starts(start_fn *start, const char *const *argv, size_t count)
{
	int64_t call, life;

	for (size_t i = 0; i <= count; i++) {
		time_one(start, argv, &call, &life);
		if (i)
			printf("%s%" PRId64 "\t%" PRId64, i > 1 ? "\t" : "", call, life);
	}
	putchar('\n');
}

static size_t split(char *line, const char *words[WORDS_MAX])
{
	size_t n = 0;

	line[strcspn(line, "\n")] = '\0';
	for (char *word; (word = strsep(&line, "\t")) && n < WORDS_MAX - 1;)
		words[n++] = word;
	words[n] = NULL;
	return n;
}

static void answer_steps(unsigned steps, const char *const *argv, size_t count)
{
	use_steps(steps);
	answer_starts(peer_steps, argv, count);
}

static void answer(char *line, const char *const *argv)
{
	const char *words[WORDS_MAX];
	size_t n = split(line, words), count = n > 2 ? strtoul(words[1], NULL, 10) : 0;

	check(count ? 0 : -EINVAL, "request");
	if (!strcmp(words[0], "start"))
		answer_starts(find_case(words[2]), argv, count);
	else if (!strcmp(words[0], "command"))
		answer_starts(peer_posix_spawn, words + 2, count);
	else if (!strcmp(words[0], "steps"))
		answer_steps((unsigned)strtoul(words[2], NULL, 10), argv, count);
	else if (!strcmp(words[0], "parallel") && n == 4)
		printf("%.1f\n", starts_per_second(find_case(words[2]), argv,
						   strtoul(words[3], NULL, 10), count));
	else
		check(-EINVAL, words[0]);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	char *line = NULL;
	size_t size = 0;

	if (argc < 2) {
		fprintf(stderr, "usage: bench_worker PROGRAM [SHAPE...]\n");
		return 2;
	}
	for (int i = 2; i < argc; i++)
		take_shape(argv[i]);
	while (getline(&line, &size, stdin) > 0)
		answer(line, (const char *const[]){argv[1], "nothing", NULL});
	free(line);
	return 0;
}
