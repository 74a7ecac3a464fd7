/* SPDX-License-Identifier: MIT */
/* timens_spawn: makes the plan from what was asked, and has it launched. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "fdmap.h"
#include "files.h"
#include "launch.h"
#include "namespace.h"
#include "offsets.h"
#include "request.h"
#include "sys.h"
#include "userns.h"

/* All of the plan's lists, one after the other; those of almost every start fit in `small`. */
struct workspace {
	_Alignas(16) char small[2048];
	char *memory, *at;
};

/* Of each list; that of the files takes a look at all of PATH. */
struct sizes {
	size_t files, fds, shell, maps;
};

/* -- The lists -- */

static size_t round_up(size_t size)
{
	return (size + 15) & ~(size_t)15;
}

static char *take(struct workspace *w, size_t size)
{
	char *at = w->at;

	w->at += round_up(size);
	return at;
}

static size_t count_strings(const char *const *list)
{
	size_t n = 0;

	while (list[n])
		n++;
	return n;
}

/* "/bin/sh", the file, the arguments, NULL. */
static size_t shell_size(const struct timens_spawn_args *a)
{
	return a->flags & TIMENS_SPAWN_SHELL ? (count_strings(a->argv) + 2) * sizeof(char *) : 0;
}

static struct sizes measure(const struct timens_spawn_args *a)
{
	return (struct sizes){
		.files = timens_files_size(a->file, a->env),
		.fds = timens_fdmap_size(a->fds_count),
		.shell = shell_size(a),
		.maps = timens_userns_size(a->uid_maps_count, a->gid_maps_count),
	};
}

static int reserve(struct workspace *w, const struct sizes *s, struct timens_error *error)
{
	size_t size =
		round_up(s->files) + round_up(s->fds) + round_up(s->shell) + round_up(s->maps);

	w->memory = w->at = size <= sizeof w->small ? w->small : malloc(size);
	return w->memory ? 0 : timens_fail(error, TIMENS_STAGE_PREPARE, -ENOMEM, "lists");
}

static void release(struct workspace *w)
{
	if (w->memory != w->small)
		free(w->memory);
}

static void plan_shell(struct plan *plan, char *memory, size_t size)
{
	if (!size)
		return;
	plan->shell_argv = (const char **)memory;
	plan->shell_argv[0] = "/bin/sh";
	memcpy(plan->shell_argv + 2, plan->args.argv + 1, size - 2 * sizeof(char *));
}

/* -- The plan -- */

static int plan_userns(struct plan *plan, char *memory, struct timens_error *error)
{
	const struct timens_spawn_args *a = &plan->args;

	if (a->uid_maps_count || a->gid_maps_count)
		return timens_userns_plan_maps(plan, memory, error);
	if (a->userns == TIMENS_USERNS_ALWAYS ||
	    (plan->with_time && timens_userns_needed(a->userns)))
		timens_userns_plan(plan);
	return 0;
}

static int plan_time(struct plan *plan, struct timens_error *error)
{
	const struct timens_spawn_args *a = &plan->args;
	struct timens_offsets offsets;
	int r;

	if (!a->offsets && !a->offsets_size)
		return 0;
	r = timens_take_offsets(&offsets, a->offsets, a->offsets_size, error);
	return r < 0 ? r : timens_plan_namespace(plan, &offsets, error);
}

static void plan_parent(struct plan *plan)
{
	if (plan->args.flags & TIMENS_SPAWN_KILL_WITH_PARENT) {
		plan->parent = sys_getpid();
		plan->parent_thread = sys_gettid();
	}
}

static int make_plan(struct plan *plan, struct workspace *w, struct fdmap *map,
		     struct timens_error *error)
{
	const struct timens_spawn_args *a = &plan->args;
	struct sizes size = measure(a);
	int r = reserve(w, &size, error);

	if (r < 0)
		return r;
	plan->files = timens_files_list(a->file, a->env, take(w, size.files));
	plan_shell(plan, take(w, size.shell), size.shell);
	plan_parent(plan);
	/* Before plan_time, which may open a descriptor: see check_source. */
	r = timens_fdmap_plan(map, take(w, size.fds), plan, error);
	if (r == 0)
		r = plan_time(plan, error);
	return r < 0 ? r : plan_userns(plan, take(w, size.maps), error);
}

/* -- The start -- */

static void name(struct timens_error *error, const char *subject)
{
	snprintf(error->subject, sizeof error->subject, "%s", subject);
}

static void name_number(struct timens_error *error, int number)
{
	snprintf(error->subject, sizeof error->subject, "%d", number);
}

/* A child that was killed may have come to the next stage and not to its index. */
static bool is_index(int index, uint64_t count)
{
	return index >= 0 && (uint64_t)index < count;
}

static void name_fd(struct timens_error *error, const struct timens_spawn_args *a, int index)
{
	if (is_index(index, a->fds_count))
		timens_fdmap_name(&a->fds[index], error->subject, sizeof error->subject);
	else
		name(error, index == INDEX_CHANNEL ? "of the report" : "3 and above");
}

static void name_rlimit(struct timens_error *error, const struct timens_spawn_args *a, int index)
{
	if (is_index(index, a->rlimits_count))
		name_number(error, (int)a->rlimits[index].resource);
}

/* The launch knows stages and numbers, not what they are about. */
static void name_subject(struct timens_error *error, const struct timens_spawn_args *a, int index)
{
	switch (error->stage) {
	case TIMENS_STAGE_FDS:
		name_fd(error, a, index);
		break;
	case TIMENS_STAGE_RLIMITS:
		name_rlimit(error, a, index);
		break;
	case TIMENS_STAGE_PGROUP:
		name_number(error, a->pgroup);
		break;
	case TIMENS_STAGE_TTY:
		name_number(error, a->tty);
		break;
	case TIMENS_STAGE_CGROUP:
		name_number(error, a->cgroup);
		break;
	case TIMENS_STAGE_EXEC:
		name(error, a->file);
		break;
	case TIMENS_STAGE_CWD:
		name(error, a->cwd);
		break;
	default:
		break;
	}
}

static int start(struct plan *plan, struct workspace *w, struct timens_process *process,
		 struct timens_error *error)
{
	struct fdmap map = {0};
	int r = make_plan(plan, w, &map, error), index;

	if (r == 0) {
		r = timens_launch(plan, plan->args.route, process, &index, error);
		if (r < 0 && error)
			name_subject(error, &plan->args, index);
	}
	timens_fdmap_close(&map, r == 0 ? plan->args.pipes : NULL);
	timens_plan_release(plan);
	return r;
}

int timens_spawn(const struct timens_spawn_args *args, size_t args_size,
		 struct timens_process *process, struct timens_error *error)
{
	struct plan plan = {.own_ns = -1, .userns_fd = -1};
	struct workspace w;
	int r = timens_take_request(&plan.args, args, args_size, error);

	if (r < 0)
		return r;
	if (!process)
		return timens_fail_args(error, -EFAULT, "process is NULL");
	w.memory = w.small;
	r = start(&plan, &w, process, error);
	release(&w);
	return r;
}
