/* SPDX-License-Identifier: MIT */
#include "lua_glue.h"
#include "members.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

/* -- Arguments -- */

const char *glue_take_bytes(lua_State *L, int index, const char *name, size_t *size)
{
	*size = 0;
	if (lua_isnoneornil(L, index))
		return NULL;
	if (lua_type(L, index) != LUA_TSTRING)
		luaL_error(L, "%s: expected a string, got %s", name, luaL_typename(L, index));
	return lua_tolstring(L, index, size);
}

const char *glue_take_string(lua_State *L, int index, const char *name)
{
	size_t size;
	const char *string = glue_take_bytes(L, index, name, &size);

	if (string && strlen(string) != size)
		luaL_error(L, "%s: has a zero byte inside", name);
	return string;
}

const char *glue_need_string(lua_State *L, int index, const char *name)
{
	luaL_checktype(L, index, LUA_TSTRING);
	return glue_take_string(L, index, name);
}

int64_t glue_take_integer(lua_State *L, int index)
{
#if LUA_VERSION_NUM >= 503
	return luaL_checkinteger(L, index);
#else
	/* Their luaL_checkinteger cuts a fraction off, and gives anything for what does not fit. */
	const lua_Number limit = 9223372036854775808.0; /* 2^63 */
	lua_Number number = luaL_checknumber(L, index);

	luaL_argcheck(L,
		      number >= -limit && number < limit && number == (lua_Number)(int64_t)number,
		      index, "is no integer of 64 bits");
	return (int64_t)number;
#endif
}

int64_t glue_take_half(lua_State *L, int index)
{
	int64_t number = glue_take_integer(L, index);

	luaL_argcheck(L, number >= INT32_MIN && number <= UINT32_MAX, index,
		      "does not fit into 32 bits");
	return number;
}

/* -- The arguments of a start -- */

/* The table on top of the stack; the array takes its place. */
static const char *const *take_strings(lua_State *L, const char *name)
{
	const char **array;
	int table = lua_gettop(L);
	size_t count;

	luaL_checktype(L, table, LUA_TTABLE);
	count = lua_rawlen(L, table);
	luaL_argcheck(L, count < INT_MAX, table, "is too long");
	array = lua_newuserdatauv(L, (count + 1) * sizeof *array, 1);
	for (int i = 1; i <= (int)count; i++) {
		lua_rawgeti(L, table, i);
		if (lua_type(L, -1) != LUA_TSTRING)
			luaL_error(L, "%s: element %d is not a string but a %s", name, i,
				   luaL_typename(L, -1));
		array[i - 1] = glue_take_string(L, -1, name);
		lua_pop(L, 1);
	}
	array[count] = NULL;
	lua_pushvalue(L, table);
	lua_setiuservalue(L, -2, 1);
	lua_replace(L, table);
	return array;
}

static void take_number(lua_State *L, const struct bind_member *m, struct timens_spawn_args *args)
{
	size_t size;
	const char *bytes = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &size) : NULL;

	if (bytes ? !bind_set_bytes(args, m, bytes, size)
		  : !bind_set_number(args, m, glue_take_integer(L, -1)))
		luaL_error(L, "%s: does not fit", m->name);
}

static void take_list(lua_State *L, const struct bind_member *m, struct timens_spawn_args *args)
{
	size_t size;
	const char *bytes = glue_take_bytes(L, -1, m->name, &size);

	if (!bind_set_bytes(args, m, bytes, size))
		luaL_error(L, "%s: %d bytes are no list", m->name, (int)size);
}

/* The value on top of the stack, where an array stays. */
static void take_member(lua_State *L, const struct bind_member *m, struct timens_spawn_args *args)
{
	if (m->kind == BIND_STRINGS) {
		bind_set_pointer(args, m, take_strings(L, m->name));
		return;
	}
	if (m->kind == BIND_STRING)
		bind_set_pointer(args, m, glue_take_string(L, -1, m->name));
	else if (m->kind == BIND_LIST)
		take_list(L, m, args);
	else
		take_number(L, m, args);
	lua_pop(L, 1);
}

void glue_take_args(lua_State *L, int index, struct timens_spawn_args *args)
{
	luaL_checktype(L, index, LUA_TTABLE);
	for (const struct bind_member *m = bind_members; m->name; m++) {
		lua_pushstring(L, m->name);
		lua_rawget(L, index);
		if (lua_isnil(L, -1))
			lua_pop(L, 1);
		else
			take_member(L, m, args);
	}
}

/* -- The results of a start -- */

static const char *const process_names[] = {"pid", "pidfd", "route", "userns", "status"};

enum { PID, PIDFD, ROUTE, USERNS, STATUS, PROCESS_NAMES };

struct glue_process glue_take_process(lua_State *L, int index)
{
	luaL_checktype(L, index, LUA_TTABLE);
	luaL_checkstack(L, PROCESS_NAMES + 2, "too many results");
	for (int i = 0; i < PROCESS_NAMES; i++)
		lua_pushstring(L, process_names[i]);
	return (struct glue_process){index, lua_gettop(L) - PROCESS_NAMES + 1};
}

static void set_number(lua_State *L, struct glue_process to, int name, lua_Integer number)
{
	lua_pushvalue(L, to.names + name);
	lua_pushinteger(L, number);
	lua_rawset(L, to.table);
}

static void forget_pidfd(lua_State *L, struct glue_process to)
{
	lua_pushvalue(L, to.names + PIDFD);
	lua_pushnil(L);
	lua_rawset(L, to.table);
}

void glue_give_process(lua_State *L, struct glue_process to, const struct timens_process *process)
{
	set_number(L, to, PID, process->pid);
	set_number(L, to, PIDFD, process->pidfd);
	set_number(L, to, ROUTE, process->route);
	set_number(L, to, USERNS, process->userns);
}

void glue_give_status(lua_State *L, struct glue_process to, int status)
{
	set_number(L, to, STATUS, status);
	forget_pidfd(L, to);
}

int glue_close(lua_State *L)
{
	struct glue_process process = glue_take_process(L, 1);
	int fd;

	lua_pushvalue(L, process.names + PIDFD);
	lua_rawget(L, process.table);
	fd = (int)luaL_checkinteger(L, -1);
	forget_pidfd(L, process);
	close(fd);
	return 0;
}

/* -- Failures -- */

int glue_push_failure(lua_State *L, const struct timens_error *error)
{
	char text[TIMENS_ERROR_TEXT_MAX];

	timens_error_text(error, text, sizeof text);
	lua_pushnil(L);
	lua_pushstring(L, text);
	lua_pushinteger(L, error->errnum);
	lua_pushstring(L, timens_stage_name(error->stage));
	return 4;
}

int glue_push_errno(lua_State *L)
{
	int errnum = errno;

	lua_pushnil(L);
	lua_pushstring(L, strerror(errnum));
	lua_pushinteger(L, errnum);
	return 3;
}

/* -- Numbers as the bytes of C structs -- */

/* A float only where it stands for "without limit". */
static uint64_t take_unsigned(lua_State *L, int index)
{
	if (lua_tonumber(L, index) == (lua_Number)INFINITY)
		return UINT64_MAX;
	return (uint64_t)glue_take_integer(L, index);
}

static char *append(char *at, const void *bytes, size_t size)
{
	memcpy(at, bytes, size);
	return at + size;
}

#define PACK_MAX 32

int glue_pack(lua_State *L)
{
	const char *format = luaL_checkstring(L, 1);
	char bytes[PACK_MAX * sizeof(uint64_t)], *at = bytes;

	luaL_argcheck(L, strlen(format) <= PACK_MAX, 1, "is too long");
	for (int i = 0; format[i]; i++) {
		if (format[i] == '8') {
			uint64_t value = take_unsigned(L, i + 2);

			at = append(at, &value, sizeof value);
		} else {
			uint32_t half = (uint32_t)glue_take_half(L, i + 2);

			at = append(at, &half, sizeof half);
		}
	}
	lua_pushlstring(L, bytes, (size_t)(at - bytes));
	return 1;
}

int glue_pack_signals(lua_State *L)
{
	uint64_t set = 0;

	luaL_checktype(L, 1, LUA_TTABLE);
	for (int i = 1; i <= (int)lua_rawlen(L, 1); i++) {
		int64_t number;

		lua_rawgeti(L, 1, i);
		number = glue_take_integer(L, -1);
		luaL_argcheck(L, number >= 1 && number <= 64, 1, "has a number that is no signal");
		set |= UINT64_C(1) << (number - 1);
		lua_pop(L, 1);
	}
	lua_pushlstring(L, (const char *)&set, sizeof set);
	return 1;
}

/* -- The module -- */

/* SWIG links its static tables when the first interpreter opens the module; two of them at once, in
 * threads, would link them twice. An error must not leave the lock behind, so it is caught here. */
int luaopen_timens_core(lua_State *L)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	int failed;

	lua_pushcfunction(L, glue_open_module);
	pthread_mutex_lock(&lock);
	failed = lua_pcall(L, 0, 1, 0);
	pthread_mutex_unlock(&lock);
	return failed ? lua_error(L) : 1;
}
