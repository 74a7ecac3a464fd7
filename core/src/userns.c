/* SPDX-License-Identifier: MIT */
#include "userns.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

#include "error.h"
#include "holder.h"
#include "ns.h"
#include "sys.h"
#include "vmclone.h"

#define PAGE	      4096
#define LINE_MAX_SIZE 34 /* three 32-bit numbers, their blanks, a newline, a zero */

int timens_userns_needed(unsigned mode)
{
	const uint64_t needed = UINT64_C(1) << CAP_SYS_ADMIN | UINT64_C(1) << CAP_SYS_TIME;
	uint64_t effective = 0;

	if (mode != TIMENS_USERNS_AUTO)
		return mode == TIMENS_USERNS_ALWAYS;
	sys_capabilities(&effective);
	return (effective & needed) != needed;
}

/* -- Maps -- */

static struct id_map_text format_maps(const struct timens_id_map *maps, uint64_t count,
				      char *memory)
{
	size_t length = 0;

	for (uint64_t i = 0; i < count; i++)
		length += (size_t)snprintf(memory + length, LINE_MAX_SIZE, "%u %u %u\n",
					   maps[i].inside, maps[i].outside, maps[i].count);
	return (struct id_map_text){memory, length};
}

/* An id to itself. */
static struct id_map_text own_map(char buf[PLAN_ID_MAP_MAX], unsigned id)
{
	struct timens_id_map map = {id, id, 1};

	return format_maps(&map, 1, buf);
}

void timens_userns_plan(struct plan *plan)
{
	plan->userns = plan->map_ids = 1;
	plan->uid_map = own_map(plan->own_uid_map, sys_geteuid());
	plan->gid_map = own_map(plan->own_gid_map, sys_getegid());
}

size_t timens_userns_size(uint64_t uid_maps, uint64_t gid_maps)
{
	return (size_t)(uid_maps + gid_maps) * LINE_MAX_SIZE;
}

/* What a process without privilege may write into its own map. */
static bool is_own_id(const struct timens_id_map *maps, uint64_t count, unsigned id)
{
	return count == 0 || (count == 1 && maps->outside == id && maps->count == 1);
}

int timens_userns_plan_maps(struct plan *plan, char *memory, struct timens_error *error)
{
	const struct timens_spawn_args *a = &plan->args;

	timens_userns_plan(plan);
	if (a->uid_maps_count)
		plan->uid_map = format_maps(a->uid_maps, a->uid_maps_count, memory);
	if (a->gid_maps_count)
		plan->gid_map = format_maps(a->gid_maps, a->gid_maps_count,
					    memory + a->uid_maps_count * LINE_MAX_SIZE);
	plan->map_ids = is_own_id(a->uid_maps, a->uid_maps_count, sys_geteuid()) &&
			is_own_id(a->gid_maps, a->gid_maps_count, sys_getegid());
	/* map_write in kernel/user_namespace.c. */
	if (plan->uid_map.length >= PAGE || plan->gid_map.length >= PAGE)
		return timens_fail_args(error, -E2BIG,
					"id maps: their text is over a page, the kernel's limit");
	return 0;
}

/* -- Written from outside -- */

static int write_map(long pid, const char *file, const struct id_map_text *map)
{
	char path[48];

	snprintf(path, sizeof path, "/proc/%ld/%s", pid, file);
	return sys_write_file(path, map->text, map->length);
}

/* A descriptor of the namespace of `pid`, with its maps; -errno. */
static int make_namespace(const struct plan *plan, long pid)
{
	char path[48];
	int r = write_map(pid, "uid_map", &plan->uid_map);

	if (r == 0)
		r = write_map(pid, "gid_map", &plan->gid_map);
	if (r < 0)
		return r;
	snprintf(path, sizeof path, "/proc/%ld/ns/user", pid);
	return sys_open(path, O_RDONLY);
}

/* By a signal: the end of the pipe alone may be held back by a fork that another thread makes
 * meanwhile. By that end as well: a filter may refuse the signal. */
static void end_holder(long pid, int end)
{
	sys_kill((int)pid, SIGKILL);
	sys_close(end);
	timens_reap(P_PID, (int)pid);
}

/* Closes the writing end. */
static int open_held(struct plan *plan, int ends[2], struct timens_error *error)
{
	struct holder holder;
	long pid = timens_holder_start(&holder, ends);

	if (pid < 0) {
		sys_close(ends[1]);
		return timens_fail(error, TIMENS_STAGE_CLONE, (int)pid, NULL);
	}
	plan->userns_fd = make_namespace(plan, pid);
	end_holder(pid, ends[1]);
	if (plan->userns_fd < 0)
		return timens_fail(error, TIMENS_STAGE_MAP, plan->userns_fd, NULL);
	return 0;
}

int timens_userns_open(struct plan *plan, struct timens_error *error)
{
	int ends[2] = {-1, -1}, r;

	if (!plan->userns || plan->map_ids)
		return 0;
	if (timens_ns_pid_pending())
		return timens_fail(error, TIMENS_STAGE_PREPARE, -EBUSY, "id maps");
	r = sys_pipe_cloexec(ends);
	if (r < 0)
		return timens_fail(error, TIMENS_STAGE_PREPARE, r, "pipe");
	r = open_held(plan, ends, error);
	sys_close(ends[0]);
	return r;
}

void timens_userns_close(struct plan *plan)
{
	if (plan->userns_fd >= 0)
		sys_close(plan->userns_fd);
	plan->userns_fd = -1;
}
