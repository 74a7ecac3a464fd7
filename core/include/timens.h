/* SPDX-License-Identifier: MIT */
/*
 * timens: start programs whose uptime clocks read what you say.
 *
 * A Linux time namespace gives a program its own CLOCK_BOOTTIME and CLOCK_MONOTONIC, /proc/uptime
 * and sysinfo included. The wall clock and the speed of time stay as they are.
 *
 * The shortest whole program:
 *
 *	const char *argv[] = {"uptime", "-p", NULL};
 *	struct timens_offsets offsets = {.clock_boottime = {4294967, 0}};
 *	struct timens_spawn_args args = {
 *		.argv = argv, .offsets = &offsets, .offsets_size = sizeof offsets};
 *	struct timens_process process;
 *	struct timens_error error;
 *	int status;
 *	if (timens_spawn(&args, sizeof args, &process, &error) < 0)
 *		return timens_error_text(&error, text, sizeof text), fail(text);
 *	timens_wait(&process, NULL, &status, &error);
 *
 * Conventions, for every function here:
 *  - Returns 0 or a positive result, or -errno. errno itself is left alone.
 *  - A `struct timens_error *` may be NULL; it is written on failure only. Other outputs are
 *    written on success only.
 *  - Input structs carry their size, by the rules of clone3(2) and openat2(2)
 *    (copy_struct_from_user in the kernel): a program built against an older or a newer header
 *    works with this library as long as it asks for nothing the library does not know.
 *  - Nothing is allocated that the caller must free. Descriptors handed out are close-on-exec.
 *  - Safe to call from any number of threads, on different objects, and after fork(). Not
 *    async-signal-safe. While a start is under way no other thread may change `environ`
 *    (setenv, putenv) unless the start brings its own `env`; this is posix_spawn's rule too.
 */
#ifndef TIMENS_H
#define TIMENS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TIMENS_VERSION_MAJOR 0
#define TIMENS_VERSION_MINOR 1
#define TIMENS_VERSION_PATCH 0
#define TIMENS_VERSION	     "0.1.0"

#if defined(__GNUC__)
#define TIMENS_API __attribute__((visibility("default")))
#else
#define TIMENS_API
#endif

struct timens_timespec;
struct timens_offsets;
struct timens_fd;
struct timens_spawn_args;
struct timens_process;
struct timens_error;
struct timens_support;

/* ---------------------------------------------------------------------------------------------
 * Offsets: what is added to the caller's clocks
 */

/* A span or a reading of a clock. tv_nsec is 0 to 999999999, also when tv_sec is negative:
 * minus half a second is {-1, 500000000}. */
struct timens_timespec {
	int64_t tv_sec;
	int64_t tv_nsec;
};

/* One named member per clock. What the program reads is the caller's own clock plus the member:
 * zero means "goes on as the caller's", also for a caller that is itself in a time namespace.
 * clock_monotonic moves CLOCK_MONOTONIC, _RAW and _COARSE; clock_boottime moves CLOCK_BOOTTIME,
 * CLOCK_BOOTTIME_ALARM and /proc/uptime: time_namespaces(7). */
struct timens_offsets {
	struct timens_timespec clock_boottime;
	struct timens_timespec clock_monotonic;
};
#define TIMENS_OFFSETS_SIZE_VER0 32 /* first published layout */

/* The highest reading a clock may be given, in seconds (146 years; KTIME_SEC_MAX / 2 in the
 * kernel); the lowest is 0. */
#define TIMENS_READING_MAX_SEC 4611686018

/* ---------------------------------------------------------------------------------------------
 * Start a program
 */

/* One descriptor of the new program: `target` there is a copy of `source` here. A source equal to
 * its target is kept open. Any crossing or cycle of targets and sources works. */
struct timens_fd {
	int32_t target; /* 0 or more, each at most once */
	int32_t source; /* a descriptor of the caller, or TIMENS_FD_NULL */
};
#define TIMENS_FD_NULL (-1) /* /dev/null, opened for reading and writing */

/* timens_spawn_args.flags */
#define TIMENS_SPAWN_CLOSE_FDS	  UINT64_C(1) /* close all from 3 up that are not a target */
#define TIMENS_SPAWN_SETSID	  UINT64_C(2) /* leader of a new session: setsid(2) */
#define TIMENS_SPAWN_KEEP_SIGMASK UINT64_C(4) /* the caller's signal mask, not the empty one */
#define TIMENS_SPAWN_KEEP_SIGPIPE UINT64_C(8) /* an ignored SIGPIPE stays ignored */

/* timens_spawn_args.userns */
#define TIMENS_USERNS_AUTO   0 /* if CAP_SYS_ADMIN or CAP_SYS_TIME is missing */
#define TIMENS_USERNS_NEVER  1 /* fail with EPERM instead */
#define TIMENS_USERNS_ALWAYS 2 /* also with all capabilities */

/* How the child gets into the namespace; timens_spawn_args.route forces one. A forced route that
 * would run the program unshifted on this kernel is refused (EOPNOTSUPP). */
#define TIMENS_ROUTE_AUTO   0
#define TIMENS_ROUTE_CLONE3 1 /* one clone3; exec moves the child in. Linux 6.2 */
#define TIMENS_ROUTE_VFORK  2 /* clone + unshare; exec moves the child in. Linux 6.2 */
#define TIMENS_ROUTE_FORK   3 /* fork + unshare + setns. Linux 5.6; copies the page tables */

/* What to start. Zero in any member means the default given here, so {.argv = argv} is a whole
 * request. All pointers stay the caller's, and are only read during the call. */
struct timens_spawn_args {
	/* The program; NULL: argv[0]. Without a slash it is searched in the PATH of `env`
	 * ("/bin:/usr/bin" if it has none), from within `cwd`, as execvp(3) does; never given to
	 * a shell. */
	const char *file;
	const char *const *argv; /* ends with NULL; at least one element */
	const char *const *env;	 /* ends with NULL; NULL: the caller's environ */
	const char *cwd;	 /* NULL: the caller's */
	/* Both zero: no time namespace, a plain start. Else a namespace is made, also for offsets
	 * that are all zero. */
	const struct timens_offsets *offsets;
	uint64_t offsets_size;
	/* Without CLOSE_FDS, what is not named here is inherited as exec does it. */
	const struct timens_fd *fds;
	uint64_t fds_count;
	uint64_t flags;	     /* TIMENS_SPAWN_* */
	uint64_t sigdefault; /* bit N-1: signal N is not ignored in the program. SIGPIPE never is */
	uint32_t userns;     /* TIMENS_USERNS_* */
	uint32_t route;	     /* TIMENS_ROUTE_* */
};
#define TIMENS_SPAWN_ARGS_SIZE_VER0 88 /* first published layout */

/* A started program. The pidfd belongs to the caller; timens_wait closes it when it has reaped
 * the program. To leave the program to itself, close(pidfd) (and have init or SIGCHLD's SIG_IGN
 * reap it). */
struct timens_process {
	int32_t pid;
	int32_t pidfd;
	uint32_t route;	      /* TIMENS_ROUTE_*: the one taken */
	uint32_t userns;      /* 1 if the program is in a user namespace of its own */
	uint64_t reserved[2]; /* written as zero */
};

/* Starts a program; returns 0 when it is running its own code (exec has succeeded).
 *
 * On failure nothing is left behind: the child is reaped, no SIGCHLD is sent and no descriptor
 * stays. The calling thread stands still until the child has executed (vfork), with all signals
 * blocked; other threads go on. (A stop signal to the whole process group just then, Ctrl-Z, stops
 * both until SIGCONT, as with posix_spawn.) Needs up to 8 KiB of the caller's stack.
 *
 * A user namespace (see `userns`) maps the caller's effective ids to themselves. Signal handlers
 * are default in the program and its signal mask is empty.
 *
 * Errors, by stage (see timens_error.stage):
 *  args    EINVAL E2BIG EFAULT: a struct's size or a member is wrong
 *  offsets EINVAL (tv_nsec out of range), ERANGE (the clock would be negative or past 146 years)
 *  prepare ENOMEM EMFILE ENFILE ENOENT (no /proc): before anything was started
 *  route   EOPNOTSUPP: the forced route is not right on this kernel
 *  clone   EAGAIN ENOMEM EPERM ENOSPC (user.max_user_namespaces) EUSERS ENOSYS EMFILE
 *  unshare EINVAL (no time namespaces in this kernel) EPERM ENOSPC (user.max_time_namespaces)
 *  map     EPERM EACCES: the id maps of the user namespace could not be written
 *  write   EPERM EACCES ENOENT EROFS ERANGE EIO: /proc/self/timens_offsets
 *  enter   EPERM ENOENT: setns into the new namespace (route fork)
 *  fds     EBADF EMFILE;  cwd ENOENT ENOTDIR EACCES …: chdir(2);  session EPERM
 *  exec    ENOENT EACCES ENOEXEC E2BIG ELOOP …: execve(2)
 *  any     EINTR: the child was killed from outside at that stage
 * Follows: clone3(2), time_namespaces(7), user_namespaces(7), pidfd_open(2). */
TIMENS_API int timens_spawn(const struct timens_spawn_args *args, size_t args_size,
			    struct timens_process *process, struct timens_error *error);

/* Waits until the program has ended; timeout NULL: as long as it takes. Returns 0, with `status`
 * as waitpid(2) gives it (may be NULL) and the pidfd closed and set to -1. Otherwise the process
 * stays as it was: ETIMEDOUT; EINTR, a signal handler ran, call again; ECHILD, it has been reaped
 * by somebody else; EBADF, it was waited for before; EINVAL, a negative or unnormalised timeout. */
TIMENS_API int timens_wait(struct timens_process *process, const struct timens_timespec *timeout,
			   int *status, struct timens_error *error);

/* Sends a signal by the pidfd, so never to a recycled pid. ESRCH: it has ended and was reaped;
 * EBADF: it was waited for before; EINVAL: no such signal; EPERM: it runs as somebody else. */
TIMENS_API int timens_kill(const struct timens_process *process, int sig,
			   struct timens_error *error);

/* ---------------------------------------------------------------------------------------------
 * Move in, look at
 */

/* timens_enter flags: a TIMENS_USERNS_* value */

/* Moves the calling process itself into a new time namespace. It must have one thread: EBUSY,
 * also for a moment after pthread_join, as long as the kernel still lists the thread.
 * On an error at stage `args`, `offsets`, `prepare` or `unshare` nothing has changed; at `map`,
 * `write` or `enter` the caller may be in a new user namespace, which it cannot leave, or have a
 * time namespace pending whose own it may not go back to: end it.
 * Errors as timens_spawn. */
TIMENS_API int timens_enter(const struct timens_offsets *offsets, size_t offsets_size,
			    unsigned flags, struct timens_error *error);

/* Reads the offsets of a process, 0: of the caller, as the kernel keeps them: relative to the
 * initial namespace. What a start was given is the difference of child and caller. `size` is
 * sizeof *offsets as the program knows it; a smaller one gets the first members, a larger one
 * gets zeros after them.
 * ESRCH no such process; EACCES another user's process; ENOENT no /proc or no time namespaces;
 * EBUSY it waits to enter another namespace (its time_for_children is not its own), and the
 * kernel shows only that one's; EINVAL size below the first version's. */
TIMENS_API int timens_read(pid_t pid, struct timens_offsets *offsets, size_t size,
			   struct timens_error *error);

/* What this machine can do for this caller, found by doing it: a child makes a namespace, writes
 * offsets into it and goes away. */
struct timens_support {
	uint32_t available;   /* 1: timens_spawn with offsets works */
	uint32_t userns;      /* 1: by means of a user namespace */
	uint32_t route;	      /* TIMENS_ROUTE_* that `auto` takes */
	uint32_t exec_enters; /* 1: exec moves into the pending namespace (Linux 6.2), 0: not,
				 2: not known since no namespace could be made */
	uint32_t clone3;      /* 1: clone3 is usable, 0: refused (seccomp) */
	int32_t error_errno;  /* if not available: why; else 0 */
	int32_t error_stage;
	uint32_t reserved;
};
#define TIMENS_SUPPORT_SIZE_VER0 32

/* Fills in `support`; sizes as timens_read. 0, also where nothing works: then `available` is 0 and
 * `error`, if given, is filled in with the reason. EINVAL: size below the first version's;
 * EBUSY: a new pid namespace is pending, and the trial child would take it down. */
TIMENS_API int timens_support(struct timens_support *support, size_t size,
			      struct timens_error *error);

/* ---------------------------------------------------------------------------------------------
 * Times as text
 */

/* Reads a span: "49d17h2m47.296s", "-1000s 42ns", "1.5h", "1w 2d", "12" (seconds). Units: ns, us,
 * ms, s, m, h, d, w, M (month), y, and the long names of systemd.time(7), by its lengths: a year is
 * 365.25 days, a month a twelfth of it. A sign stands in front and counts for the whole. Exact to
 * the nanosecond, never rounded. EINVAL with the column in error->column; ERANGE: does not fit. */
TIMENS_API int timens_parse(const char *text, struct timens_timespec *span,
			    struct timens_error *error);

/* Writes a span as text that timens_parse reads back to the same value: "-3h12m4s", "0s". Returns
 * its length; like snprintf, `buf` gets what fits. EINVAL: tv_nsec out of range. */
#define TIMENS_SPAN_TEXT_MAX 48 /* every span fits, with its ending zero */
TIMENS_API int timens_format(const struct timens_timespec *span, char *buf, size_t size);

/* ---------------------------------------------------------------------------------------------
 * Errors
 */

/* The step that failed: a closed list, with the same names in every language. */
enum timens_stage {
	TIMENS_STAGE_NONE = 0,
	TIMENS_STAGE_ARGS = 1,
	TIMENS_STAGE_OFFSETS = 2,
	TIMENS_STAGE_PREPARE = 3,
	TIMENS_STAGE_ROUTE = 4,
	TIMENS_STAGE_CLONE = 5,
	TIMENS_STAGE_UNSHARE = 6,
	TIMENS_STAGE_MAP = 7,
	TIMENS_STAGE_WRITE = 8,
	TIMENS_STAGE_ENTER = 9,
	TIMENS_STAGE_SESSION = 10,
	TIMENS_STAGE_FDS = 11,
	TIMENS_STAGE_CWD = 12,
	TIMENS_STAGE_EXEC = 13,
	TIMENS_STAGE_WAIT = 14,
	TIMENS_STAGE_KILL = 15,
	TIMENS_STAGE_READ = 16,
	TIMENS_STAGE_PARSE = 17,
};

/* Plain data: copy it, keep it, drop it. */
struct timens_error {
	int32_t errnum; /* positive errno */
	int32_t stage;	/* enum timens_stage */
	int32_t clock;	/* CLOCK_BOOTTIME or CLOCK_MONOTONIC if it is about one, else 0 */
	int32_t column; /* stage parse: where, from 1; else 0 */
	struct timens_timespec offset, reading; /* if `clock`: what was asked; what it reads now */
	char subject[176];			/* file, directory, member or text it is about */
	uint64_t reserved[4];			/* written as zero */
};

/* "exec", "write", …; "?" for a number that is no stage. Static storage. */
TIMENS_API const char *timens_stage_name(int stage);
/* "clone3", "vfork", "fork", "auto"; "?" for a number that is no route. Static storage. */
TIMENS_API const char *timens_route_name(unsigned route);

/* What went wrong and what to do about it, as one line; the hint alone. Return the length, like
 * snprintf; a hint may be empty. TIMENS_ERROR_TEXT_MAX holds every text. */
#define TIMENS_ERROR_TEXT_MAX 640
TIMENS_API int timens_error_text(const struct timens_error *error, char *buf, size_t size);
TIMENS_API int timens_error_hint(const struct timens_error *error, char *buf, size_t size);

#ifdef __cplusplus
}
#endif
#endif
