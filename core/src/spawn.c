/* SPDX-License-Identifier: MIT */
/* timens_spawn: checks what was asked, makes the plan, and has it launched. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "files.h"
#include "launch.h"
#include "namespace.h"
#include "offsets.h"
#include "sys.h"

extern char **environ;

#define ALL_FLAGS                                                                                  \
	(TIMENS_SPAWN_CLOSE_FDS | TIMENS_SPAWN_SETSID | TIMENS_SPAWN_KEEP_SIGMASK |                \
	 TIMENS_SPAWN_KEEP_SIGPIPE)
#define FDS_MAX 65536

/* What clearenv leaves: environ itself is NULL then. */
static const char *const no_env[] = {NULL};

/* The plan's lists; almost every start fits in `small`. */
struct workspace {
	_Alignas(16) char small[2048];
	void *memory;
};

/* -- What was asked -- */

static int check_choices(const struct timens_spawn_args *a, struct timens_error *error)
{
	if (a->flags & ~ALL_FLAGS)
		return timens_fail_args(error, -EINVAL, "flags 0x%llx are unknown",
					(unsigned long long)(a->flags & ~ALL_FLAGS));
	if (a->userns > TIMENS_USERNS_ALWAYS)
		return timens_fail_args(error, -EINVAL, "userns %u is not 0, 1 or 2", a->userns);
	if (a->route > TIMENS_ROUTE_FORK)
		return timens_fail_args(error, -EINVAL, "route %u is not 0, 1, 2 or 3", a->route);
	return 0;
}

static int take_args(struct timens_spawn_args *a, const void *args, size_t size,
		     struct timens_error *error)
{
	int r = timens_take_struct(a, sizeof *a, TIMENS_SPAWN_ARGS_SIZE_VER0, args, size,
				   "spawn_args", error);

	if (r < 0)
		return r;
	if (!a->argv || !a->argv[0])
		return timens_fail_args(error, -EINVAL, "argv is empty; it needs a program name");
	if (!a->file)
		a->file = a->argv[0];
	if (!a->env)
		a->env = environ ? (const char *const *)environ : no_env;
	return check_choices(a, error);
}

/* -- The plan -- */

static int take_offsets(struct plan *plan, const struct timens_spawn_args *a,
			struct timens_error *error)
{
	struct timens_offsets offsets;
	int r;

	if (!a->offsets && !a->offsets_size)
		return 0;
	r = timens_take_offsets(&offsets, a->offsets, a->offsets_size, error);
	if (r < 0)
		return r;
	return timens_plan_namespace(plan, &offsets, timens_needs_userns(a->userns), error);
}

static int compare_fds(const void *a, const void *b)
{
	const struct timens_fd *x = a, *y = b;

	return (x->target > y->target) - (x->target < y->target);
}

static int check_fd(const struct timens_fd *f, const struct timens_fd *before,
		    struct timens_error *error)
{
	char subject[48];

	if (f->target < 0)
		return timens_fail_args(error, -EINVAL, "fds: target %d is negative", f->target);
	if (before && f->target == before->target)
		return timens_fail_args(error, -EINVAL, "fds: target %d is named twice", f->target);
	if (f->source == TIMENS_FD_NULL)
		return 0;
	/* Here, before anything of ours is opened: later, a number that is closed now could be a
	 * descriptor of the library, which the program would be given. */
	if (sys_fcntl(f->source, F_GETFD, 0) >= 0)
		return 0;
	snprintf(subject, sizeof subject, "%d (from %d)", f->target, f->source);
	return timens_fail(error, TIMENS_STAGE_FDS, -EBADF, subject);
}

/* Sorted by target, for close_others and the search for doubles. */
static int plan_fds(struct plan *plan, struct timens_fd *fds, uint32_t count,
		    struct timens_error *error)
{
	int r = 0;

	qsort(fds, count, sizeof *fds, compare_fds);
	for (uint32_t i = 0; i < count && r == 0; i++)
		r = check_fd(&fds[i], i ? &fds[i - 1] : NULL, error);
	plan->fds = fds;
	plan->fds_count = count;
	plan->fds_scratch = (int32_t *)(fds + count);
	return r;
}

static void *take_memory(struct workspace *w, size_t size)
{
	w->memory = size <= sizeof w->small ? w->small : malloc(size);
	return w->memory;
}

static int plan_lists(struct plan *plan, const struct timens_spawn_args *a, struct workspace *w,
		      struct timens_error *error)
{
	size_t files = (timens_files_size(a->file, a->env) + 15) & ~(size_t)15;
	size_t fds = a->fds_count * sizeof *a->fds;
	char *memory;

	if (a->fds_count > FDS_MAX)
		return timens_fail_args(error, -E2BIG, "fds_count %llu is over %d",
					(unsigned long long)a->fds_count, FDS_MAX);
	if (a->fds_count && !a->fds)
		return timens_fail_args(error, -EFAULT, "fds is NULL and fds_count is not 0");
	memory = take_memory(w, files + fds + a->fds_count * sizeof(int32_t));
	if (!memory)
		return timens_fail(error, TIMENS_STAGE_PREPARE, -ENOMEM, "lists");
	plan->files = timens_files_list(a->file, a->env, memory);
	if (fds)
		memcpy(memory + files, a->fds, fds);
	return plan_fds(plan, (struct timens_fd *)(memory + files), (uint32_t)a->fds_count, error);
}

static int make_plan(struct plan *plan, const struct timens_spawn_args *a, struct workspace *w,
		     struct timens_error *error)
{
	int r = plan_lists(plan, a, w, error);

	plan->argv = a->argv;
	plan->env = a->env;
	plan->cwd = a->cwd;
	plan->sigdefault = a->sigdefault;
	plan->setsid = !!(a->flags & TIMENS_SPAWN_SETSID);
	plan->close_fds = !!(a->flags & TIMENS_SPAWN_CLOSE_FDS);
	plan->keep_sigmask = !!(a->flags & TIMENS_SPAWN_KEEP_SIGMASK);
	plan->keep_sigpipe = !!(a->flags & TIMENS_SPAWN_KEEP_SIGPIPE);
	return r < 0 ? r : take_offsets(plan, a, error);
}

/* -- The start -- */

/* The launch knows stages and numbers, not what they are about. */
static void name_subject(struct timens_error *error, const struct timens_spawn_args *a,
			 const struct plan *plan)
{
	const char *subject = NULL;
	const struct timens_fd *f;
	int index;

	if (!error)
		return;
	index = atoi(error->subject);
	if (error->stage == TIMENS_STAGE_FDS && index < 0) {
		subject = "3 and above";
	} else if (error->stage == TIMENS_STAGE_FDS) {
		f = &plan->fds[index];
		snprintf(error->subject, sizeof error->subject,
			 f->source == TIMENS_FD_NULL ? "%d (from /dev/null)" : "%d (from %d)",
			 f->target, f->source);
	} else if (error->stage == TIMENS_STAGE_EXEC) {
		subject = a->file;
	} else if (error->stage == TIMENS_STAGE_CWD) {
		subject = a->cwd;
	}
	if (subject)
		snprintf(error->subject, sizeof error->subject, "%s", subject);
}

static int start(const struct timens_spawn_args *a, struct workspace *w,
		 struct timens_process *process, struct timens_error *error)
{
	struct plan plan = {.own_ns = -1};
	int r = make_plan(&plan, a, w, error);

	if (r == 0) {
		r = timens_launch(&plan, a->route, process, error);
		if (r < 0)
			name_subject(error, a, &plan);
	}
	timens_plan_release(&plan);
	return r;
}

int timens_spawn(const struct timens_spawn_args *args, size_t args_size,
		 struct timens_process *process, struct timens_error *error)
{
	struct timens_spawn_args a;
	struct workspace w;
	int r = take_args(&a, args, args_size, error);

	if (r < 0)
		return r;
	if (!process)
		return timens_fail_args(error, -EFAULT, "process is NULL");
	w.memory = NULL;
	r = start(&a, &w, process, error);
	if (w.memory != w.small)
		free(w.memory);
	return r;
}
