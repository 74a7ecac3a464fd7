/* SPDX-License-Identifier: MIT */
#include "fdmap.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "sys.h"

size_t timens_fdmap_size(uint64_t count)
{
	return (size_t)count * (sizeof(struct timens_fd) + 3 * sizeof(int32_t));
}

static bool is_pipe(const struct timens_fd *f)
{
	return f->source == TIMENS_FD_PIPE_IN || f->source == TIMENS_FD_PIPE_OUT;
}

static int compare(const void *a, const void *b)
{
	const struct timens_fd *x = a, *y = b;

	return (x->target > y->target) - (x->target < y->target);
}

void timens_fdmap_name(const struct timens_fd *f, char *subject, size_t size)
{
	snprintf(subject, size,
		 f->source == TIMENS_FD_NULL ? "%d (from /dev/null)" : "%d (from %d)", f->target,
		 f->source);
}

/* Before anything of ours is opened: later, a number that is closed now could be a descriptor of
 * the library, which the program would be given. */
static int check_source(const struct timens_fd *f, struct timens_error *error)
{
	char subject[48];
	int r;

	if (f->source < TIMENS_FD_PIPE_OUT)
		return timens_fail_args(error, -EINVAL, "fds: source %d is no descriptor",
					f->source);
	r = f->source < 0 ? 0 : sys_fcntl(f->source, F_GETFD, 0);
	if (r >= 0)
		return 0;
	timens_fdmap_name(f, subject, sizeof subject);
	return timens_fail(error, TIMENS_STAGE_FDS, r, subject);
}

/* As check_source. clone3 and the child look at the cgroup's themselves: nothing of the library's
 * is a cgroup. */
static int check_terminal(const struct timens_spawn_args *a, struct timens_error *error)
{
	int r = 0;

	if (a->flags & (TIMENS_SPAWN_SET_TTY | TIMENS_SPAWN_FOREGROUND))
		r = sys_fcntl(a->tty, F_GETFD, 0);
	return r < 0 ? timens_fail_number(error, TIMENS_STAGE_TTY, r, a->tty) : 0;
}

static int check(const struct timens_spawn_args *a, struct timens_error *error)
{
	int r = check_terminal(a, error);

	for (uint64_t i = 0; i < a->fds_count && r == 0; i++) {
		if (a->fds[i].target < 0)
			return timens_fail_args(error, -EINVAL, "fds: target %d is negative",
						a->fds[i].target);
		if (is_pipe(&a->fds[i]) && !a->pipes)
			return timens_fail_args(error, -EFAULT,
						"pipes is NULL, and fds asks for a pipe");
		r = check_source(&a->fds[i], error);
	}
	return r;
}

static int make_pipe(struct fdmap *map, uint32_t i, struct timens_error *error)
{
	bool program_reads = map->fds[i].source == TIMENS_FD_PIPE_IN;
	int ends[2] = {-1, -1}, r = sys_pipe_cloexec(ends);

	if (r < 0)
		return timens_fail(error, TIMENS_STAGE_PREPARE, r, "pipe");
	map->theirs[i] = map->fds[i].source = ends[program_reads ? 0 : 1];
	map->ours[i] = ends[program_reads ? 1 : 0];
	return 0;
}

static int make_pipes(struct fdmap *map, struct timens_error *error)
{
	int r = 0;

	for (uint32_t i = 0; i < map->count && r == 0; i++)
		if (is_pipe(&map->fds[i]))
			r = make_pipe(map, i, error);
	return r;
}

/* Sorted by target, for close_others in the child and the search for doubles. */
static int sort(struct fdmap *map, struct timens_error *error)
{
	qsort(map->fds, map->count, sizeof *map->fds, compare);
	for (uint32_t i = 1; i < map->count; i++)
		if (map->fds[i].target == map->fds[i - 1].target)
			return timens_fail_args(error, -EINVAL, "fds: target %d is named twice",
						map->fds[i].target);
	return 0;
}

int timens_fdmap_plan(struct fdmap *map, void *memory, struct plan *plan,
		      struct timens_error *error)
{
	uint32_t count = (uint32_t)plan->args.fds_count;
	int r = check(&plan->args, error);

	if (r < 0 || !count)
		return r;
	map->fds = memory;
	map->scratch = (int32_t *)(map->fds + count);
	map->ours = map->scratch + count;
	map->theirs = map->ours + count;
	map->count = count;
	memcpy(map->fds, plan->args.fds, count * sizeof *map->fds);
	memset(map->ours, 0xff, 2 * (size_t)count * sizeof *map->ours);
	r = make_pipes(map, error);
	if (r == 0)
		r = sort(map, error);
	plan->args.fds = map->fds;
	plan->fds_scratch = map->scratch;
	return r;
}

void timens_fdmap_close(struct fdmap *map, int32_t *pipes)
{
	for (uint32_t i = 0; i < map->count; i++) {
		if (map->theirs[i] >= 0)
			sys_close(map->theirs[i]);
		if (pipes)
			pipes[i] = map->ours[i];
		else if (map->ours[i] >= 0)
			sys_close(map->ours[i]);
	}
}
