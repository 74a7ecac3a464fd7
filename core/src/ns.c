/* SPDX-License-Identifier: MIT */
#include "ns.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "nsfile.h"
#include "offsets.h"
#include "sys.h"
#include "timespec.h"

/* The inode in a link such as "time:[4026531834]"; 0 has no namespace. */
static int read_ns_link(const char *dir, const char *name, unsigned long *inode)
{
	char path[64], link[64];
	const char *bracket;
	long n;

	snprintf(path, sizeof path, "%s/ns/%s", dir, name);
	n = sys_readlink(path, link, sizeof link - 1);
	if (n < 0)
		return (int)n;
	link[n] = '\0';
	bracket = strchr(link, '[');
	*inode = bracket ? strtoul(bracket + 1, NULL, 10) : 0;
	return *inode ? 0 : -EIO;
}

static int read_file(const char *dir, struct timens_offsets *offsets)
{
	char path[64], text[256];
	int fd;
	long n;

	snprintf(path, sizeof path, "%s/timens_offsets", dir);
	fd = sys_open(path, O_RDONLY);
	if (fd < 0)
		return fd;
	n = sys_read(fd, text, sizeof text);
	sys_close(fd);
	return n < 0 ? (int)n : timens_nsfile_parse(text, (size_t)n, offsets);
}

/* `dir` is the process, whose timens_offsets shows its leading thread's time_for_children. */
static int find_offsets(const char *dir, unsigned long own, struct ns_state *state)
{
	unsigned long shown = 0;
	int r;

	if (own == SYS_TIME_NS_INIT_INO) {
		memset(&state->offsets, 0, sizeof state->offsets);
		state->known = 1;
		return 0;
	}
	r = read_ns_link(dir, "time_for_children", &shown);
	if (r == 0 && shown == own)
		r = read_file(dir, &state->offsets);
	state->known = r == 0 && shown == own;
	return r;
}

static int look(const char *task, const char *process, struct ns_state *state)
{
	unsigned long own = 0, children = 0;
	int r;

	memset(state, 0, sizeof *state);
	r = read_ns_link(task, "time", &own);
	if (r == 0)
		r = read_ns_link(task, "time_for_children", &children);
	if (r < 0)
		return r;
	state->pending = own != children;
	state->seen = 1;
	return find_offsets(process, own, state);
}

int timens_ns_of(const char *dir, struct ns_state *state)
{
	int r = look(dir, dir, state);

	for (int ms = 0; r == 0 && state->pending && ms < SYS_EXEC_MS; ms++) {
		sys_sleep_ms();
		r = look(dir, dir, state);
	}
	return r == 0 && !state->known ? -EBUSY : r;
}

int timens_ns_pid_pending(void)
{
	unsigned long own = 0, children = 0;
	int r = read_ns_link("/proc/thread-self", "pid", &own);

	/* An unshared namespace without an init has no link to show. */
	if (r == 0)
		r = read_ns_link("/proc/thread-self", "pid_for_children", &children);
	return own && (r == -ENOENT || own != children);
}

/* -- What is known of the caller -- */

/*
 * Two links cost a tenth of a start. So the answer is kept, and doubted in three ways that cost
 * next to nothing:
 *  - by process id, since a fork may be born into another namespace;
 *  - by the distance of the uptime clocks to the wall clock, which jumps when this process enters
 *    another namespace (and when somebody sets the wall clock: then it is only asked anew);
 *  - by the child, which opens the offsets file anyway and compares (BASE_CACHED): a namespace
 *    pending in this thread shows there.
 * All threads are in one time namespace, and while there are several it cannot change (setns
 * refuses), so racing writers write the same.
 */
static _Atomic int64_t cached_offset[2], cached_distance[2];
static _Atomic int cached_pid;

/* More than it takes to read three clocks; a doubt too many is harmless. */
#define JUMP_NSEC 100000

/* Valid offsets and all clocks are below 2^63 ns. */
static int64_t to_nsec(const struct timens_timespec *t)
{
	return t->tv_sec * NSEC_PER_SEC + t->tv_nsec;
}

static int64_t read_clock(clockid_t clock)
{
	struct timens_timespec now = timens_clock_now(clock);

	return to_nsec(&now);
}

static void measure_distance(int64_t distance[2])
{
	int64_t wall = read_clock(CLOCK_REALTIME);

	distance[0] = wall - read_clock(CLOCK_BOOTTIME);
	distance[1] = wall - read_clock(CLOCK_MONOTONIC);
}

static int has_jumped(void)
{
	int64_t now[2];

	measure_distance(now);
	for (int i = 0; i < 2; i++) {
		int64_t jump =
			now[i] - atomic_load_explicit(&cached_distance[i], memory_order_relaxed);

		if (jump > JUMP_NSEC || jump < -JUMP_NSEC)
			return 1;
	}
	return 0;
}

static struct timens_timespec from_nsec(int64_t nsec)
{
	int64_t sec = nsec / NSEC_PER_SEC - (nsec % NSEC_PER_SEC < 0);

	return (struct timens_timespec){sec, nsec - sec * NSEC_PER_SEC};
}

static void keep(const struct timens_offsets *offsets)
{
	int64_t distance[2];

	measure_distance(distance);
	for (int i = 0; i < 2; i++)
		atomic_store_explicit(&cached_distance[i], distance[i], memory_order_relaxed);
	atomic_store_explicit(&cached_offset[0], to_nsec(&offsets->clock_boottime),
			      memory_order_relaxed);
	atomic_store_explicit(&cached_offset[1], to_nsec(&offsets->clock_monotonic),
			      memory_order_relaxed);
	atomic_store_explicit(&cached_pid, sys_getpid(), memory_order_release);
}

int timens_ns_cached(struct timens_offsets *offsets)
{
	if (atomic_load_explicit(&cached_pid, memory_order_acquire) != sys_getpid() || has_jumped())
		return 0;
	offsets->clock_boottime =
		from_nsec(atomic_load_explicit(&cached_offset[0], memory_order_relaxed));
	offsets->clock_monotonic =
		from_nsec(atomic_load_explicit(&cached_offset[1], memory_order_relaxed));
	return 1;
}

void timens_ns_forget(void)
{
	atomic_store_explicit(&cached_pid, 0, memory_order_relaxed);
}

int timens_ns_own(struct ns_state *state)
{
	int r = look("/proc/thread-self", "/proc/self", state);

	/* A leading thread that has ended has no namespaces to show; then nobody shows our offsets.
	 */
	if (r == -ENOENT && state->seen)
		r = 0;
	if (r == 0 && state->known)
		keep(&state->offsets);
	return r;
}
