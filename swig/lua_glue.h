/* SPDX-License-Identifier: MIT */
/* What timens.core has of its own: arguments and failures as Lua has them, and the few system calls
 * that the layer above needs and Lua lacks. */
#ifndef TIMENS_LUA_GLUE_H
#define TIMENS_LUA_GLUE_H

#include "lua_compat.h"
#include "timens.h"

/* From a string at `index`, which the stack keeps alive; NULL for nil. Raise Lua errors. */
const char *glue_take_bytes(lua_State *L, int index, const char *name, size_t *size);
const char *glue_take_string(lua_State *L, int index, const char *name);
/* An error for nil too. */
const char *glue_need_string(lua_State *L, int index, const char *name);

/* From a table of the members' names, which keeps strings and bytes alive. Arrays are userdata that
 * stay on the stack, so that an error raised later does not leak them. */
void glue_take_args(lua_State *L, int index, struct timens_spawn_args *args);

/*
 * What a call has made (a child, a descriptor) must not be lost on the way to a variable of Lua: at
 * the next instruction of Lua a debug hook may raise an error, as lua(1)'s does for Ctrl-C, and
 * nobody would know of the child. So such results are written by C into the table of the process,
 * which has a finalizer by then, under names that it has by then: that takes no memory.
 */
struct glue_process {
	int table, names; /* indices */
};

/* The table at `index`; leaves the names on the stack. Call it before there is a result. */
struct glue_process glue_take_process(lua_State *L, int index);
void glue_give_process(lua_State *L, struct glue_process to, const struct timens_process *process);
/* Its status; it has no pidfd from then on. */
void glue_give_status(lua_State *L, struct glue_process to, int status);

/* Any integer of 64 bits, however this Lua keeps its numbers; an error for anything else. */
int64_t glue_take_integer(lua_State *L, int index);
/* The same, of 32 bits, with a sign or without. */
int64_t glue_take_half(lua_State *L, int index);

/* nil, message, errno, stage: their number. */
int glue_push_failure(lua_State *L, const struct timens_error *error);
/* nil, message, errno, of errno itself: their number. */
int glue_push_errno(lua_State *L);

/* pack(sizes, …) -> the bytes of that many integers, as C has them: "488" is for one of 4 bytes and
 * two of 8. math.huge stands for UINT64_MAX. */
int glue_pack(lua_State *L);
/* pack_signals{2, 15} -> the bytes of a set as timens.h has it: bit N-1 of a uint64_t. */
int glue_pack_signals(lua_State *L);

/* pipe() -> reader, writer, Lua files | nil, message, errno. Close-on-exec. Each has one user
 * value. */
int glue_pipe(lua_State *L);
/* fileno(file) -> its descriptor; an error if it is closed or no file. */
int glue_fileno(lua_State *L);
/* flush(file) -> true | nil, message, errno. Raises no SIGPIPE. */
int glue_flush(lua_State *L);
/* pending(file) -> how many bytes it has in its buffer and has not written; read_ahead(file) ->
 * what it has read and not given yet, a string. */
int glue_pending(lua_State *L);
int glue_read_ahead(lua_State *L);
/* unblock(file): from now on a write takes what there is room for, and does not wait. */
int glue_unblock(lua_State *L);
/* close(process): its pidfd, which it has no more then. */
int glue_close(lua_State *L);
/* open_folder(path) -> a Lua file, for its descriptor | nil, message, errno. */
int glue_open_folder(lua_State *L);

/* poll(writer, reader, reader, nanoseconds) -> a boolean each: ready | nil, message, errno. Takes
 * descriptors, -1 for none; negative nanoseconds: no limit. A signal counts as the end of the
 * time, so that the caller gets to look around. */
int glue_poll(lua_State *L);
/* read_some(fd) -> a string, "" at the end | nil, message, errno. */
int glue_read_some(lua_State *L);
/* write_some(fd, text, start) -> how many bytes from `start` (from 1) are written, as many as there
 * is room for; the file has been unblocked | nil, message, errno: EPIPE if nobody reads any
 * more. */
int glue_write_some(lua_State *L);

/* monotonic() -> CLOCK_MONOTONIC in nanoseconds. */
int glue_monotonic(lua_State *L);
/* signals() -> {HUP = 1, …}; limits() -> {NOFILE = 7, …}. */
int glue_signals(lua_State *L);
int glue_limits(lua_State *L);

/* user_id(name), group_id(name) -> its number | nil, message, errno: ENOENT if there is none. */
int glue_user_id(lua_State *L);
int glue_group_id(lua_State *L);

/* getpid(). */
int glue_getpid(lua_State *L);
/* fork(leads, process) -> 0 in the copy, which leads a process group of its own if that is true |
 * its pid, which is in the process too, as its pidfd is | nil, message, errno. */
int glue_fork(lua_State *L);
/* kill_group(pid): the leader, which has not been waited for, and all that it has started; nothing
 * if it leads none. */
int glue_kill_group(lua_State *L);
/* leave(status) ends a copy of fork's; nothing but its buffers is cleared up. */
int glue_leave(lua_State *L);

/* SWIG names what it makes after the module alone; require "timens.core" looks for the whole
 * path. */
#define luaopen_core	  glue_open_module
#define luaopen_core_user glue_open_user
int glue_open_module(lua_State *L);
__attribute__((visibility("default"))) int luaopen_timens_core(lua_State *L);

#endif
