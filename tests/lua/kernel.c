/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* unshare, posix_openpt, setresuid */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <lauxlib.h>
#include <lua.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <unistd.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

static int answer(lua_State *L, int r)
{
	int errnum = errno;

	if (r == 0) {
		lua_pushboolean(L, 1);
		return 1;
	}
	lua_pushnil(L);
	lua_pushstring(L, strerror(errnum));
	lua_pushinteger(L, errnum);
	return 3;
}

/* unshare_time() -> true | nil, message, errno. Leaves a time namespace pending: the process stays
 * where it is, its children would be born into the new one. */
static int unshare_time(lua_State *L)
{
	return answer(L, unshare(CLONE_NEWTIME));
}

/* become_nobody() -> true | nil, message, errno. A change of ids closes /proc/self until the next
 * exec; a program that was started as nobody has no such trouble. */
static int become_nobody(lua_State *L)
{
	int r = setgroups(0, NULL);

	if (r == 0)
		r = setresgid(65534, 65534, 65534);
	if (r == 0)
		r = setresuid(65534, 65534, 65534);
	if (r == 0)
		r = prctl(PR_SET_DUMPABLE, 1);
	return answer(L, r);
}

static void do_nothing(int sig)
{
	(void)sig;
}

/* interrupt_often() -> true | nil, message, errno. From now on a handled signal comes every 5 ms,
 * and system calls that wait end with EINTR. */
static int interrupt_often(lua_State *L)
{
	const struct sigaction act = {.sa_handler = do_nothing};
	const struct itimerval often = {{0, 5000}, {0, 5000}};
	int r = sigaction(SIGALRM, &act, NULL);

	if (r == 0)
		r = setitimer(ITIMER_REAL, &often, NULL);
	return answer(L, r);
}

/* open_terminal() -> the two sides of a new pseudo-terminal, descriptors | nil, message, errno. */
static int open_terminal(lua_State *L)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), slave;

	if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0)
		return answer(L, -1);
	slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0)
		return answer(L, -1);
	lua_pushinteger(L, master);
	lua_pushinteger(L, slave);
	return 2;
}

__attribute__((visibility("default"))) int luaopen_kernel(lua_State *L);

int luaopen_kernel(lua_State *L)
{
	lua_newtable(L);
	lua_pushcfunction(L, unshare_time);
	lua_setfield(L, -2, "unshare_time");
	lua_pushcfunction(L, become_nobody);
	lua_setfield(L, -2, "become_nobody");
	lua_pushcfunction(L, interrupt_often);
	lua_setfield(L, -2, "interrupt_often");
	lua_pushcfunction(L, open_terminal);
	lua_setfield(L, -2, "open_terminal");
	return 1;
}
