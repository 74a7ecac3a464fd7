/* SPDX-License-Identifier: MIT */
/*
 * What the parent tells the child. The parent fills it in completely before the clone; the child
 * only reads it, but for what is marked "the child's", which it may write.
 */
#ifndef TIMENS_PLAN_H
#define TIMENS_PLAN_H

#include "timens.h"

/* Where the child stands. It is kept up to date before each step, so that a child killed from
 * outside (a seccomp filter, the OOM killer) is told from one that has executed the program. */
struct report {
	int32_t stage;	/* STEP_*, or the enum timens_stage of the step under way */
	int32_t errnum; /* 0: no failure */
	int32_t index;	/* stages fds and rlimits: of the element concerned, or INDEX_* */
};

#define INDEX_NONE    (-1)
#define INDEX_CHANNEL (-2) /* the descriptor of the report itself, which is in a target's place */

/* Beside the public stages, in report.stage only. */
#define STEP_EXEC_REACHED 100 /* all done but execve */
#define STEP_STALE_BASE	  101 /* the caller's own offsets are not what the plan says */
#define STEP_SHARED_TABLE 102 /* the descriptor table is the caller's still */

/* Which offsets the caller's own namespace has: what is asked for comes on top of them. */
enum base {
	BASE_CACHED, /* plan.base, if the namespace inherited just that; else STEP_STALE_BASE */
	BASE_KNOWN,  /* plan.base */
	BASE_FILE,   /* what the new namespace inherited */
};

#define PLAN_ID_MAP_MAX 40

/* A map as the kernel's file takes it. */
struct id_map_text {
	const char *text;
	size_t length;
};

struct plan {
	/* The namespace; `with_time` 0: none of it. */
	uint8_t with_time;
	uint8_t unshare_time; /* unshare here (vfork, fork): else the clone did */
	uint8_t enter;	      /* setns here (fork): else exec does */
	uint8_t userns;	      /* the program gets a user namespace */
	uint8_t map_ids;      /* the clone made it, and its maps are the child's to write */
	uint8_t base_from;    /* enum base */
	int own_ns;	      /* -1, or a descriptor of the caller's time namespace to go back to */
	int userns_fd;	      /* -1, or a user namespace with maps that only the parent may write */
	struct timens_offsets offsets, base;
	struct id_map_text uid_map, gid_map;
	char own_uid_map[PLAN_ID_MAP_MAX], own_gid_map[PLAN_ID_MAP_MAX];

	/* The process: what was asked, defaults filled in, the fds in the order of their targets.
	 */
	struct timens_spawn_args args;
	uint8_t reset_handlers; /* clone3 does it by CLONE_CLEAR_SIGHAND */
	uint8_t join_cgroup;	/* clone3 does it by CLONE_INTO_CGROUP */
	uint32_t first_unused;	/* 0, or: the descriptor table is shared, and the child needs none
				 * from here up */
	int32_t parent, parent_thread; /* the caller's pid and tid */
	int32_t *fds_scratch;	       /* the child's; args.fds_count long */
	const char *const *files; /* to try in this order; ends with NULL. NULL: stop before exec */
	const char **shell_argv;  /* NULL, or what /bin/sh gets; [1], the file, is the child's */

	int channel; /* -1, or the pipe for the report where memory is not shared */
	volatile struct report *report; /* the child's */
};

/* What runs in the child, on every route. `arg` is the plan. */
__attribute__((noreturn)) void timens_child_run(void *arg);

/* Its first part, which timens_enter uses on the caller itself: unshares, maps ids, writes the
 * offsets, enters, as the plan says. Returns 0, or -1 with the report filled in. */
int timens_child_namespace(const struct plan *plan);

#endif
