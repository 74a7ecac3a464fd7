/* SPDX-License-Identifier: MIT */
/* The Lua module timens.core. */
%module core

%{
#include <errno.h>

#include "lua_glue.h"

/* A module is what `require` returns. SWIG also sets globals (swig_type, swig_equals and the module
 * by its last name, "core"); this lets them go to a table that nobody keeps. */
#undef lua_pushglobaltable
#define lua_pushglobaltable(L) lua_newtable(L)
%}

#define TAKE_STRING(string, name) string = (char *)glue_take_string(L, $input, #name);
#define TAKE_BYTES(pointer, size, name) pointer = (void *)glue_take_bytes(L, $input, #name, &size);
#define TAKE_ARGS(args) glue_take_args(L, $input, &args);
#define GIVE_INTEGER(value) lua_pushinteger(L, (lua_Integer)(value)); SWIG_arg++;
#define GIVE_STRING(text) lua_pushstring(L, text); SWIG_arg++;
#define GIVE_FAILURE(error) SWIG_arg += glue_push_failure(L, error);

/* SWIG's own go through double, lose what is over 2^53, and make anything of what does not fit. */
%typemap(in) int64_t, uint64_t { $1 = ($1_ltype)glue_take_integer(L, $input); }
%typemap(in) int, unsigned { $1 = ($1_ltype)glue_take_half(L, $input); }
%typemap(out) timens_result {}

%include "typemaps.i"

/* In place of the shared ones: see glue_take_process. */
%typemap(in, numinputs = 1) struct timens_process *OUT (struct timens_process out,
							 struct glue_process to),
			    int *OUT (int out, struct glue_process to) {
	to = glue_take_process(L, $input);
	$1 = &out;
}
%typemap(argout) struct timens_process *OUT {
	if (result >= 0)
		glue_give_process(L, to$argnum, $1);
}
%typemap(argout) int *OUT {
	if (result >= 0)
		glue_give_status(L, to$argnum, *$1);
}

/* In place of the shared one: a call that has nothing else to give answers true. The error is the
 * last argument, so the other results are there by now. */
%typemap(argout) struct timens_error *ERROR {
	if (result < 0) {
		GIVE_FAILURE($1)
	} else if (SWIG_arg == 0) {
		lua_pushboolean(L, 1);
		SWIG_arg++;
	}
}

%include "timens.i"

/* What the layer above tells apart. */
%constant int ECHILD = ECHILD;
%constant int EINTR = EINTR;
%constant int EINVAL = EINVAL;
%constant int ENOENT = ENOENT;
%constant int EPIPE = EPIPE;
%constant int ERANGE = ERANGE;
%constant int ESRCH = ESRCH;
%constant int ETIMEDOUT = ETIMEDOUT;

/* Pipes, descriptors and signals as Lua has them: functions of the C API of Lua itself. */
%native(pack) int glue_pack(lua_State *L);
%native(pack_signals) int glue_pack_signals(lua_State *L);
%native(pipe) int glue_pipe(lua_State *L);
%native(fileno) int glue_fileno(lua_State *L);
%native(flush) int glue_flush(lua_State *L);
%native(pending) int glue_pending(lua_State *L);
%native(read_ahead) int glue_read_ahead(lua_State *L);
%native(unblock) int glue_unblock(lua_State *L);
%native(close) int glue_close(lua_State *L);
%native(open_folder) int glue_open_folder(lua_State *L);
%native(poll) int glue_poll(lua_State *L);
%native(read_some) int glue_read_some(lua_State *L);
%native(write_some) int glue_write_some(lua_State *L);
%native(monotonic) int glue_monotonic(lua_State *L);
%native(signals) int glue_signals(lua_State *L);
%native(limits) int glue_limits(lua_State *L);
%native(user_id) int glue_user_id(lua_State *L);
%native(group_id) int glue_group_id(lua_State *L);
%native(getpid) int glue_getpid(lua_State *L);
%native(fork) int glue_fork(lua_State *L);
%native(kill_group) int glue_kill_group(lua_State *L);
%native(leave) int glue_leave(lua_State *L);
