/* SPDX-License-Identifier: MIT */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "cases.h"
#include "timens.h"

static const struct timens_offsets offsets = {{1000000, 37}, {1000000, 37}};

static struct started start(const struct timens_spawn_args *args)
{
	struct timens_process process;
	struct timens_error error;
	char text[TIMENS_ERROR_TEXT_MAX];

	if (timens_spawn(args, sizeof *args, &process, &error) < 0) {
		timens_error_text(&error, text, sizeof text);
		fprintf(stderr, "timens_spawn: %s\n", text);
		exit(1);
	}
	return (struct started){process.pid, process.pidfd};
}

static struct started shifted(const char *const *argv, unsigned route, uint64_t flags)
{
	return start(&(struct timens_spawn_args){.argv = argv,
						 .offsets = &offsets,
						 .offsets_size = sizeof offsets,
						 .route = route,
						 .flags = flags});
}

struct started start_plain(const char *const *argv)
{
	return start(&(struct timens_spawn_args){.argv = argv});
}

struct started start_clone3(const char *const *argv)
{
	return shifted(argv, TIMENS_ROUTE_CLONE3, 0);
}

struct started start_vfork(const char *const *argv)
{
	return shifted(argv, TIMENS_ROUTE_VFORK, 0);
}

struct started start_fork(const char *const *argv)
{
	return shifted(argv, TIMENS_ROUTE_FORK, 0);
}

struct started start_closing(const char *const *argv)
{
	return shifted(argv, TIMENS_ROUTE_CLONE3, TIMENS_SPAWN_CLOSE_FDS);
}

/* All that a route with shared memory takes, but terminal and cgroup, which not every machine has,
 * and nice and a session of its own, by which a busy machine's scheduler puts the child last. */
struct started start_options(const char *const *argv)
{
	static const struct timens_fd fds[] = {
		{0, TIMENS_FD_NULL}, {1, TIMENS_FD_NULL}, {2, 1}, {7, 2}};
	static const struct timens_rlimit limits[] = {
		{.resource = RLIMIT_CORE, .soft = 0, .hard = 0},
		{.resource = RLIMIT_NOFILE, .soft = 256, .hard = 512}};
	static const uint32_t groups[] = {1, 2, 3};

	return start(&(struct timens_spawn_args){
		.argv = argv,
		.cwd = "/",
		.offsets = &offsets,
		.offsets_size = sizeof offsets,
		.fds = fds,
		.fds_count = 4,
		.flags = TIMENS_SPAWN_CLOSE_FDS | TIMENS_SPAWN_SET_PGROUP |
			 TIMENS_SPAWN_SET_SIGMASK | TIMENS_SPAWN_SET_GROUPS |
			 TIMENS_SPAWN_SET_UMASK | TIMENS_SPAWN_NO_NEW_PRIVS |
			 TIMENS_SPAWN_KILL_WITH_PARENT,
		.sigdefault = 1U << (SIGINT - 1) | 1U << (SIGQUIT - 1),
		.sigignore = 1U << (SIGHUP - 1),
		.sigmask = 1U << (SIGUSR1 - 1),
		.rlimits = limits,
		.rlimits_count = 2,
		.groups = groups,
		.groups_count = 3,
		.umask = 077,
	});
}
