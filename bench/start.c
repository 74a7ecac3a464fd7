/* SPDX-License-Identifier: MIT */
/*
 * How long does a start take, against what a program would use otherwise? All cases in one run,
 * in random order round by round, so that a change of the machine's speed meets all alike; medians
 * and ratios to posix_spawn.
 *
 *	bench_start PROGRAM [ROUNDS] [RESIDENT_MIB]
 *
 * Prints JSON. "call" is until the start returns, "life" until the program has been waited for.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sys.h"
#include "timens.h"
#include "vmclone.h"

extern char **environ;

static const char *program;
static int last_pidfd = -1; /* of a start that has one; closed as part of the program's life */
static const char *const *argv;

static void check(int r, const char *what)
{
	if (r >= 0)
		return;
	fprintf(stderr, "%s: %s\n", what, strerror(-r));
	exit(1);
}

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* -- The cases: start `program`, return its pid -- */

static int by_posix_spawn(void)
{
	pid_t pid;

	check(-posix_spawn(&pid, program, NULL, NULL, (char *const *)argv, environ), "posix_spawn");
	return pid;
}

static void exec_only(void *arg)
{
	(void)arg;
	sys_execve(program, argv, (const char *const *)environ);
	sys_exit(127);
}

/* No namespace, no checks, no signal handling: what no start can be faster than. */
static int by_bare_clone(void)
{
	struct vm_clone call = {
		.nr = __NR_clone, .args = {CLONE_VM | CLONE_VFORK | SIGCHLD}, .run = exec_only};
	int pid = (int)timens_vm_clone(&call);

	check(pid, "clone");
	return pid;
}

static int start(const struct timens_spawn_args *args)
{
	struct timens_process process;
	struct timens_error error;
	char text[TIMENS_ERROR_TEXT_MAX];
	int r = timens_spawn(args, sizeof *args, &process, &error);

	if (r < 0) {
		timens_error_text(&error, text, sizeof text);
		fprintf(stderr, "timens_spawn: %s\n", text);
		exit(1);
	}
	last_pidfd = process.pidfd;
	return process.pid;
}

static int by_timens(unsigned route, const struct timens_offsets *offsets)
{
	struct timens_spawn_args args = {.argv = argv,
					 .offsets = offsets,
					 .offsets_size = offsets ? sizeof *offsets : 0,
					 .route = route};

	return start(&args);
}

static const struct timens_offsets offsets = {{1000000, 37}, {1000000, 37}};

static int by_clone3(void)
{
	return by_timens(TIMENS_ROUTE_CLONE3, &offsets);
}
static int by_vfork(void)
{
	return by_timens(TIMENS_ROUTE_VFORK, &offsets);
}
static int by_fork(void)
{
	return by_timens(TIMENS_ROUTE_FORK, &offsets);
}

/* All that a route with shared memory takes, but terminal and cgroup, which not every machine has;
 * with ids, by the fork route. */
static int with_all_options(uint64_t flags)
{
	static const struct timens_fd fds[] = {
		{0, TIMENS_FD_NULL}, {1, TIMENS_FD_NULL}, {2, 1}, {7, 2}};
	static const struct timens_rlimit limits[] = {
		{.resource = RLIMIT_CORE, .soft = 0, .hard = 0},
		{.resource = RLIMIT_NOFILE, .soft = 256, .hard = 512}};
	static const uint32_t groups[] = {1, 2, 3};
	struct timens_spawn_args args = {
		.argv = argv,
		.cwd = "/",
		.offsets = &offsets,
		.offsets_size = sizeof offsets,
		.fds = fds,
		.fds_count = 4,
		.flags = TIMENS_SPAWN_CLOSE_FDS | TIMENS_SPAWN_SETSID | TIMENS_SPAWN_SET_SIGMASK |
			 TIMENS_SPAWN_SET_GROUPS | TIMENS_SPAWN_SET_UMASK |
			 TIMENS_SPAWN_NO_NEW_PRIVS | TIMENS_SPAWN_KILL_WITH_PARENT | flags,
		.sigdefault = 1U << 1 | 1U << 2,
		.sigignore = 1U << 0,
		.sigmask = 1U << 9,
		.rlimits = limits,
		.rlimits_count = 2,
		.groups = groups,
		.groups_count = 3,
		.umask = 077,
		.nice = 1,
	};

	return start(&args);
}
static int by_all_options(void)
{
	return with_all_options(0);
}
static int by_all_and_ids(void)
{
	return with_all_options(TIMENS_SPAWN_SET_UID | TIMENS_SPAWN_SET_GID);
}
static int by_plain(void)
{
	return by_timens(TIMENS_ROUTE_AUTO, NULL);
}

enum { POSIX_SPAWN, BARE_CLONE, CLONE3, VFORK, FORK, PLAIN, ALL_OPTIONS, ALL_AND_IDS, CASES };

static const struct bench {
	const char *name;
	int (*start)(void);
} cases[CASES] = {
	[POSIX_SPAWN] = {"posix_spawn", by_posix_spawn},
	[BARE_CLONE] = {"bare_clone", by_bare_clone},
	[CLONE3] = {"clone3", by_clone3},
	[VFORK] = {"vfork", by_vfork},
	[FORK] = {"fork", by_fork},
	[PLAIN] = {"plain", by_plain},
	[ALL_OPTIONS] = {"all_options", by_all_options},
	[ALL_AND_IDS] = {"all_options_ids", by_all_and_ids},
};

/* -- Measuring -- */

static void run_one(size_t i, int64_t *call, int64_t *life)
{
	int64_t begin = now_ns();
	int pid = cases[i].start();

	*call = now_ns() - begin;
	check(waitpid(pid, NULL, 0) < 0 ? -errno : 0, "waitpid");
	if (last_pidfd >= 0)
		close(last_pidfd);
	last_pidfd = -1;
	*life = now_ns() - begin;
}

/* A fork leaves every page of ours write-protected, and whoever comes next would pay for copying
 * the ones that it writes to. Two starts that do not count take that out of the comparison. */
static void settle(void)
{
	int64_t unused;

	run_one(POSIX_SPAWN, &unused, &unused);
	run_one(CLONE3, &unused, &unused);
}

static void measure_one(size_t i, int64_t *call, int64_t *life)
{
	run_one(i, call, life);
	if (i == FORK || i == ALL_AND_IDS)
		settle();
}

static void shuffle(size_t order[CASES])
{
	for (size_t i = CASES; i-- > 1;) {
		size_t j = (size_t)random() % (i + 1), t = order[i];

		order[i] = order[j];
		order[j] = t;
	}
}

static int compare(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double median_us(int64_t *samples, size_t count)
{
	qsort(samples, count, sizeof *samples, compare);
	return (double)samples[count / 2] / 1e3;
}

static void report(int64_t **call, int64_t **life, size_t rounds, size_t mib)
{
	double base_call = median_us(call[0], rounds), base_life = median_us(life[0], rounds);

	printf("{\"rounds\": %zu, \"resident_mib\": %zu, \"cases\": {", rounds, mib);
	for (size_t i = 0; i < CASES; i++) {
		double c = median_us(call[i], rounds), l = median_us(life[i], rounds);

		printf("%s\n  \"%s\": {\"call_us\": %.1f, \"call_ratio\": %.3f, \"life_us\": %.1f, "
		       "\"life_ratio\": %.3f}",
		       i ? "," : "", cases[i].name, c, c / base_call, l, l / base_life);
	}
	printf("\n}}\n");
}

static void *allocate(size_t size)
{
	void *memory = calloc(1, size);

	check(memory ? 0 : -ENOMEM, "calloc");
	return memory;
}

static void make_resident(size_t mib)
{
	size_t size = mib << 20;
	char *memory;

	if (!mib)
		return;
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	check(memory == MAP_FAILED ? -errno : 0, "mmap");
	madvise(memory, size, MADV_NOHUGEPAGE);
	memset(memory, 1, size);
}

static void measure(size_t rounds, size_t mib)
{
	int64_t *call[CASES], *life[CASES];
	size_t order[CASES];

	for (size_t i = 0; i < CASES; i++) {
		call[i] = allocate(rounds * sizeof **call);
		life[i] = allocate(rounds * sizeof **life);
		order[i] = i;
		run_one(i, call[i], life[i]); /* warm up: the probe among others */
	}
	for (size_t round = 0; round < rounds; round++) {
		shuffle(order);
		for (size_t i = 0; i < CASES; i++)
			measure_one(order[i], &call[order[i]][round], &life[order[i]][round]);
	}
	report(call, life, rounds, mib);
}

int main(int argc, char **args)
{
	static const char *words[] = {NULL, "nothing", NULL};
	size_t rounds = argc > 2 ? strtoul(args[2], NULL, 10) : 1000;
	size_t mib = argc > 3 ? strtoul(args[3], NULL, 10) : 0;

	if (argc < 2 || !rounds) {
		fprintf(stderr, "usage: bench_start PROGRAM [ROUNDS] [RESIDENT_MIB]\n");
		return 2;
	}
	program = words[0] = args[1];
	argv = words;
	make_resident(mib);
	measure(rounds, mib);
	return 0;
}
