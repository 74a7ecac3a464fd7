/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "shape.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "cases.h"

/* Small pages, as most programs have them: that is what a fork has to copy the tables of. */
static void be_resident(size_t mib)
{
	size_t size = mib << 20;
	char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	check(memory == MAP_FAILED ? -errno : 0, "mmap");
	madvise(memory, size, MADV_NOHUGEPAGE);
	memset(memory, 1, size);
}

static void *sleep_on(void *arg)
{
	for (;;)
		pause();
	return arg;
}

static void have_threads(size_t count)
{
	pthread_t thread;

	for (size_t i = 1; i < count; i++)
		check(-pthread_create(&thread, NULL, sleep_on, NULL), "pthread_create");
}

/* Close-on-exec, as well-kept programs have them. */
static void have_fds(size_t count)
{
	struct rlimit limit;

	check(getrlimit(RLIMIT_NOFILE, &limit) < 0 ? -errno : 0, "getrlimit");
	limit.rlim_cur = count + 64 > limit.rlim_cur ? count + 64 : limit.rlim_cur;
	limit.rlim_max = limit.rlim_cur > limit.rlim_max ? limit.rlim_cur : limit.rlim_max;
	check(setrlimit(RLIMIT_NOFILE, &limit) < 0 ? -errno : 0, "setrlimit");
	for (size_t i = 0; i < count; i++)
		check(open("/dev/null", O_RDONLY | O_CLOEXEC) < 0 ? -errno : 0, "open");
}

void take_shape(const char *word)
{
	const char *value = strchr(word, '=');
	size_t n = value ? strtoul(value + 1, NULL, 10) : 0;

	if (!n)
		return;
	if (!strncmp(word, "resident=", 9))
		be_resident(n);
	else if (!strncmp(word, "threads=", 8))
		have_threads(n);
	else if (!strncmp(word, "fds=", 4))
		have_fds(n);
	else
		check(-EINVAL, word);
}
