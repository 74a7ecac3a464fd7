/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* unshare */
#include <lauxlib.h>
#include <sched.h>
#include <signal.h>
#include <sys/time.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

/* unshare_time() -> true | nil, message, errno. Leaves a time namespace pending: the process stays
 * where it is, its children would be born into the new one. */
static int unshare_time(lua_State *L)
{
	return luaL_fileresult(L, unshare(CLONE_NEWTIME) == 0, "unshare");
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
	return luaL_fileresult(L, r == 0, "setitimer");
}

__attribute__((visibility("default"))) int luaopen_kernel(lua_State *L);

int luaopen_kernel(lua_State *L)
{
	static const luaL_Reg functions[] = {
		{"unshare_time", unshare_time},
		{"interrupt_often", interrupt_often},
		{NULL, NULL},
	};

	luaL_newlib(L, functions);
	return 1;
}
