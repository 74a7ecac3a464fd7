/* SPDX-License-Identifier: MIT */
/* timens_spawn: makes the plan from what was asked, and has it launched. */
#include <errno.h>
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

static void plan_shell(struct plan *plan, const struct timens_spawn_args *a, char *memory,
		       size_t size)
{
	if (!size)
		return;
	plan->shell_argv = (const char **)memory;
	plan->shell_argv[0] = "/bin/sh";
	memcpy(plan->shell_argv + 2, a->argv + 1, size - 2 * sizeof(char *));
}

/* -- The plan -- */

static int plan_userns(struct plan *plan, const struct timens_spawn_args *a, char *memory,
		       struct timens_error *error)
{
	if (a->uid_maps_count || a->gid_maps_count)
		return timens_userns_plan_maps(plan, a, memory, error);
	if (a->userns == TIMENS_USERNS_ALWAYS ||
	    (plan->with_time && timens_userns_needed(a->userns)))
		timens_userns_plan(plan);
	return 0;
}

static int plan_time(struct plan *plan, const struct timens_spawn_args *a,
		     struct timens_error *error)
{
	struct timens_offsets offsets;
	int r;

	if (!a->offsets && !a->offsets_size)
		return 0;
	r = timens_take_offsets(&offsets, a->offsets, a->offsets_size, error);
	return r < 0 ? r : timens_plan_namespace(plan, &offsets, error);
}

static uint64_t signal_bit(int sig)
{
	return UINT64_C(1) << (sig - 1);
}

static void plan_signals(struct plan *plan, const struct timens_spawn_args *a)
{
	const uint64_t sigpipe = signal_bit(SIGPIPE);

	plan->sigignore = a->sigignore;
	/* The kernel calls it invalid to set these, to what they are at all times. */
	plan->sigdefault = a->sigdefault & ~(signal_bit(SIGKILL) | signal_bit(SIGSTOP));
	if (!(a->flags & TIMENS_SPAWN_KEEP_SIGPIPE) && !(a->sigignore & sigpipe))
		plan->sigdefault |= sigpipe;
	plan->sigmask = a->flags & TIMENS_SPAWN_SET_SIGMASK ? a->sigmask : 0;
}

static void plan_process(struct plan *plan, const struct timens_spawn_args *a)
{
	plan->argv = a->argv;
	plan->env = a->env;
	plan->cwd = a->cwd;
	plan->flags = a->flags;
	/* A group in front is one of its own; the leader of a session has one already. */
	if ((a->flags & TIMENS_SPAWN_FOREGROUND) && !(a->flags & TIMENS_SPAWN_SETSID))
		plan->flags |= TIMENS_SPAWN_SET_PGROUP;
	plan->pgroup = a->flags & TIMENS_SPAWN_SET_PGROUP ? a->pgroup : 0;
	plan->tty = a->tty;
	plan->cgroup = a->cgroup;
	plan->nice = a->nice;
	plan->umask = a->umask;
	plan->uid = a->uid;
	plan->gid = a->gid;
	plan->groups = a->groups;
	plan->groups_count = (uint32_t)a->groups_count;
	plan->rlimits = a->rlimits;
	plan->rlimits_count = (uint32_t)a->rlimits_count;
	if (a->flags & TIMENS_SPAWN_KILL_WITH_PARENT) {
		plan->parent = sys_getpid();
		plan->parent_thread = sys_gettid();
	}
}

static int make_plan(struct plan *plan, const struct timens_spawn_args *a, struct workspace *w,
		     struct fdmap *map, struct timens_error *error)
{
	struct sizes size = measure(a);
	int r = reserve(w, &size, error);

	if (r < 0)
		return r;
	plan->files = timens_files_list(a->file, a->env, take(w, size.files));
	plan_shell(plan, a, take(w, size.shell), size.shell);
	plan_signals(plan, a);
	plan_process(plan, a);
	/* Before plan_time, which may open a descriptor: see check_source. */
	r = timens_fdmap_plan(map, a, take(w, size.fds), plan, error);
	if (r == 0)
		r = plan_time(plan, a, error);
	return r < 0 ? r : plan_userns(plan, a, take(w, size.maps), error);
}

/* -- The start -- */

static void name_fd(struct timens_error *error, const struct plan *plan, int index)
{
	const struct timens_fd *f = &plan->fds[index];

	snprintf(error->subject, sizeof error->subject,
		 f->source == TIMENS_FD_NULL ? "%d (from /dev/null)" : "%d (from %d)", f->target,
		 f->source);
}

static void name_number(struct timens_error *error, const char *format, int number)
{
	snprintf(error->subject, sizeof error->subject, format, number);
}

/* The launch knows stages and numbers, not what they are about. */
static void name_subject(struct timens_error *error, const struct timens_spawn_args *a,
			 const struct plan *plan)
{
	const char *subject = NULL;
	int index;

	if (!error)
		return;
	index = atoi(error->subject);
	if (error->stage == TIMENS_STAGE_FDS && index < 0)
		subject = plan->flags & TIMENS_SPAWN_CLOSE_FDS ? "3 and above" : "of the report";
	else if (error->stage == TIMENS_STAGE_FDS)
		name_fd(error, plan, index);
	else if (error->stage == TIMENS_STAGE_RLIMITS && index >= 0)
		name_number(error, "%d", (int)a->rlimits[index].resource);
	else if (error->stage == TIMENS_STAGE_PGROUP)
		name_number(error, "%d", plan->pgroup);
	else if (error->stage == TIMENS_STAGE_TTY)
		name_number(error, "%d", plan->tty);
	else if (error->stage == TIMENS_STAGE_CGROUP)
		name_number(error, "%d", plan->cgroup);
	else if (error->stage == TIMENS_STAGE_EXEC)
		subject = a->file;
	else if (error->stage == TIMENS_STAGE_CWD)
		subject = a->cwd;
	if (subject)
		snprintf(error->subject, sizeof error->subject, "%s", subject);
}

static int start(const struct timens_spawn_args *a, struct workspace *w,
		 struct timens_process *process, struct timens_error *error)
{
	struct plan plan = {.own_ns = -1, .userns_fd = -1};
	struct fdmap map = {0};
	int r = make_plan(&plan, a, w, &map, error);

	if (r == 0) {
		r = timens_launch(&plan, a->route, process, error);
		if (r < 0)
			name_subject(error, a, &plan);
	}
	timens_fdmap_close(&map, r == 0 ? a->pipes : NULL);
	timens_plan_release(&plan);
	return r;
}

int timens_spawn(const struct timens_spawn_args *args, size_t args_size,
		 struct timens_process *process, struct timens_error *error)
{
	struct timens_spawn_args a;
	struct workspace w;
	int r = timens_take_request(&a, args, args_size, error);

	if (r < 0)
		return r;
	if (!process)
		return timens_fail_args(error, -EFAULT, "process is NULL");
	w.memory = w.small;
	r = start(&a, &w, process, error);
	release(&w);
	return r;
}
