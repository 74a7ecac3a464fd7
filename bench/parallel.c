/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "parallel.h"

#include <errno.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include <time.h>

#define THREADS_MAX 64

struct crew {
	start_fn *start;
	const char *const *argv;
	size_t count;
	pthread_barrier_t ready;
};

static void *work(void *arg)
{
	struct crew *crew = arg;

	pthread_barrier_wait(&crew->ready);
	for (size_t i = 0; i < crew->count; i++) {
		struct started s = crew->start(crew->argv);

		check(waitpid(s.pid, NULL, __WALL) < 0 ? -errno : 0, "waitpid");
		if (s.pidfd >= 0)
			close(s.pidfd);
	}
	return NULL;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

double starts_per_second(start_fn *start, const char *const *argv, size_t threads, size_t count)
{
	struct crew crew = {.start = start, .argv = argv, .count = count};
	pthread_t all[THREADS_MAX];
	double begin;

	check(threads <= THREADS_MAX ? 0 : -E2BIG, "threads");
	pthread_barrier_init(&crew.ready, NULL, (unsigned)threads + 1);
	for (size_t i = 0; i < threads; i++)
		check(-pthread_create(&all[i], NULL, work, &crew), "pthread_create");
	begin = now();
	pthread_barrier_wait(&crew.ready);
	for (size_t i = 0; i < threads; i++)
		pthread_join(all[i], NULL);
	pthread_barrier_destroy(&crew.ready);
	return (double)(threads * count) / (now() - begin);
}
