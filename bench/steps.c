/* SPDX-License-Identifier: MIT */
#include "steps.h"

#include <stdbool.h>
#include <stdint.h>

#include "sys.h"
#include "vmclone.h"

extern char **environ;

/* Each includes those before it; the driver has their names in this order. */
enum step { FLOOR, NEWTIME, OPEN, WRITE, PIDFD, READ, SIGNALS, EXECUTED, WHO };

static unsigned steps;

void use_steps(unsigned count)
{
	steps = count;
}

static bool has(enum step step)
{
	return steps >= step;
}

static void set_offsets(void)
{
	static const char text[] = "1 1000000 37\n7 1000000 37\n";
	char inherited[256];
	int fd = sys_open("/proc/self/timens_offsets", O_RDWR);

	if (fd < 0)
		sys_exit(1);
	if (has(READ))
		sys_pread(fd, inherited, sizeof inherited, 0);
	if (has(WRITE) && sys_write(fd, text, sizeof text - 1) != sizeof text - 1)
		sys_exit(1);
}

static void run(void *arg)
{
	static const struct sys_sigaction dfl;
	const uint64_t none = 0;
	const char *const *argv = arg;

	if (has(OPEN))
		set_offsets();
	if (has(SIGNALS)) {
		sys_sigaction(SIGPIPE, &dfl, NULL);
		sys_sigmask(&none, NULL);
	}
	sys_execve(argv[0], argv, (const char *const *)environ);
	sys_exit(127);
}

static struct started clone_it(const char *const *argv)
{
	struct started s = {.pidfd = -1};
	struct clone_args args = {
		.flags = CLONE_VM | CLONE_VFORK | CLONE_CLEAR_SIGHAND |
			 (has(NEWTIME) ? CLONE_NEWTIME : 0) | (has(PIDFD) ? CLONE_PIDFD : 0),
		.pidfd = (uintptr_t)&s.pidfd,
	};
	struct vm_clone call = {.nr = __NR_clone3,
				.args = {(long)&args, CLONE_ARGS_SIZE_VER0},
				.run = run,
				.arg = (void *)argv};

	s.pid = (pid_t)timens_vm_clone(&call);
	check(s.pid, "clone3");
	return s;
}

struct started peer_steps(const char *const *argv)
{
	const uint64_t all = SYS_SIGSET_ALL;
	uint64_t mask, capabilities;
	struct started s;

	if (has(WHO)) {
		sys_getpid();
		sys_capabilities(&capabilities);
	}
	if (has(SIGNALS))
		sys_sigmask(&all, &mask);
	s = clone_it(argv);
	if (has(EXECUTED))
		sys_has_executed(s.pidfd);
	if (has(SIGNALS))
		sys_sigmask(&mask, NULL);
	return s;
}
