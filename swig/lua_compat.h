/* SPDX-License-Identifier: MIT */
/* What the C API of Lua 5.4 has and older ones have not: here, so that the code is for 5.4. */
#ifndef TIMENS_LUA_COMPAT_H
#define TIMENS_LUA_COMPAT_H

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#if LUA_VERSION_NUM < 504
/* They have one user value always. */
#define lua_newuserdatauv(L, size, values) lua_newuserdata(L, size)
#define lua_setiuservalue(L, index, n)	   lua_setuservalue(L, index)
#endif

#if LUA_VERSION_NUM < 502
#include <stdio.h>

#define lua_setuservalue	   lua_setfenv
#define lua_rawlen		   lua_objlen
#define luaL_setmetatable(L, name) (luaL_getmetatable(L, name), lua_setmetatable(L, -2))

/* Of a file this much is alike in Lua 5.1 and LuaJIT, which differ in what comes after it. A closed
 * one has no stream. */
typedef struct {
	FILE *f;
} luaL_Stream;

#define glue_is_closed(stream) (!(stream)->f)
#else
#define glue_is_closed(stream) (!(stream)->closef)
#endif

#endif
