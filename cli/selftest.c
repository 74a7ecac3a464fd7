/* SPDX-License-Identifier: MIT */
#include "selftest.h"

#include <errno.h>
#include <linux/futex.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "process_stat.h"
#include "timens.h"

#define NSEC_PER_MSEC 1000000
#define AHEAD_SEC     1000
/* The child's exit status: bits, so that 0 is nothing found out. */
#define DONE	    1
#define FUTEX_RIGHT 2
#define START_RIGHT 4

static int64_t now_msec(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / NSEC_PER_MSEC;
}

/* The clock is one second behind: a kernel that takes the deadline for one of the clock outside
 * finds that it has passed. */
static int futex_is_right(void)
{
	int64_t begin = now_msec(), end = begin + 100;
	struct timespec deadline = {end / 1000, end % 1000 * NSEC_PER_MSEC};
	uint32_t word = 0;

	syscall(SYS_futex, &word, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, 0, &deadline, NULL,
		FUTEX_BITSET_MATCH_ANY);
	return errno == ETIMEDOUT && now_msec() >= end - 10;
}

/* The child has just been born: by the shifted clock, if the kernel shifts that too. */
static int start_time_is_right(void)
{
	struct timespec now;
	int64_t started;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return process_started(getpid(), &started) == 0 && now.tv_sec - started < AHEAD_SEC / 2;
}

static int child(void)
{
	static const struct timens_offsets offsets = {{AHEAD_SEC, 0}, {-1, 0}};

	alarm(10);
	if (timens_enter(&offsets, sizeof offsets, TIMENS_USERNS_AUTO, NULL) < 0)
		return 0;
	return DONE | (futex_is_right() ? FUTEX_RIGHT : 0) |
	       (start_time_is_right() ? START_RIGHT : 0);
}

struct selftest selftest_run(void)
{
	struct selftest unknown = {ANSWER_UNKNOWN, ANSWER_UNKNOWN};
	int status;
	pid_t pid;

	pid = fork();
	if (pid == 0)
		_exit(child());
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || !WIFEXITED(status) || !WEXITSTATUS(status))
		return unknown;
	return (struct selftest){
		.futex = WEXITSTATUS(status) & FUTEX_RIGHT ? ANSWER_YES : ANSWER_NO,
		.start_times = WEXITSTATUS(status) & START_RIGHT ? ANSWER_YES : ANSWER_NO,
	};
}
