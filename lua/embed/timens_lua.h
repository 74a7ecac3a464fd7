/* SPDX-License-Identifier: MIT */
/*
 * timens in a program that has an interpreter of its own: libtimens_lua.a holds the C library, the
 * Lua layer, and this.
 *
 *	lua_State *L = luaL_newstate();
 *	luaL_openlibs(L);
 *	luaL_requiref(L, "timens", luaopen_timens, 0);
 *
 * From then on `require "timens"` finds it in that state, whatever package.path says. No state
 * shares anything with another: each may be used by a thread of its own. When one is closed, the
 * programs it has started and not waited for are killed and reaped.
 *
 * It is built with the headers of one version of Lua, and is for that one; whether its Lua was
 * compiled as C or as C++ is all the same. Link it before liblua, with -lpthread.
 */
#ifndef TIMENS_LUA_H
#define TIMENS_LUA_H

#ifdef __cplusplus
extern "C" {
#endif

struct lua_State;

/* A lua_CFunction that returns what `require "timens"` does. The state must have the libraries
 * base, package, table, string, math, io and debug: it raises an error that names the missing
 * one. In Lua 5.1, which has no luaL_requiref: push and call it. */
int luaopen_timens(struct lua_State *L);

#ifdef __cplusplus
}
#endif
#endif
