/* SPDX-License-Identifier: MIT */
/*
 * The only raw system calls and the only numbers of the kernel's interface.
 *
 * They are made without libc for two reasons. The child of a start shares the memory of a program
 * with other threads: a libc call there may take a lock that a stopped thread holds, be resolved
 * through a lazy PLT entry, or change the parent's errno. And libc's wrappers are cancellation
 * points, which would leave a half-made child when another thread calls pthread_cancel.
 *
 * Every wrapper returns what the kernel returned: a result, or -errno.
 */
#ifndef TIMENS_SYS_H
#define TIMENS_SYS_H

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <linux/sched.h>
#include <linux/stat.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>

/* Constants and numbers that the headers of older distributions lack. */
#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif
#ifndef CLONE_PIDFD
#define CLONE_PIDFD 0x00001000
#endif
#ifndef CLONE_CLEAR_SIGHAND
#define CLONE_CLEAR_SIGHAND UINT64_C(0x100000000)
#endif
#ifndef CLONE_INTO_CGROUP
#define CLONE_INTO_CGROUP UINT64_C(0x200000000)
#endif
#ifndef CLOSE_RANGE_UNSHARE
#define CLOSE_RANGE_UNSHARE (1U << 1)
#endif
#ifndef F_CREATED_QUERY
#define F_CREATED_QUERY 1028
#endif
#ifndef P_PIDFD
#define P_PIDFD 3
#endif
#ifndef __WCLONE
#define __WCLONE 0x80000000
#endif
#ifndef __WALL
#define __WALL 0x40000000
#endif
/* One number on every architecture: all calls since Linux 5.0 share one table. */
#ifndef __NR_pidfd_send_signal
#define __NR_pidfd_send_signal 424
#endif
#ifndef __NR_pidfd_open
#define __NR_pidfd_open 434
#endif
#ifndef __NR_clone3
#define __NR_clone3 435
#endif
#ifndef __NR_close_range
#define __NR_close_range 436
#endif

/* The inode of the initial time namespace, fixed since Linux 5.6 (PROC_TIME_INIT_INO in
 * include/linux/proc_ns.h, TIME_NS_INIT_INO in include/uapi/linux/nsfs.h). */
#define SYS_TIME_NS_INIT_INO 0xEFFFFFFAUL

#define SYS_NSIG       64
#define SYS_SIGSET_ALL UINT64_MAX

#if defined(__x86_64__)

static inline long sys_call6(long nr, long a, long b, long c, long d, long e, long f)
{
	long ret;
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return ret;
}

#elif defined(__aarch64__)

static inline long sys_call6(long nr, long a, long b, long c, long d, long e, long f)
{
	register long x8 __asm__("x8") = nr;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;
	register long x5 __asm__("x5") = f;

	__asm__ volatile("svc 0"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
			 : "memory");
	return x0;
}

#else
#error "timens knows x86-64 and aarch64: add sys_call6 here and the stub in vmclone.c"
#endif

#define SYS_0(nr)	      sys_call6(nr, 0, 0, 0, 0, 0, 0)
#define SYS_1(nr, a)	      sys_call6(nr, (long)(a), 0, 0, 0, 0, 0)
#define SYS_2(nr, a, b)	      sys_call6(nr, (long)(a), (long)(b), 0, 0, 0, 0)
#define SYS_3(nr, a, b, c)    sys_call6(nr, (long)(a), (long)(b), (long)(c), 0, 0, 0)
#define SYS_4(nr, a, b, c, d) sys_call6(nr, (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)
#define SYS_5(nr, a, b, c, d, e)                                                                   \
	sys_call6(nr, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), 0)

/* -- Files -- */

static inline int sys_openat(int dir, const char *path, int flags)
{
	return (int)SYS_4(__NR_openat, dir, path, flags | O_CLOEXEC, 0);
}

static inline int sys_open(const char *path, int flags)
{
	return sys_openat(AT_FDCWD, path, flags);
}

static inline int sys_close(int fd)
{
	return (int)SYS_1(__NR_close, fd);
}

static inline long sys_read(int fd, void *buf, size_t size)
{
	return SYS_3(__NR_read, fd, buf, size);
}

static inline long sys_pread(int fd, void *buf, size_t size, int64_t at)
{
	return SYS_4(__NR_pread64, fd, buf, size, at);
}

static inline long sys_write(int fd, const void *buf, size_t size)
{
	return SYS_3(__NR_write, fd, buf, size);
}

/* All of a file of /proc in one write; 0 or -errno, of which EIO is a short one. */
static inline int sys_write_file(const char *path, const void *text, size_t length)
{
	int fd = sys_open(path, O_WRONLY);
	long n;

	if (fd < 0)
		return fd;
	n = sys_write(fd, text, length);
	sys_close(fd);
	return n < 0 ? (int)n : (size_t)n == length ? 0 : -EIO;
}

static inline long sys_readlink(const char *path, char *buf, size_t size)
{
	return SYS_4(__NR_readlinkat, AT_FDCWD, path, buf, size);
}

static inline int sys_pipe_cloexec(int fds[2])
{
	return (int)SYS_2(__NR_pipe2, fds, O_CLOEXEC);
}

static inline int sys_dup3(int from, int to, int flags)
{
	return (int)SYS_3(__NR_dup3, from, to, flags);
}

static inline int sys_fcntl(int fd, int cmd, long arg)
{
	return (int)SYS_3(__NR_fcntl, fd, cmd, arg);
}

static inline int sys_close_range(unsigned first, unsigned last)
{
	return (int)SYS_3(__NR_close_range, first, last, 0);
}

/* A table of our own, if it is shared, without the descriptors from `first` up. */
static inline int sys_unshare_files_from(unsigned first)
{
	return (int)SYS_3(__NR_close_range, first, UINT32_MAX, CLOSE_RANGE_UNSHARE);
}

static inline long sys_getdents(int fd, void *buf, size_t size)
{
	return SYS_3(__NR_getdents64, fd, buf, size);
}

static inline int sys_is_cgroup2(int fd)
{
	struct statfs fs;
	int r;

	fs.f_type = 0;
	r = (int)SYS_2(__NR_fstatfs, fd, &fs);
	return r < 0 ? r : fs.f_type == CGROUP2_SUPER_MAGIC;
}

/* How many links a file has; -errno. The stat(2) of glibc is a symbol since 2.33 only, and would
 * tie whoever links it to systems that new. */
static inline int sys_count_links(const char *path)
{
	struct statx file;
	int r;

	file.stx_nlink = 0;
	r = (int)SYS_5(__NR_statx, AT_FDCWD, path, 0, STATX_NLINK, &file);
	return r < 0 ? r : (int)file.stx_nlink;
}

static inline int sys_chdir(const char *path)
{
	return (int)SYS_1(__NR_chdir, path);
}

/* -- Processes and namespaces -- */

static inline int sys_getpid(void)
{
	return (int)SYS_0(__NR_getpid);
}

static inline int sys_gettid(void)
{
	return (int)SYS_0(__NR_gettid);
}

static inline int sys_unshare(uint64_t flags)
{
	return (int)SYS_1(__NR_unshare, flags);
}

static inline int sys_setns(int fd, int type)
{
	return (int)SYS_2(__NR_setns, fd, type);
}

static inline int sys_setsid(void)
{
	return (int)SYS_0(__NR_setsid);
}

static inline int sys_setpgid(int group)
{
	return (int)SYS_2(__NR_setpgid, 0, group);
}

static inline int sys_getpgid(void)
{
	return (int)SYS_1(__NR_getpgid, 0);
}

static inline int sys_getppid(void)
{
	return (int)SYS_0(__NR_getppid);
}

static inline int sys_take_tty(int fd)
{
	return (int)SYS_3(__NR_ioctl, fd, TIOCSCTTY, 0);
}

static inline int sys_set_foreground(int fd, int group)
{
	return (int)SYS_3(__NR_ioctl, fd, TIOCSPGRP, &group);
}

static inline int sys_foreground(int fd)
{
	int group = 0, r = (int)SYS_3(__NR_ioctl, fd, TIOCGPGRP, &group);

	return r < 0 ? r : group;
}

static inline int sys_setrlimit(int resource, const uint64_t soft_hard[2])
{
	return (int)SYS_4(__NR_prlimit64, 0, resource, soft_hard, 0);
}

/* The kernel answers 40 to 1 for -20 to 19, so that a result is never negative. */
static inline int sys_add_nice(int increment)
{
	int now = (int)SYS_2(__NR_getpriority, PRIO_PROCESS, 0);

	if (now < 0)
		return now;
	return (int)SYS_3(__NR_setpriority, PRIO_PROCESS, 0, 20 - now + increment);
}

static inline void sys_umask(unsigned mask)
{
	SYS_1(__NR_umask, mask);
}

static inline int sys_setgroups(uint32_t count, const uint32_t *groups)
{
	return (int)SYS_2(__NR_setgroups, count, groups);
}

static inline int sys_setresgid(uint32_t gid)
{
	return (int)SYS_3(__NR_setresgid, gid, gid, gid);
}

static inline int sys_setresuid(uint32_t uid)
{
	return (int)SYS_3(__NR_setresuid, uid, uid, uid);
}

static inline int sys_prctl(int option, unsigned long value)
{
	return (int)SYS_5(__NR_prctl, option, value, 0, 0, 0);
}

static inline void sys_pause(void)
{
	SYS_4(__NR_ppoll, 0, 0, 0, 0);
}

/* clone without CLONE_VM, which returns twice as fork does. With CLONE_VM the two would run on
 * one stack: that is timens_vm_clone's job. */
static inline int sys_fork(uint64_t flags, int *pidfd)
{
	return (int)SYS_5(__NR_clone, flags, 0, pidfd, 0, 0);
}

/* Without CLONE_VM, and so on a copy of this stack: both return twice. */
static inline int sys_clone3(void *args, size_t size)
{
	return (int)SYS_2(__NR_clone3, args, size);
}

/* Whether the call itself is there, found by one that cannot succeed: of this size it is invalid. A
 * filter, or a kernel before 5.3, refuses it whatever it asks for. */
static inline int sys_has_clone3(void)
{
	return sys_clone3(NULL, 0) == -EINVAL;
}

static inline int sys_clone(uint64_t flags, uint64_t parent_tid, uint64_t child_tid, uint64_t tls)
{
#if defined(__aarch64__)
	return (int)SYS_5(__NR_clone, flags, 0, parent_tid, tls, child_tid);
#else
	return (int)SYS_5(__NR_clone, flags, 0, parent_tid, child_tid, tls);
#endif
}

static inline int sys_pidfd_open(int pid)
{
	return (int)SYS_2(__NR_pidfd_open, pid, 0);
}

static inline int sys_execve(const char *file, const char *const *argv, const char *const *env)
{
	return (int)SYS_3(__NR_execve, file, argv, env);
}

__attribute__((noreturn)) static inline void sys_exit(int code)
{
	for (;;)
		SYS_1(__NR_exit_group, code);
}

static inline int sys_waitid(int type, int id, siginfo_t *info, int options)
{
	return (int)SYS_5(__NR_waitid, type, id, info, options, 0);
}

/* Whether a child made with exit signal 0 has executed a program: exec gives it SIGCHLD, and then a
 * wait for "clone children" does not find it any more. -errno: a filter refuses to tell. Reaps
 * nothing. */
static inline int sys_has_executed(int pidfd)
{
	int r = sys_waitid(P_PIDFD, pidfd, NULL, WEXITED | WNOHANG | WNOWAIT | (int)__WCLONE);

	return r == -ECHILD ? 1 : r;
}

/* The kernel leaves the time that was left in *timeout. */
static inline int sys_ppoll(struct pollfd *fds, unsigned count, struct timespec *timeout)
{
	return (int)SYS_5(__NR_ppoll, fds, count, timeout, 0, 8);
}

/* What a process in the midst of exec takes at the most, in thousandths of a second. */
#define SYS_EXEC_MS 100

static inline void sys_sleep_ms(void)
{
	struct timespec time = {.tv_nsec = 1000000};

	sys_ppoll(0, 0, &time);
}

static inline int sys_kill(int pid, int sig)
{
	return (int)SYS_2(__NR_kill, pid, sig);
}

static inline int sys_tgkill(int pid, int tid, int sig)
{
	return (int)SYS_3(__NR_tgkill, pid, tid, sig);
}

static inline int sys_pidfd_send_signal(int pidfd, int sig)
{
	return (int)SYS_4(__NR_pidfd_send_signal, pidfd, sig, 0, 0);
}

/* The effective capabilities of the calling thread, as one mask; -errno. */
static inline int sys_capabilities(uint64_t *effective)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {{0}};
	int r = (int)SYS_2(__NR_capget, &head, data);

	if (r == 0)
		*effective = data[0].effective | (uint64_t)data[1].effective << 32;
	return r;
}

static inline unsigned sys_geteuid(void)
{
	return (unsigned)SYS_0(__NR_geteuid);
}
static inline unsigned sys_getegid(void)
{
	return (unsigned)SYS_0(__NR_getegid);
}

/* -- Signals -- */

/* The kernel's own struct sigaction, not libc's. */
struct sys_sigaction {
	void (*handler)(int);
	unsigned long flags;
	void (*restorer)(void);
	uint64_t mask;
};

static inline int sys_sigaction(int sig, const struct sys_sigaction *act, struct sys_sigaction *old)
{
	return (int)SYS_4(__NR_rt_sigaction, sig, act, old, 8);
}

/* Unlike libc's, this also blocks the two signals by which libc cancels threads and changes
 * credentials; their handlers must not run in a child that shares our memory. */
static inline int sys_sigmask(const uint64_t *set, uint64_t *old)
{
	return (int)SYS_4(__NR_rt_sigprocmask, SIG_SETMASK, set, old, 8);
}

#endif
