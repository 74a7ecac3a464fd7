/* SPDX-License-Identifier: MIT */
#include "timens_lua.h"

#include "lua_glue.h"

/* A file of the Lua layer, as the build puts it into layer.h. */
struct chunk {
	const char *module;
	const char *name; /* of the file, in messages */
	const unsigned char *text;
	size_t size;
};

#include "layer.h"

#define LAYER_SIZE (sizeof layer / sizeof *layer)

static int open_chunk(lua_State *L)
{
	const struct chunk *chunk = lua_touserdata(L, lua_upvalueindex(1));

	if (luaL_loadbuffer(L, (const char *)chunk->text, chunk->size, chunk->name) != 0)
		return lua_error(L);
	lua_pushstring(L, chunk->module);
	lua_call(L, 1, 1);
	return 1;
}

static void check_library(lua_State *L, const char *global, const char *name)
{
	lua_getglobal(L, global);
	if (!lua_istable(L, -1))
		luaL_error(L, "timens needs the library '%s': call luaL_openlibs first", name);
	lua_pop(L, 1);
}

static void check_libraries(lua_State *L)
{
	static const char *const names[] = {"package", "table", "string", "math", "io", "debug"};

	check_library(L, "_G", "base");
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		check_library(L, names[i], names[i]);
}

/* All of it goes to package.preload, so that the chunks find each other. */
int luaopen_timens(lua_State *L)
{
	check_libraries(L);
	lua_getglobal(L, "package");
	lua_getfield(L, -1, "preload");
	for (size_t i = 0; i < LAYER_SIZE; i++) {
		lua_pushlightuserdata(L, (void *)&layer[i]);
		lua_pushcclosure(L, open_chunk, 1);
		lua_setfield(L, -2, layer[i].module);
	}
	lua_pushcfunction(L, luaopen_timens_core);
	lua_setfield(L, -2, "timens.core");
	lua_pop(L, 2);
	lua_getglobal(L, "require");
	lua_pushliteral(L, "timens");
	lua_call(L, 1, 1);
	return 1;
}
