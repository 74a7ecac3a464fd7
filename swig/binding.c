/* SPDX-License-Identifier: MIT */
#include "binding.h"

#include <errno.h>
#include <string.h>

timens_result bind_spawn(const struct timens_spawn_args *ARGS, struct timens_process *OUT,
			 struct timens_error *ERROR)
{
	return timens_spawn(ARGS, sizeof *ARGS, OUT, ERROR);
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
