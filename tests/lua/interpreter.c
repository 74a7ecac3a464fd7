/* SPDX-License-Identifier: MIT */
/* As much of lua(1) as the specs use, built as everything else here is: so that a sanitizer watches
 * the interpreter that runs them. interpreter [-e TEXT] [SCRIPT [ARG…]] */
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static lua_State *interrupted;

static void raise_error(lua_State *L, lua_Debug *ar)
{
	(void)ar;
	lua_sethook(L, NULL, 0, 0);
	luaL_error(L, "interrupted!");
}

static void on_interrupt(int sig)
{
	signal(sig, SIG_DFL);
	lua_sethook(interrupted, raise_error, LUA_MASKCALL | LUA_MASKRET | LUA_MASKCOUNT, 1);
}

static int with_traceback(lua_State *L)
{
	luaL_traceback(L, L, lua_tostring(L, 1), 1);
	return 1;
}

static int run(lua_State *L, int loaded, const char *name)
{
	int failed = loaded;

	if (!failed) {
		lua_pushcfunction(L, with_traceback);
		lua_insert(L, 1);
		failed = lua_pcall(L, 0, 0, 1);
	}
	if (failed)
		fprintf(stderr, "%s: %s\n", name, lua_tostring(L, -1));
	lua_settop(L, 0);
	return failed;
}

static void set_arg(lua_State *L, int argc, char **argv, int script)
{
	lua_newtable(L);
	for (int i = 0; i < argc; i++) {
		lua_pushstring(L, argv[i]);
		lua_rawseti(L, -2, i - script);
	}
	lua_setglobal(L, "arg");
}

int main(int argc, char **argv)
{
	const char *text = argc > 2 && strcmp(argv[1], "-e") == 0 ? argv[2] : NULL;
	int script = text ? 3 : 1, failed = 0;
	lua_State *L = luaL_newstate();
	const struct sigaction act = {.sa_handler = on_interrupt};

	interrupted = L;
	sigaction(SIGINT, &act, NULL);
	luaL_openlibs(L);
	set_arg(L, argc, argv, script);
	if (text)
		failed = run(L, luaL_loadbuffer(L, text, strlen(text), "=(command line)"), argv[0]);
	if (!failed && script < argc)
		failed = run(L, luaL_loadfile(L, argv[script]), argv[0]);
	lua_close(L);
	return failed ? 1 : 0;
}
