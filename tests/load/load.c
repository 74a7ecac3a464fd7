/* SPDX-License-Identifier: MIT */
/*
 * make load: many starts, at once and one after the other. load [short] prints a table and fails if
 * a program was not shifted rightly, or if anything is left.
 */
#include "load.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef __WALL
#define __WALL 0x40000000
#endif

char load_child[512];
static int failed;

/* -- One start -- */

static void put_expected(char text[32], clockid_t clock, int64_t shift)
{
	struct timespec t;

	clock_gettime(clock, &t);
	snprintf(text, 32, "%" PRId64, ((int64_t)t.tv_sec + shift) * 1000000000 + t.tv_nsec);
}

void make_start(struct start *s, int days, int in, int out)
{
	static const char *const env[] = {"LANG=C", NULL};

	memset(s, 0, sizeof *s);
	s->offsets.clock_boottime.tv_sec = (int64_t)days * DAY;
	s->offsets.clock_monotonic.tv_sec = 2 * (int64_t)days * DAY;
	put_expected(s->boottime, CLOCK_BOOTTIME, s->offsets.clock_boottime.tv_sec);
	put_expected(s->monotonic, CLOCK_MONOTONIC, s->offsets.clock_monotonic.tv_sec);
	s->argv[0] = load_child;
	s->argv[1] = s->boottime;
	s->argv[2] = s->monotonic;
	s->argv[3] = out >= 0 ? "wait" : NULL;
	s->fds[0] = (struct timens_fd){0, in};
	s->fds[1] = (struct timens_fd){1, out};
	s->args = (struct timens_spawn_args){
		.argv = s->argv,
		.env = env,
		.offsets = &s->offsets,
		.offsets_size = sizeof s->offsets,
		.fds = s->fds,
		.fds_count = out >= 0 ? 2 : 0,
		.flags = TIMENS_SPAWN_CLOSE_FDS,
	};
}

int run_start(struct start *s, unsigned route, struct timens_error *error)
{
	struct timens_process process;
	int status = 0, r;

	s->args.route = route;
	r = timens_spawn(&s->args, sizeof s->args, &process, error);
	if (r < 0)
		return r;
	do
		r = timens_wait(&process, NULL, &status, error);
	while (r == -EINTR);
	return r < 0 ? r : WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* -- Figures -- */

double seconds_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

long resident_kib(void)
{
	char line[128];
	long kib = -1;
	FILE *file = fopen("/proc/self/status", "re");

	while (file && fgets(line, sizeof line, file))
		if (sscanf(line, "VmRSS: %ld", &kib) == 1)
			break;
	if (file)
		fclose(file);
	return kib;
}

int count_fds(void)
{
	struct rlimit limit;
	int count = 0;

	getrlimit(RLIMIT_NOFILE, &limit);
	for (int fd = 0; fd < (int)limit.rlim_cur; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

int has_children(void)
{
	return waitid(P_ALL, 0, NULL, WEXITED | WNOHANG | WNOWAIT | __WALL) == 0;
}

void row(int good, const char *what, const char *format, ...)
{
	va_list args;

	printf("| %s | ", what);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf(" | %s |\n", good ? "right" : "WRONG");
	fflush(stdout);
	failed |= !good;
}

/* -- Many at once -- */

struct crowd {
	struct timens_process *processes;
	int count, wrong, in[2], out[2];
};

static int start_crowd(struct crowd *c, int wanted, struct timens_error *error)
{
	struct start s;

	for (c->count = 0; c->count < wanted; c->count++) {
		make_start(&s, 1 + c->count % 1000, c->in[0], c->out[1]);
		if (timens_spawn(&s.args, sizeof s.args, &c->processes[c->count], error) < 0)
			return -error->errnum;
	}
	return 0;
}

/* A byte of each, which is what it found out. */
static void hear_crowd(struct crowd *c)
{
	struct pollfd there = {.fd = c->out[0], .events = POLLIN};
	int heard = 0;
	char byte;

	while (heard < c->count && poll(&there, 1, 60000) == 1 && read(c->out[0], &byte, 1) == 1) {
		heard++;
		c->wrong += byte != 0;
	}
	c->wrong += c->count - heard;
}

/* The end of their standard input lets them go. */
static void end_crowd(struct crowd *c)
{
	int status;

	close(c->in[1]);
	for (int i = 0; i < c->count; i++)
		if (timens_wait(&c->processes[i], NULL, &status, NULL) < 0 || status != 0)
			c->wrong++;
	close(c->in[0]);
	close(c->out[0]);
	close(c->out[1]);
}

static int open_crowd(struct crowd *c, int wanted)
{
	c->processes = calloc((size_t)wanted, sizeof *c->processes);
	return c->processes && pipe2(c->in, O_CLOEXEC) == 0 && pipe2(c->out, O_CLOEXEC) == 0;
}

static void load_alive(int wanted)
{
	struct crowd c = {0};
	struct timens_error error = {0};
	int fds = count_fds(), r;
	double start = seconds_now(), up;
	struct rlimit limit;

	/* Each has a pidfd here. */
	getrlimit(RLIMIT_NOFILE, &limit);
	if ((int)limit.rlim_cur < wanted + 64)
		wanted = (int)limit.rlim_cur - 64;
	if (!open_crowd(&c, wanted))
		return row(0, "alive at once", "no memory or pipe");
	r = start_crowd(&c, wanted, &error);
	up = seconds_now() - start;
	hear_crowd(&c);
	end_crowd(&c);
	free(c.processes);
	row(r == 0 && c.wrong == 0 && count_fds() == fds && !has_children(),
	    "alive at once from one process",
	    "%d programs, each with a namespace of its own; up in %.1f s, ended after %.1f s; "
	    "error: %s, wrong %d, descriptors left %d",
	    c.count, up, seconds_now() - start, r < 0 ? strerror(-r) : "none", c.wrong,
	    count_fds() - fds);
}

/* -- One after the other -- */

static int run_failing(void)
{
	const char *argv[] = {"/nonexistent/program", NULL};
	static const struct timens_offsets offsets = {{DAY, 0}, {DAY, 0}};
	const struct timens_spawn_args args = {
		.argv = argv, .offsets = &offsets, .offsets_size = sizeof offsets};
	struct timens_process process;

	return timens_spawn(&args, sizeof args, &process, NULL) != -ENOENT;
}

static int run_many(int count, unsigned route)
{
	struct timens_error error;
	struct start s;
	int wrong = 0;

	for (int i = 0; i < count; i++) {
		make_start(&s, 1 + i % 1000, -1, -1);
		wrong += run_start(&s, route, &error) != 0;
		/* A tenth fails on top. */
		if (i % 10 == 0)
			wrong += run_failing();
	}
	return wrong;
}

static void load_flat(int count)
{
	/* Nine tenths by the route of `auto`; the fork route is the one with descriptors. */
	int wrong = run_many(200, TIMENS_ROUTE_AUTO) + run_many(200, TIMENS_ROUTE_FORK), fds;
	long before = resident_kib();
	double start = seconds_now();

	fds = count_fds();
	wrong += run_many(count - count / 10, TIMENS_ROUTE_AUTO);
	wrong += run_many(count / 10, TIMENS_ROUTE_FORK);
	row(wrong == 0 && resident_kib() - before <= 64 && count_fds() == fds && !has_children(),
	    "one after the other",
	    "%d starts and %d failures in %.0f s; wrong %d, VmRSS %ld KiB before and %+ld, "
	    "descriptors left %d",
	    count, count / 10, seconds_now() - start, wrong, before, resident_kib() - before,
	    count_fds() - fds);
}

/* -- The limit of time namespaces -- */

static int write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));

	if (fd >= 0)
		close(fd);
	return n > 0;
}

static int enter_limited_namespace(const char *limit)
{
	char uid[32], gid[32];

	snprintf(uid, sizeof uid, "0 %u 1\n", geteuid());
	snprintf(gid, sizeof gid, "0 %u 1\n", getegid());
	return unshare(CLONE_NEWUSER) == 0 && write_text("/proc/self/setgroups", "deny") &&
	       write_text("/proc/self/uid_map", uid) && write_text("/proc/self/gid_map", gid) &&
	       write_text("/proc/sys/user/max_time_namespaces", limit);
}

/* Fills the limit, is refused, lets go, again and again. How often that was not so. */
static int reach_limit(int limit, int rounds)
{
	struct timens_error error;
	struct crowd c;
	int wrong = 0;

	for (int i = 0; i < rounds; i++) {
		memset(&c, 0, sizeof c);
		if (!open_crowd(&c, limit + 1))
			return -1;
		wrong += start_crowd(&c, limit + 1, &error) != -ENOSPC || c.count != limit ||
			 error.stage != TIMENS_STAGE_UNSHARE;
		hear_crowd(&c);
		end_crowd(&c);
		free(c.processes);
		wrong += c.wrong;
	}
	return wrong + has_children();
}

#define TIME_LIMIT  100
#define LIMIT_ROUND 20

static void load_limit(int rounds)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0)
		_exit(!enter_limited_namespace("100") ? 77 : reach_limit(TIME_LIMIT, rounds) != 0);
	waitpid(pid, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		return row(1, "limit of time namespaces", "left out: no user namespace here");
	row(status == 0, "limit of time namespaces",
	    "%d times: %d programs, the next one refused (stage unshare, ENOSPC), all ended",
	    rounds, TIME_LIMIT);
}

/* -- The whole -- */

static void raise_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

int main(int argc, char **argv)
{
	int is_short = argc > 1 && !strcmp(argv[1], "short");
	ssize_t n = readlink("/proc/self/exe", load_child, sizeof load_child - 16);

	if (n < 0)
		return 2;
	load_child[n] = '\0';
	strcat(load_child, "_child");
	raise_limit();
	printf("| load | figures | result |\n|---|---|---|\n");
	load_limit(is_short ? 3 : LIMIT_ROUND);
	load_flat(is_short ? 10000 : 100000);
	load_alive(is_short ? 2000 : 10000);
	load_threads(is_short ? 10 : 300);
	return failed;
}
