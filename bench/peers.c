/* SPDX-License-Identifier: MIT */
/* What a C program would use otherwise. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <unistd.h>

#include "cases.h"
#include "sys.h"
#include "vmclone.h"

extern char **environ;

static struct started spawn(const char *const *argv, const posix_spawn_file_actions_t *actions)
{
	pid_t pid;

	check(-posix_spawn(&pid, argv[0], actions, NULL, (char *const *)argv, environ),
	      "posix_spawn");
	return (struct started){pid, -1};
}

struct started peer_posix_spawn(const char *const *argv)
{
	return spawn(argv, NULL);
}

/* All descriptors from 3 up. */
struct started peer_posix_spawn_closing(const char *const *argv)
{
	posix_spawn_file_actions_t actions;
	struct started s;

	posix_spawn_file_actions_init(&actions);
	check(-posix_spawn_file_actions_addclosefrom_np(&actions, 3), "addclosefrom_np");
	s = spawn(argv, &actions);
	posix_spawn_file_actions_destroy(&actions);
	return s;
}

static void exec_only(void *arg)
{
	const char *const *argv = arg;

	sys_execve(argv[0], argv, (const char *const *)environ);
	sys_exit(127);
}

/* The floor: no checks, no signal handling, and what fails is not told. */
struct started peer_bare_clone(const char *const *argv)
{
	struct vm_clone call = {.nr = __NR_clone,
				.args = {CLONE_VM | CLONE_VFORK | SIGCHLD},
				.run = exec_only,
				.arg = (void *)argv};
	long pid = timens_vm_clone(&call);

	check(pid, "clone");
	return (struct started){(pid_t)pid, -1};
}

/* -- The way that works on every kernel, as one would write it with libc -- */

static int write_offsets(void)
{
	static const char text[] = "monotonic 1000000 37\nboottime 1000000 37\n";
	int fd = open("/proc/self/timens_offsets", O_WRONLY | O_CLOEXEC);
	ssize_t n = write(fd, text, strlen(text));

	close(fd);
	return n == (ssize_t)strlen(text) ? 0 : -1;
}

static int enter(void)
{
	int fd, r;

	if (unshare(CLONE_NEWTIME) < 0 || write_offsets() < 0)
		return -1;
	fd = open("/proc/self/ns/time_for_children", O_RDONLY | O_CLOEXEC);
	r = setns(fd, CLONE_NEWTIME);
	close(fd);
	return r;
}

/* Exec closes the pipe; until then it could carry an error. */
struct started peer_fork_setns(const char *const *argv)
{
	int ends[2];
	pid_t pid;
	char failed = 1;

	check(pipe2(ends, O_CLOEXEC) < 0 ? -errno : 0, "pipe2");
	pid = fork();
	check(pid < 0 ? -errno : 0, "fork");
	if (pid == 0) {
		if (enter() == 0)
			execve(argv[0], (char *const *)argv, environ);
		_exit(write(ends[1], &failed, 1) == 1 ? 127 : 126);
	}
	close(ends[1]);
	check(read(ends[0], &failed, 1) == 0 ? 0 : -EPERM, "fork, unshare, setns");
	close(ends[0]);
	return (struct started){pid, -1};
}
