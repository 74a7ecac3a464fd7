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
#define DONE	     1
#define FUTEX_RIGHT  2
#define START_RIGHT  4
#define USERNS_RIGHT 8

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

static int look_inside(void)
{
	static const struct timens_offsets offsets = {{AHEAD_SEC, 0}, {-1, 0}};

	if (timens_enter(&offsets, sizeof offsets, TIMENS_USERNS_AUTO, NULL) < 0)
		return 0;
	return DONE | (futex_is_right() ? FUTEX_RIGHT : 0) |
	       (start_time_is_right() ? START_RIGHT : 0);
}

static int enter_with_userns(void)
{
	static const struct timens_offsets none;

	return DONE |
	       (timens_enter(&none, sizeof none, TIMENS_USERNS_ALWAYS, NULL) == 0 ? USERNS_RIGHT
										  : 0);
}

/* What the child found out; 0: nothing. */
static int in_child(int (*find_out)(void))
{
	int status;
	pid_t pid;

	pid = fork();
	if (pid == 0) {
		alarm(10);
		_exit(find_out());
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status)
									       : 0;
}

static int answer(int found, int right)
{
	if (!(found & DONE))
		return ANSWER_UNKNOWN;
	return found & right ? ANSWER_YES : ANSWER_NO;
}

struct selftest selftest_run(void)
{
	int inside = in_child(look_inside), userns = in_child(enter_with_userns);

	return (struct selftest){
		.userns = answer(userns, USERNS_RIGHT),
		.futex = answer(inside, FUTEX_RIGHT),
		.start_times = answer(inside, START_RIGHT),
	};
}
