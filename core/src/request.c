/* SPDX-License-Identifier: MIT */
#include "request.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "error.h"
#include "offsets.h"

extern char **environ;

#define ALL_FLAGS  (TIMENS_SPAWN_SHELL * 2 - 1)
#define LIST_MAX   65536 /* fds and groups; NGROUPS_MAX is as much */
#define MAPS_MAX   340	 /* UID_GID_MAP_MAX_EXTENTS in the kernel */
#define LIMITS_MAX 64

/* What clearenv leaves: environ itself is NULL then. */
static const char *const no_env[] = {NULL};

static int has(const struct timens_spawn_args *a, uint64_t flags)
{
	return (a->flags & flags) == flags;
}

static int check_flags(const struct timens_spawn_args *a, struct timens_error *error)
{
	if (a->flags & ~ALL_FLAGS)
		return timens_fail_args(error, -EINVAL, "flags 0x%llx are unknown",
					(unsigned long long)(a->flags & ~ALL_FLAGS));
	if (has(a, TIMENS_SPAWN_KEEP_SIGMASK | TIMENS_SPAWN_SET_SIGMASK))
		return timens_fail_args(error, -EINVAL,
					"flags KEEP_SIGMASK and SET_SIGMASK "
					"contradict each other");
	if (has(a, TIMENS_SPAWN_SET_TTY) && !has(a, TIMENS_SPAWN_SETSID))
		return timens_fail_args(error, -EINVAL,
					"flag SET_TTY needs SETSID: only the "
					"leader of a session takes a terminal");
	return 0;
}

static int check_choices(const struct timens_spawn_args *a, struct timens_error *error)
{
	if (a->userns > TIMENS_USERNS_ALWAYS)
		return timens_fail_args(error, -EINVAL, "userns %u is not 0, 1 or 2", a->userns);
	if (a->route > TIMENS_ROUTE_FORK)
		return timens_fail_args(error, -EINVAL, "route %u is not 0, 1, 2 or 3", a->route);
	if (a->userns == TIMENS_USERNS_NEVER && (a->uid_maps_count || a->gid_maps_count))
		return timens_fail_args(error, -EINVAL, "userns 'never' contradicts id maps");
	if (a->reserved)
		return timens_fail_args(error, -EINVAL, "reserved is not zero");
	return 0;
}

static uint64_t bit(int sig)
{
	return UINT64_C(1) << (sig - 1);
}

/* A number for a member that its flag turns on. */
static int check_numbers(const struct timens_spawn_args *a, struct timens_error *error)
{
	if (has(a, TIMENS_SPAWN_SET_UMASK) && a->umask > 0777)
		return timens_fail_args(error, -EINVAL, "umask 0%o is over 0777", a->umask);
	if (has(a, TIMENS_SPAWN_SET_PGROUP) && a->pgroup < 0)
		return timens_fail_args(error, -EINVAL, "pgroup %d is negative", a->pgroup);
	/* -100 would be the working directory. */
	if (has(a, TIMENS_SPAWN_SET_CGROUP) && a->cgroup < 0)
		return timens_fail_number(error, TIMENS_STAGE_CGROUP, -EBADF, a->cgroup);
	if ((a->flags & (TIMENS_SPAWN_SET_TTY | TIMENS_SPAWN_FOREGROUND)) && a->tty < 0)
		return timens_fail_number(error, TIMENS_STAGE_TTY, -EBADF, a->tty);
	/* To the kernel it means "leave that one as it is". */
	if (has(a, TIMENS_SPAWN_SET_UID) && a->uid == UINT32_MAX)
		return timens_fail_args(error, -EINVAL, "uid %u is no user", a->uid);
	if (has(a, TIMENS_SPAWN_SET_GID) && a->gid == UINT32_MAX)
		return timens_fail_args(error, -EINVAL, "gid %u is no group", a->gid);
	if (a->sigdefault & a->sigignore)
		return timens_fail_args(error, -EINVAL, "a signal is in sigdefault and sigignore");
	if (a->sigignore & (bit(SIGKILL) | bit(SIGSTOP)))
		return timens_fail_args(error, -EINVAL,
					"sigignore: SIGKILL and SIGSTOP cannot be ignored");
	if (a->nice < -40 || a->nice > 40)
		return timens_fail_args(error, -EINVAL, "nice %d is not -40 to 40", a->nice);
	return 0;
}

static int check_list(const void *list, uint64_t count, uint64_t limit, const char *name,
		      struct timens_error *error)
{
	if (count > limit)
		return timens_fail_args(error, -E2BIG, "%s_count %llu is over %llu", name,
					(unsigned long long)count, (unsigned long long)limit);
	if (count && !list)
		return timens_fail_args(error, -EFAULT, "%s is NULL and %s_count is not 0", name,
					name);
	return 0;
}

static int check_lists(const struct timens_spawn_args *a, struct timens_error *error)
{
	int r = check_list(a->fds, a->fds_count, LIST_MAX, "fds", error);

	if (r == 0)
		r = check_list(a->rlimits, a->rlimits_count, LIMITS_MAX, "rlimits", error);
	if (r == 0)
		r = check_list(a->groups, a->groups_count, LIST_MAX, "groups", error);
	if (r == 0)
		r = check_list(a->uid_maps, a->uid_maps_count, MAPS_MAX, "uid_maps", error);
	if (r == 0)
		r = check_list(a->gid_maps, a->gid_maps_count, MAPS_MAX, "gid_maps", error);
	if (r < 0)
		return r;
	if (a->groups_count && !has(a, TIMENS_SPAWN_SET_GROUPS))
		return timens_fail_args(error, -EINVAL, "groups need the flag SET_GROUPS");
	for (uint64_t i = 0; i < a->rlimits_count; i++)
		if (a->rlimits[i].reserved)
			return timens_fail_args(error, -EINVAL,
						"rlimits[%llu].reserved is not zero",
						(unsigned long long)i);
	return 0;
}

static void fill_in_signals(struct timens_spawn_args *a)
{
	/* The kernel calls it invalid to set these, to what they are at all times. */
	a->sigdefault &= ~(bit(SIGKILL) | bit(SIGSTOP));
	if (!has(a, TIMENS_SPAWN_KEEP_SIGPIPE) && !(a->sigignore & bit(SIGPIPE)))
		a->sigdefault |= bit(SIGPIPE);
	if (!has(a, TIMENS_SPAWN_SET_SIGMASK))
		a->sigmask = 0;
}

static void fill_in_pgroup(struct timens_spawn_args *a)
{
	if (!has(a, TIMENS_SPAWN_SET_PGROUP))
		a->pgroup = 0;
	/* A group in front is one of its own; the leader of a session has one already. */
	if (has(a, TIMENS_SPAWN_FOREGROUND) && !has(a, TIMENS_SPAWN_SETSID))
		a->flags |= TIMENS_SPAWN_SET_PGROUP;
}

static void fill_in(struct timens_spawn_args *a)
{
	if (!a->file)
		a->file = a->argv[0];
	if (!a->env)
		a->env = environ ? (const char *const *)environ : no_env;
	fill_in_signals(a);
	fill_in_pgroup(a);
}

static int check(const struct timens_spawn_args *a, struct timens_error *error)
{
	int r;

	if (!a->argv || !a->argv[0])
		return timens_fail_args(error, -EINVAL, "argv is empty; it needs a program name");
	r = check_flags(a, error);
	if (r == 0)
		r = check_choices(a, error);
	if (r == 0)
		r = check_numbers(a, error);
	return r < 0 ? r : check_lists(a, error);
}

int timens_take_request(struct timens_spawn_args *a, const void *args, size_t size,
			struct timens_error *error)
{
	int r = timens_take_struct(a, sizeof *a, TIMENS_SPAWN_ARGS_SIZE_VER0, args, size,
				   "spawn_args", error);

	if (r == 0)
		r = check(a, error);
	if (r == 0)
		fill_in(a);
	return r;
}
