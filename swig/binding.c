/* SPDX-License-Identifier: MIT */
#include "binding.h"

#include <errno.h>
#include <string.h>

timens_result bind_spawn(const char *FILE_NAME, const char *const *ARGV, const char *const *ENV,
			 const char *CWD, const void *OFFSETS, size_t OFFSETS_SIZE, const void *FDS,
			 size_t FDS_SIZE, const void *GROUPS, size_t GROUPS_SIZE,
			 const void *RLIMITS, size_t RLIMITS_SIZE, const void *NUMBERS,
			 size_t NUMBERS_SIZE, const void *UID_MAPS, size_t UID_MAPS_SIZE,
			 const void *GID_MAPS, size_t GID_MAPS_SIZE, struct timens_process *OUT,
			 struct timens_error *ERROR)
{
	struct bind_numbers n = {0};
	struct timens_spawn_args args = {
		.file = FILE_NAME,
		.argv = ARGV,
		.env = ENV,
		.cwd = CWD,
		.offsets = OFFSETS,
		.offsets_size = OFFSETS_SIZE,
		.fds = FDS,
		.fds_count = FDS_SIZE / sizeof(struct timens_fd),
		.groups = GROUPS,
		.groups_count = GROUPS_SIZE / sizeof(uint32_t),
		.rlimits = RLIMITS,
		.rlimits_count = RLIMITS_SIZE / sizeof(struct timens_rlimit),
		.uid_maps = UID_MAPS,
		.uid_maps_count = UID_MAPS_SIZE / sizeof(struct timens_id_map),
		.gid_maps = GID_MAPS,
		.gid_maps_count = GID_MAPS_SIZE / sizeof(struct timens_id_map),
	};

	if (NUMBERS_SIZE)
		memcpy(&n, NUMBERS, NUMBERS_SIZE < sizeof n ? NUMBERS_SIZE : sizeof n);
	args.flags = n.flags;
	args.sigdefault = n.sigdefault;
	args.sigignore = n.sigignore;
	args.sigmask = n.sigmask;
	args.userns = n.userns;
	args.route = n.route;
	args.uid = n.uid;
	args.gid = n.gid;
	args.umask = n.umask;
	args.pgroup = n.pgroup;
	args.tty = n.tty;
	args.cgroup = n.cgroup;
	args.nice = n.nice;
	return timens_spawn(&args, sizeof args, OUT, ERROR);
}

timens_result bind_wait(int pid, int pidfd, int64_t timeout_sec, int64_t timeout_nsec, int *OUT,
			struct timens_error *ERROR)
{
	struct timens_process process = {.pid = pid, .pidfd = pidfd};
	struct timens_timespec timeout = {timeout_sec, timeout_nsec};

	return timens_wait(&process, timeout_sec < 0 ? NULL : &timeout, OUT, ERROR);
}

timens_result bind_kill(int pid, int pidfd, int sig, struct timens_error *ERROR)
{
	struct timens_process process = {.pid = pid, .pidfd = pidfd};

	return timens_kill(&process, sig, ERROR);
}

timens_result bind_enter(const void *OFFSETS, size_t OFFSETS_SIZE, unsigned flags,
			 struct timens_error *ERROR)
{
	return timens_enter(OFFSETS, OFFSETS_SIZE, flags, ERROR);
}

timens_result bind_join(int fd, struct timens_error *ERROR)
{
	return timens_join(fd, ERROR);
}

timens_result bind_point(unsigned index, struct timens_point *OUT)
{
	size_t count;
	const struct timens_point *points = timens_points(&count);

	if (index >= count)
		return -ENOENT;
	*OUT = points[index];
	return 0;
}

timens_result bind_read(int pid, struct timens_offsets *OUT, struct timens_error *ERROR)
{
	return timens_read(pid, OUT, sizeof *OUT, ERROR);
}

timens_result bind_support(struct timens_support *OUT, struct timens_error *REASON)
{
	memset(REASON, 0, sizeof *REASON);
	return timens_support(OUT, sizeof *OUT, REASON);
}

timens_result bind_parse(const char *TEXT, struct timens_timespec *OUT, unsigned *READING,
			 struct timens_error *ERROR)
{
	return timens_parse(TEXT, OUT, READING, ERROR);
}

timens_result bind_offset_to(int clock, int64_t sec, int64_t nsec, struct timens_timespec *OUT,
			     struct timens_error *ERROR)
{
	struct timens_timespec reading = {sec, nsec};

	return timens_offset_to(clock, &reading, OUT, ERROR);
}

timens_result bind_format(int64_t sec, int64_t nsec, char OUT[TIMENS_SPAN_TEXT_MAX],
			  struct timens_error *ERROR)
{
	struct timens_timespec span = {sec, nsec};
	int r = timens_format(&span, OUT, TIMENS_SPAN_TEXT_MAX);

	if (r < 0)
		*ERROR = (struct timens_error){.errnum = -r,
					       .stage = TIMENS_STAGE_ARGS,
					       .subject = "nsec is not 0 to 999999999"};
	return r;
}

const char *bind_stage_name(int stage)
{
	return timens_stage_name(stage);
}

const char *bind_route_name(unsigned route)
{
	return timens_route_name(route);
}
