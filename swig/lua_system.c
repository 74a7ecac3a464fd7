/* SPDX-License-Identifier: MIT */
/* The few system calls, and names of numbers, that Lua lacks. */
#define _GNU_SOURCE /* syscall */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lua_glue.h"

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434 /* on every architecture */
#endif

/* -- Time, numbers by their names -- */

int glue_monotonic(lua_State *L)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	lua_pushinteger(L, (lua_Integer)now.tv_sec * 1000000000 + now.tv_nsec);
	return 1;
}

/* The numbers differ between architectures. */
struct name {
	const char *name;
	int number;
};

static const struct name signal_names[] = {
	{"HUP", SIGHUP},       {"INT", SIGINT},	  {"QUIT", SIGQUIT}, {"ILL", SIGILL},
	{"TRAP", SIGTRAP},     {"ABRT", SIGABRT}, {"BUS", SIGBUS},   {"FPE", SIGFPE},
	{"KILL", SIGKILL},     {"USR1", SIGUSR1}, {"SEGV", SIGSEGV}, {"USR2", SIGUSR2},
	{"PIPE", SIGPIPE},     {"ALRM", SIGALRM}, {"TERM", SIGTERM}, {"CHLD", SIGCHLD},
	{"CONT", SIGCONT},     {"STOP", SIGSTOP}, {"TSTP", SIGTSTP}, {"TTIN", SIGTTIN},
	{"TTOU", SIGTTOU},     {"URG", SIGURG},	  {"XCPU", SIGXCPU}, {"XFSZ", SIGXFSZ},
	{"VTALRM", SIGVTALRM}, {"PROF", SIGPROF}, {"IO", SIGIO},     {"PWR", SIGPWR},
	{"WINCH", SIGWINCH},   {"SYS", SIGSYS},	  {"IOT", SIGIOT},   {"POLL", SIGPOLL},
	{"CLD", SIGCHLD},
#ifdef SIGSTKFLT
	{"STKFLT", SIGSTKFLT},
#endif
};

static const struct name limit_names[] = {
	{"AS", RLIMIT_AS},
	{"CORE", RLIMIT_CORE},
	{"CPU", RLIMIT_CPU},
	{"DATA", RLIMIT_DATA},
	{"FSIZE", RLIMIT_FSIZE},
	{"LOCKS", RLIMIT_LOCKS},
	{"MEMLOCK", RLIMIT_MEMLOCK},
	{"MSGQUEUE", RLIMIT_MSGQUEUE},
	{"NICE", RLIMIT_NICE},
	{"NOFILE", RLIMIT_NOFILE},
	{"NPROC", RLIMIT_NPROC},
	{"RSS", RLIMIT_RSS},
	{"RTPRIO", RLIMIT_RTPRIO},
	{"RTTIME", RLIMIT_RTTIME},
	{"SIGPENDING", RLIMIT_SIGPENDING},
	{"STACK", RLIMIT_STACK},
};

static int push_names(lua_State *L, const struct name *names, size_t count)
{
	lua_createtable(L, 0, (int)count);
	for (size_t i = 0; i < count; i++) {
		lua_pushinteger(L, names[i].number);
		lua_setfield(L, -2, names[i].name);
	}
	return 1;
}

int glue_signals(lua_State *L)
{
	/* These are calls. */
	const struct name real_time[] = {{"RTMIN", SIGRTMIN}, {"RTMAX", SIGRTMAX}};

	push_names(L, signal_names, sizeof signal_names / sizeof *signal_names);
	for (int i = 0; i < 2; i++) {
		lua_pushinteger(L, real_time[i].number);
		lua_setfield(L, -2, real_time[i].name);
	}
	return 1;
}

int glue_limits(lua_State *L)
{
	return push_names(L, limit_names, sizeof limit_names / sizeof *limit_names);
}

/* -- Users and groups by their names -- */

/* 0, or the errno; ERANGE asks for more memory. */
typedef int find_id(const char *name, char *memory, size_t size, uint32_t *id);

static int find_user(const char *name, char *memory, size_t size, uint32_t *id)
{
	struct passwd entry, *found;
	int r = getpwnam_r(name, &entry, memory, size, &found);

	if (r == 0 && found)
		*id = found->pw_uid;
	return r == 0 && !found ? ENOENT : r;
}

static int find_group(const char *name, char *memory, size_t size, uint32_t *id)
{
	struct group entry, *found;
	int r = getgrnam_r(name, &entry, memory, size, &found);

	if (r == 0 && found)
		*id = found->gr_gid;
	return r == 0 && !found ? ENOENT : r;
}

static int push_id(lua_State *L, find_id *find)
{
	const char *name = glue_need_string(L, 1, "name");
	size_t size = 1024;
	uint32_t id;
	int r;

	do {
		lua_settop(L, 1);
		r = find(name, lua_newuserdatauv(L, size, 0), size, &id);
		size *= 2;
	} while (r == ERANGE);
	errno = r;
	if (r)
		return glue_push_errno(L);
	lua_pushinteger(L, id);
	return 1;
}

int glue_user_id(lua_State *L)
{
	return push_id(L, find_user);
}

int glue_group_id(lua_State *L)
{
	return push_id(L, find_group);
}

/* -- This process -- */

int glue_getpid(lua_State *L)
{
	lua_pushinteger(L, getpid());
	return 1;
}

/* What C still has in its buffers would otherwise be written by both. */
int glue_fork(lua_State *L)
{
	struct glue_process to = glue_take_process(L, 2);
	struct timens_process copy = {.route = TIMENS_ROUTE_FORK};

	fflush(NULL);
	copy.pid = fork();
	if (copy.pid < 0)
		return glue_push_errno(L);
	lua_pushinteger(L, copy.pid);
	if (copy.pid == 0) {
		if (lua_toboolean(L, 1))
			setpgid(0, 0);
		return 1;
	}
	copy.pidfd = (int)syscall(SYS_pidfd_open, copy.pid, 0);
	if (copy.pidfd < 0) {
		int errnum = errno;

		kill(copy.pid, SIGKILL);
		waitpid(copy.pid, NULL, 0);
		errno = errnum;
		return glue_push_errno(L);
	}
	glue_give_process(L, to, &copy);
	return 1;
}

int glue_kill_group(lua_State *L)
{
	kill(-(pid_t)luaL_checkinteger(L, 1), SIGKILL);
	return 0;
}

/* Without what exit(3) would do for the process this one is a copy of. */
int glue_leave(lua_State *L)
{
	fflush(NULL);
	_exit((int)luaL_checkinteger(L, 1));
}
