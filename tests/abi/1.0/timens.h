/* SPDX-License-Identifier: MIT */
/*
 * timens: start programs whose uptime clocks read what you say.
 *
 * A Linux time namespace gives a program its own CLOCK_BOOTTIME and CLOCK_MONOTONIC, /proc/uptime
 * and sysinfo included. The wall clock and the speed of time stay as they are.
 *
 * The shortest start:
 *
 *	const char *argv[] = {"uptime", "-p", NULL};
 *	struct timens_offsets offsets = {.clock_boottime = {4294967, 0}};
 *	struct timens_spawn_args args = {
 *		.argv = argv, .offsets = &offsets, .offsets_size = sizeof offsets};
 *	struct timens_process process;
 *	struct timens_error error;
 *	char text[TIMENS_ERROR_TEXT_MAX];
 *	int status;
 *	if (timens_spawn(&args, sizeof args, &process, &error) < 0)
 *		return timens_error_text(&error, text, sizeof text), puts(text), 1;
 *	timens_wait(&process, NULL, &status, &error);
 *
 * Conventions, for every function here:
 *  - Returns 0 or a positive result, or -errno. errno itself is left alone.
 *  - A `struct timens_error *` may be NULL; it is written on failure only. Other outputs are
 *    written on success only.
 *  - NULL where something is needed is EFAULT, stage args. What may be NULL is said where it
 *    stands; a buffer of size 0 may.
 *  - Input structs carry their size, by the rules of clone3(2) and openat2(2)
 *    (copy_struct_from_user in the kernel): a program built against an older or a newer header
 *    works with this library as long as it asks for nothing the library does not know. When several
 *    things are wrong, the first of these is told: a size over a page (E2BIG) or below the first
 *    version (EINVAL), no struct (EFAULT), a byte set past what the library knows (E2BIG), then
 *    the content; and a struct before what it points to. An output that carries its size is looked
 *    at before anything is done; there no size is too large.
 *  - Nothing is allocated that the caller must free. Descriptors handed out are close-on-exec.
 *  - Safe to call from any number of threads, on different objects, and after fork(2). Not
 *    async-signal-safe. While a start is under way no other thread may change `environ`
 *    (setenv, putenv) unless the start brings its own `env`; this is posix_spawn's rule too.
 */
#ifndef TIMENS_H
#define TIMENS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The one place where the version stands: everything else reads it from here. */
#define TIMENS_VERSION_MAJOR 1
#define TIMENS_VERSION_MINOR 0
#define TIMENS_VERSION_PATCH 0

#define TIMENS_QUOTE_(number) #number
#define TIMENS_QUOTE(number)  TIMENS_QUOTE_(number)
#define TIMENS_VERSION                                                                             \
	TIMENS_QUOTE(TIMENS_VERSION_MAJOR)                                                         \
	"." TIMENS_QUOTE(TIMENS_VERSION_MINOR) "." TIMENS_QUOTE(TIMENS_VERSION_PATCH)

#if defined(__GNUC__)
#define TIMENS_API __attribute__((visibility("default")))
#else
#define TIMENS_API
#endif

struct timens_timespec;
struct timens_offsets;
struct timens_fd;
struct timens_rlimit;
struct timens_id_map;
struct timens_spawn_args;
struct timens_process;
struct timens_error;
struct timens_support;
struct timens_point;
struct clone_args; /* linux/sched.h */

/* ---------------------------------------------------------------------------------------------
 * Offsets: what is added to the caller's clocks
 */

/* A span or a reading of a clock. tv_nsec is 0 to 999999999, also when tv_sec is negative:
 * minus half a second is {-1, 500000000}. */
struct timens_timespec {
	int64_t tv_sec;
	int64_t tv_nsec;
};

/* One named member per clock. Handed in, it is relative to the caller: what the program reads is
 * the caller's own clock plus the member, and zero means "goes on as the caller's", also for a
 * caller that is itself in a time namespace. Handed out by timens_read, it is relative to the
 * initial namespace. What a start was given is the difference: read the child and the caller (pid
 * 0), subtract each member of each clock, and where tv_nsec comes out below 0, add 1000000000 to it
 * and take 1 from tv_sec.
 *
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
	int32_t source; /* a descriptor of the caller, or TIMENS_FD_* */
};
#define TIMENS_FD_NULL	   (-1) /* /dev/null, opened for reading and writing */
#define TIMENS_FD_PIPE_IN  (-2) /* a new pipe that the program reads; see `pipes` */
#define TIMENS_FD_PIPE_OUT (-3) /* a new pipe that the program writes */

/* A limit of setrlimit(2). */
struct timens_rlimit {
	uint32_t resource; /* RLIMIT_* */
	uint32_t reserved; /* zero */
	uint64_t soft, hard;
};
#define TIMENS_RLIMIT_INFINITY UINT64_MAX

/* `count` ids from `inside` up, in the new user namespace, are those from `outside` up here. */
struct timens_id_map {
	uint32_t inside, outside, count;
};

/* timens_spawn_args.flags. Those with SET_ turn on the member of that name, for which zero is a
 * value like any other. */
#define TIMENS_SPAWN_CLOSE_FDS	      UINT64_C(0x1) /* close all from 3 up that are not a target */
#define TIMENS_SPAWN_SETSID	      UINT64_C(0x2) /* leader of a new session: setsid(2) */
#define TIMENS_SPAWN_KEEP_SIGMASK     UINT64_C(0x4) /* the caller's signal mask, not the empty one */
#define TIMENS_SPAWN_KEEP_SIGPIPE     UINT64_C(0x8) /* an ignored SIGPIPE stays ignored */
#define TIMENS_SPAWN_SET_SIGMASK      UINT64_C(0x10)
#define TIMENS_SPAWN_SET_PGROUP	      UINT64_C(0x20)
#define TIMENS_SPAWN_SET_TTY	      UINT64_C(0x40) /* `tty` becomes the controlling terminal */
#define TIMENS_SPAWN_FOREGROUND	      UINT64_C(0x80) /* see below */
#define TIMENS_SPAWN_SET_UID	      UINT64_C(0x100)
#define TIMENS_SPAWN_SET_GID	      UINT64_C(0x200)
#define TIMENS_SPAWN_SET_GROUPS	      UINT64_C(0x400)
#define TIMENS_SPAWN_SET_UMASK	      UINT64_C(0x800)
#define TIMENS_SPAWN_SET_CGROUP	      UINT64_C(0x1000)
#define TIMENS_SPAWN_NO_NEW_PRIVS     UINT64_C(0x2000) /* PR_SET_NO_NEW_PRIVS(2const) */
#define TIMENS_SPAWN_KILL_WITH_PARENT UINT64_C(0x4000) /* see below */
#define TIMENS_SPAWN_SHELL	      UINT64_C(0x8000) /* a script without #! goes to /bin/sh */

/* timens_spawn_args.userns */
#define TIMENS_USERNS_AUTO   0 /* if CAP_SYS_ADMIN or CAP_SYS_TIME is missing */
#define TIMENS_USERNS_NEVER  1 /* fail with EPERM instead */
#define TIMENS_USERNS_ALWAYS 2 /* also with all capabilities */

/* How the child gets into the namespace; timens_spawn_args.route forces one. A forced route that
 * would run the program unshifted on this kernel is refused (EOPNOTSUPP), and so is one that shares
 * memory together with SET_UID or SET_GID (EINVAL): a change of credentials there takes away the
 * caller's own right to its /proc/self for good (PR_SET_DUMPABLE(2const)). */
#define TIMENS_ROUTE_AUTO   0
#define TIMENS_ROUTE_CLONE3 1 /* one clone3; exec moves the child in. Linux 6.2 */
#define TIMENS_ROUTE_VFORK  2 /* clone + unshare; exec moves the child in. Linux 6.2 */
#define TIMENS_ROUTE_FORK   3 /* fork + unshare + setns. Linux 5.6; copies the page tables */

/* What to start. Zero in any member means the default given here, so {.argv = argv} is a whole
 * request. All that is pointed to stays the caller's; it is looked at during the call only, and
 * nothing is written but `pipes`. */
struct timens_spawn_args {
	/* The program; NULL: argv[0]. Without a slash it is searched in the PATH of `env`
	 * ("/bin:/usr/bin" if it has none), from within `cwd`, as execvp(3) does; never given to
	 * a shell. A caller with more privileges than who called it, set-uid or otherwise
	 * (AT_SECURE, getauxval(3)), does not have the PATH of its own `environ` looked at. */
	const char *file;
	/* Both end with NULL. What is `char **`, as main's argv and environ are, takes a cast in C:
	 * (const char *const *)argv. */
	const char *const *argv; /* at least one element, or EINVAL */
	const char *const *env;	 /* NULL: the caller's environ */
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
	uint64_t sigignore; /* bit N-1: signal N is ignored in the program; SIGPIPE too, if named */
	uint64_t sigmask;   /* SET_SIGMASK: bit N-1: signal N is blocked in the program */
	const struct timens_rlimit *rlimits;
	uint64_t rlimits_count;
	const uint32_t *groups; /* SET_GROUPS: all supplementary groups; none: no group */
	uint64_t groups_count;
	/* The ids of the user namespace; with any of them there is one, also by `auto`. NULL: the
	 * caller's own effective id, to itself. More than that one id takes CAP_SETUID and
	 * CAP_SETGID: user_namespaces(7). */
	const struct timens_id_map *uid_maps;
	uint64_t uid_maps_count;
	const struct timens_id_map *gid_maps;
	uint64_t gid_maps_count;
	/* fds_count elements, or NULL if no source is a pipe: gets the caller's end of each pipe
	 * that was made, close-on-exec and the caller's to close, and -1 for the other entries. */
	int32_t *pipes;
	uint32_t uid;	/* real, effective and saved */
	uint32_t gid;	/* real, effective and saved */
	uint32_t umask; /* of file permissions, 0 to 0777 */
	int32_t pgroup; /* the process group to join, of the caller's session; 0: a new one */
	int32_t tty;	/* a descriptor of the caller, for SET_TTY (with SETSID) and FOREGROUND */
	int32_t cgroup; /* a descriptor of a directory of cgroup v2, to start in */
	int32_t nice;	/* added to the niceness; less than 0 takes CAP_SYS_NICE */
	uint32_t reserved; /* zero */
};
#define TIMENS_SPAWN_ARGS_SIZE_VER0 208 /* first published layout */

/* FOREGROUND: the program's process group becomes the foreground one of the terminal `tty`. Without
 * SETSID and SET_PGROUP a new group is made for it: the caller's own would leave the program in the
 * caller's place. A start that fails gives the terminal back.
 *
 * KILL_WITH_PARENT: the program gets SIGKILL when the thread that called timens_spawn ends, also
 * if it ends during the start (but where a new pid namespace is pending, from which it is not
 * seen). The kernel takes it back when the program changes its credentials, executes a setuid file,
 * or gains capabilities by exec, as that of a root with a reduced set does
 * (PR_SET_PDEATHSIG(2const)). */

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

/* Starts a program; returns 0 when exec has succeeded. (Where exec moves it, routes clone3 and
 * vfork, /proc/PID/ns/time may show the old namespace for a moment more. The program itself never
 * sees that one; timens_read and timens_join wait.)
 *
 * On failure nothing is left behind: the child is reaped, no SIGCHLD is sent and no descriptor
 * stays. The calling thread stands still until the child has executed (vfork), with all signals
 * blocked; other threads go on. (A stop signal to the whole process group just then, Ctrl-Z, stops
 * both until SIGCONT, as with posix_spawn.) Needs up to 8 KiB of the caller's stack.
 *
 * A user namespace (see `userns`) maps the caller's effective ids to themselves, and then refuses
 * SET_GROUPS and other ids. It takes a caller that is dumpable (PR_SET_DUMPABLE(2const)), which one
 * that has changed its ids since its last exec is not. Signal handlers are default in the program
 * and its signal mask is empty.
 *
 * A caller that has a new pid namespace pending gets EBUSY with id maps of its own. If it has a
 * time namespace pending as well, the start must be its first one: another may have to try twice,
 * and the first child of a pid namespace takes it along.
 *
 * Follows: clone3(2), time_namespaces(7), user_namespaces(7), pidfd_open(2).
 *
 * Errors, by stage (see timens_error.stage):
 *  args    EINVAL E2BIG EFAULT: a struct's size or a member is wrong
 *  offsets EINVAL (tv_nsec out of range), ERANGE (the clock would be negative or past 146 years)
 *  prepare ENOMEM EMFILE ENFILE ENOENT (no /proc) EBUSY: before anything was started
 *  route   the forced route is not right: EOPNOTSUPP on this kernel, EBUSY for a caller that is in
 *	    a shifted namespace and has another pending, EINVAL with SET_UID or SET_GID
 *  clone   EAGAIN ENOMEM EPERM ENOSPC (user.max_user_namespaces) EUSERS ENOSYS EMFILE
 *  unshare EINVAL (no time namespaces in this kernel) EPERM ENOSPC (user.max_time_namespaces)
 *  map     EPERM EACCES EINVAL ENOENT EIO: the id maps could not be written
 *  write   EPERM EACCES ENOENT EROFS ERANGE EIO: /proc/self/timens_offsets
 *  enter   EPERM ENOENT: setns into the new namespace (route fork), or back to the caller's own
 *  signals EPERM ENOSYS: a filter refuses to set the signals' mask or actions
 *  cgroup  EBADF EACCES EBUSY EOPNOTSUPP …: cgroups(7)
 *  session EPERM: setsid(2)
 *  pgroup  EPERM ESRCH EACCES: setpgid(2)
 *  tty     EPERM ENOTTY EBADF
 *  fds     EBADF EMFILE
 *  cwd     ENOENT ENOTDIR EACCES …: chdir(2)
 *  rlimits EPERM EINVAL: setrlimit(2)
 *  nice    EACCES EPERM: setpriority(2)
 *  credentials EPERM EINVAL EAGAIN: setresuid(2), setgroups(2)
 *  parent  ESRCH: with KILL_WITH_PARENT, the caller's thread had ended
 *  exec    ENOENT EACCES ENOEXEC E2BIG ELOOP …: execve(2). A program that the kernel cannot load to
 *	    its end, for lack of memory, has been started, and was killed
 *  any     EINTR: the child was killed from outside at that stage (by route fork: at stage clone)
 */
TIMENS_API int timens_spawn(const struct timens_spawn_args *args, size_t args_size,
			    struct timens_process *process, struct timens_error *error);

/* Waits until the program has ended; timeout NULL: as long as it takes. Returns 0, with `status`
 * as waitpid(2) gives it (may be NULL) and the pidfd closed and set to -1. Otherwise the process
 * stays as it was, its pidfd open. No cancellation point: in a thread that is to be cancelled,
 * wait with a timeout, or poll the pidfd first.
 *
 * Errors:
 *  ETIMEDOUT the time is over, and it still runs, or has died and its tracer has not reaped it yet
 *  EINTR     a signal handler ran: call again
 *  ECHILD    it has been reaped by somebody else; the pidfd is the caller's to close
 *  EBADF     it was waited for before
 *  EINVAL    a negative or unnormalised timeout */
TIMENS_API int timens_wait(struct timens_process *process, const struct timens_timespec *timeout,
			   int *status, struct timens_error *error);

/* Sends a signal by the pidfd, so never to a recycled pid.
 *
 * Errors:
 *  ESRCH  it has ended and was reaped
 *  EBADF  it was waited for before
 *  EINVAL no such signal
 *  EPERM  it runs as somebody else */
TIMENS_API int timens_kill(const struct timens_process *process, int sig,
			   struct timens_error *error);

/* Calls clone3(2) with the offsets of a new time namespace: one struct with a named member per
 * clock, versioned by its size. Returns the child's pid in the caller, 0 in the child, which then
 * is in the namespace, with its offsets frozen; or -errno in the caller, and no child is left.
 *
 * `args_size` goes to the kernel as it came, so it may be newer than this library. NULL offsets of
 * size 0: a plain clone3. CLONE_NEWTIME need not be set. Refused, stage args, EINVAL: CLONE_VM and
 * CLONE_THREAD (a function that returns twice cannot share its stack), CLONE_SETTLS, a stack.
 * Everything else passes, by the rules of clone3(2); that a child of a process with several threads
 * may call async-signal-safe functions only, until it executes a program, is among them.
 *
 * Where clone3 is refused by a filter, clone(2) is called in its place, as far as it knows the
 * flags. A child that fails is reaped here; it sends its exit_signal all the same, and with
 * CLONE_PARENT it is for the caller's parent to reap. With CLONE_FILES, one that is killed under
 * way may leave a descriptor.
 *
 * The child goes on as soon as it has reported: where a filter refuses the caller to poll or to
 * read that report, it has run for a moment when it is killed for it.
 *
 * No user namespace is made but by CLONE_NEWUSER, whose id maps are the caller's to write.
 * Errors: those of clone3(2) at stage clone; the others as timens_spawn. */
TIMENS_API pid_t timens_clone3(struct clone_args *args, size_t args_size,
			       const struct timens_offsets *offsets, size_t offsets_size,
			       struct timens_error *error);

/* ---------------------------------------------------------------------------------------------
 * Move in, look at
 */

/* Moves the calling process itself into a new time namespace. `flags` is a TIMENS_USERNS_* value.
 * It must have one thread: EBUSY, also for a moment after pthread_join, as long as the kernel still
 * lists the thread.
 * EBUSY too if another process shares its memory; a program that has been started and is about to
 * leave it is waited for, up to a tenth of a second.
 * On an error at stage `args`, `offsets`, `prepare` or `unshare` nothing has changed (but that a
 * time namespace may not be pending any more); at `map`,
 * `write` or `enter` the caller may be in a new user namespace, which it cannot leave, or have a
 * time namespace pending whose own it may not go back to: end it.
 * Errors as timens_spawn. */
TIMENS_API int timens_enter(const struct timens_offsets *offsets, size_t offsets_size,
			    unsigned flags, struct timens_error *error);

/* Moves the calling process into a time namespace that exists, and its children with it: `fd` is a
 * descriptor of /proc/PID/ns/time, or the pidfd of a process that is in it (Linux 5.8). Offsets are
 * never written. The descriptor stays the caller's. One thread and own memory, as
 * with timens_enter. No cancellation point.
 * Follows: setns(2).
 *
 * Errors, at stage join:
 *  EBUSY  more than one thread, or shared memory
 *  EINVAL neither of the two
 *  EPERM  it takes CAP_SYS_ADMIN over both user namespaces
 *  ESRCH  the process has ended
 *  EBADF  no descriptor */
TIMENS_API int timens_join(int fd, struct timens_error *error);

/* Reads the offsets of a process as the kernel keeps them: relative to the initial namespace. With
 * `pid` 0 they are the caller's. What a start was given is the difference of child and caller: see
 * struct timens_offsets. No cancellation point.
 * `size` is sizeof *offsets as the program knows it; a smaller one gets the first members, a larger
 * one gets zeros after them.
 *
 * Errors:
 *  ESRCH  no such process
 *  EACCES another user's process
 *  ENOENT no /proc or no time namespaces
 *  EBUSY  it waits to enter another namespace (its time_for_children is not its own), a tenth of a
 *	   second later still, and the kernel shows only that one's
 *  EINVAL size below the first version's */
TIMENS_API int timens_read(pid_t pid, struct timens_offsets *offsets, size_t size,
			   struct timens_error *error);

/* Gives the offset with which a clock shows a reading now; the clock is CLOCK_BOOTTIME or
 * CLOCK_MONOTONIC. This turns "let it read 49 days" into an offset, and a saved reading into one
 * that goes on from there. Ask just before the start; time goes on in between.
 *
 * Errors:
 *  EINVAL another clock, or tv_nsec out of range
 *  ERANGE a negative reading, or one past TIMENS_READING_MAX_SEC */
TIMENS_API int timens_offset_to(clockid_t clock, const struct timens_timespec *reading,
				struct timens_timespec *offset, struct timens_error *error);

/* What this machine can do for this caller, found by doing it: a child makes a namespace, writes
 * offsets into it and goes away. */
struct timens_support {
	uint32_t available;   /* 1: timens_spawn with offsets works */
	uint32_t userns;      /* 1: by means of a user namespace */
	uint32_t route;	      /* TIMENS_ROUTE_* that `auto` takes */
	uint32_t exec_enters; /* 1: exec moves into the pending namespace (Linux 6.2), 0: not,
				 2: not known since no namespace could be made */
	uint32_t clone3;      /* 1: clone3 is there, 0: refused (seccomp, Linux before 5.3) */
	int32_t error_errno;  /* if not available: why; else 0 */
	int32_t error_stage;
	uint32_t reserved;
};
#define TIMENS_SUPPORT_SIZE_VER0 32

/* Finds out what this machine can do for this caller; sizes as timens_read. 0, also where nothing
 * works: then `available` is 0 and `error`, if given, is filled in with the reason.
 *
 * Errors:
 *  EINVAL size below the first version's
 *  EBUSY  a new pid namespace is pending, and the trial child would take it down */
TIMENS_API int timens_support(struct timens_support *support, size_t size,
			      struct timens_error *error);

/* ---------------------------------------------------------------------------------------------
 * Times as text
 */

/* Reads a span: "49d17h2m47.296s", "-1000s 42ns", "1.5h", "1w 2d", "12" (seconds). Units: ns, us,
 * ms, s, m, h, d, w, M (month), y, and the long names of systemd.time(7), by its lengths: a year is
 * 365.25 days, a month a twelfth of it. A sign stands in front and counts for the whole. Exact to
 * the nanosecond, never rounded.
 * With an @ in front it is a reading: "@49d17h", "@u32-ms" (a point's name), "@u32-ms-5s" and
 * "@u32-ms+1ns" (before and after it). `is_reading` then gets 1, else 0; NULL refuses readings.
 *
 * Errors:
 *  EINVAL misspelt, or too fine; error->column says where
 *  ERANGE does not fit */
TIMENS_API int timens_parse(const char *text, struct timens_timespec *span, unsigned *is_reading,
			    struct timens_error *error);

/* Writes a span as text that timens_parse reads back to the same value: "-3h12m4s", "0s". Returns
 * its length; like snprintf(3), `buf` gets what fits. EINVAL: tv_nsec out of range. */
#define TIMENS_SPAN_TEXT_MAX 48 /* every span fits, with its ending zero */
TIMENS_API int timens_format(const struct timens_timespec *span, char *buf, size_t size);

/* ---------------------------------------------------------------------------------------------
 * Points: readings at which a counter rolls over
 */

/* An element of a table, and so it never becomes longer: what is new takes the place of `reserved`,
 * and is NULL in a library that does not know it. All strings have static storage. What counts
 * inside the kernel (jiffies, the TSC, TCP stamps) is not moved by a time namespace, and so is no
 * point. */
struct timens_point {
	const char *name;		/* "u32-ms" */
	struct timens_timespec reading; /* from here on the counter is wrong */
	const char *counter;		/* what counts: "milliseconds in an unsigned 32-bit" */
	const char *effect;		/* what happens there */
	const char *reported;		/* failures with project and number; "" if none is known */
	const char *reserved[2];	/* NULL */
};

/* Gives the table of points, in the order of the readings; its length goes to `count`, which may be
 * NULL. */
TIMENS_API const struct timens_point *timens_points(size_t *count);

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
	TIMENS_STAGE_CGROUP = 10,
	TIMENS_STAGE_SESSION = 11,
	TIMENS_STAGE_PGROUP = 12,
	TIMENS_STAGE_TTY = 13,
	TIMENS_STAGE_FDS = 14,
	TIMENS_STAGE_CWD = 15,
	TIMENS_STAGE_RLIMITS = 16,
	TIMENS_STAGE_NICE = 17,
	TIMENS_STAGE_CREDENTIALS = 18,
	TIMENS_STAGE_PARENT = 19,
	TIMENS_STAGE_EXEC = 20,
	TIMENS_STAGE_WAIT = 21,
	TIMENS_STAGE_KILL = 22,
	TIMENS_STAGE_READ = 23,
	TIMENS_STAGE_PARSE = 24,
	TIMENS_STAGE_JOIN = 25,
	TIMENS_STAGE_SIGNALS = 26,
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

/* Names a stage: "exec", "write", …; "?" for a number that is none. Static storage. */
TIMENS_API const char *timens_stage_name(int stage);
/* Names a route: "clone3", "vfork", "fork", "auto"; "?" for a number that is none. Static
 * storage. */
TIMENS_API const char *timens_route_name(unsigned route);

/* Says what went wrong and what to do about it; as one line. Returns its length, like snprintf(3).
 * TIMENS_ERROR_TEXT_MAX holds every text. */
#define TIMENS_ERROR_TEXT_MAX 640
TIMENS_API int timens_error_text(const struct timens_error *error, char *buf, size_t size);
/* Says what to do about an error: the end of the text of timens_error_text. It may be empty.
 * Returns its length likewise. */
TIMENS_API int timens_error_hint(const struct timens_error *error, char *buf, size_t size);

#ifdef __cplusplus
}
#endif
#endif
