/* SPDX-License-Identifier: MIT */
/* Interpreters of this program's own, with all of timens compiled in. */
#include "helpers.h"

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <pthread.h>

#include "timens_lua.h"

#define THREADS 8

/* Of the program `clocks`. */
static char program[PATH_MAX];

static lua_State *open_state(lua_State *L)
{
	assert_non_null(L);
	luaL_openlibs(L);
	/* No file may be found: what runs is what was compiled in. */
	assert_int_equal(luaL_dostring(L, "package.path, package.cpath = '', ''"), LUA_OK);
	luaL_requiref(L, "timens", luaopen_timens, 0);
	lua_pop(L, 1);
	return L;
}

static lua_State *new_state(void)
{
	return open_state(luaL_newstate());
}

/* Runs a text with the path of the program `clocks` as its argument; what it raises, or NULL. */
static const char *run(lua_State *L, const char *text)
{
	int failed = luaL_loadbuffer(L, text, strlen(text), "=script");

	lua_pushstring(L, program);
	if (!failed)
		failed = lua_pcall(L, 1, 0, 0);
	return failed ? lua_tostring(L, -1) : NULL;
}

static void assert_script(lua_State *L, const char *text)
{
	const char *message = run(L, text);

	if (message)
		print_error("%s\n", message);
	assert_null(message);
}

static void requiref_and_require(void **state)
{
	lua_State *L = new_state();

	assert_script(
		L, "assert(timens == nil)\n"
		   "local timens = require 'timens'\n"
		   "assert(timens.VERSION and package.loaded.timens == timens)\n"
		   "local result = assert(timens.run({...}, {boottime = 86400, capture = true}))\n"
		   "assert(result.ok and result.stdout:find 'boottime')\n"
		   "local _, message = pcall(timens.spawn, {'true'}, {bootime = 1})\n"
		   "assert(message:find(\"did you mean 'boottime'\", 1, true), message)\n"
		   "local _, message = pcall(function() timens.spawn({}) end)\n"
		   "assert(message:find '^script:8: argv: is empty', message)");
	/* A second time gives the same. */
	lua_getglobal(L, "require");
	lua_pushliteral(L, "timens");
	lua_call(L, 1, 1);
	luaL_requiref(L, "timens", luaopen_timens, 1);
	assert_true(lua_rawequal(L, -1, -2));
	lua_close(L);
}

static void missing_library(void **state)
{
	lua_State *L = luaL_newstate();

	lua_pushcfunction(L, luaopen_timens);
	assert_int_not_equal(lua_pcall(L, 0, 1, 0), LUA_OK);
	assert_contains(lua_tostring(L, -1), "needs the library 'base'");
	luaL_requiref(L, "_G", luaopen_base, 1);
	luaL_requiref(L, "package", luaopen_package, 1);
	luaL_requiref(L, "table", luaopen_table, 1);
	lua_pushcfunction(L, luaopen_timens);
	assert_int_not_equal(lua_pcall(L, 0, 1, 0), LUA_OK);
	assert_contains(lua_tostring(L, -1), "needs the library 'string'");
	lua_close(L);
}

/* Each its own interpreter, all at once: the first thing that they do is to open the module. */
static void *work(void *arg)
{
	static const char script[] =
		"local timens, seconds = require 'timens', %d\n"
		"local base = timens.read().boottime.sec\n"
		"for i = 1, 20 do\n"
		"  local result = assert(timens.run({...}, {boottime = seconds + i, capture = true,"
		" input = ('x'):rep(100)}))\n"
		"  local shown = result.stdout:match 'boottime +(%%d+)'\n"
		"  assert(tonumber(shown) == base + seconds + i, result.stdout)\n"
		"  local ok, _, errno, stage = timens.spawn({'/no/such'}, {boottime = seconds})\n"
		"  assert(ok == nil and errno == 2 and stage == 'exec')\n"
		"  collectgarbage()\n"
		"end\n";
	char text[sizeof script + 16];
	lua_State *L = luaL_newstate();
	const char *message;

	snprintf(text, sizeof text, script, 86400 * *(int *)arg);
	luaL_openlibs(L);
	luaL_requiref(L, "timens", luaopen_timens, 0);
	message = run(L, text);
	if (message)
		fprintf(stderr, "thread %d: %s\n", *(int *)arg, message);
	lua_close(L);
	return message ? arg : NULL;
}

static void states_in_threads(void **state)
{
	int before = count_fds(), numbers[THREADS];
	pthread_t threads[THREADS];
	void *failed = NULL;

	for (int i = 0; i < THREADS; i++) {
		numbers[i] = i + 1;
		assert_int_equal(pthread_create(&threads[i], NULL, work, &numbers[i]), 0);
	}
	for (int i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(threads[i], &failed), 0);
		assert_null(failed);
	}
	assert_int_equal(count_fds(), before);
	assert_int_equal(count_children(), 0);
}

static void closed_in_the_middle(void **state)
{
	int before = count_fds();
	lua_State *L = new_state(), *other = new_state();

	assert_script(other, "P = require('timens').spawn({'sleep', '1000'}, {boottime = 1})");
	assert_script(L, "local timens = require 'timens'\n"
			 "local opts = {boottime = 1, stdin = timens.PIPE, stdout = timens.PIPE}\n"
			 "KEPT = assert(timens.spawn({'sleep', '1000'}, opts))\n"
			 "FILE = assert(timens.spawn({'cat'}, opts)).stdin\n"
			 "FILE:write(('x'):rep(5000), 'unwritten')\n"
			 "SUSPENDED = coroutine.create(function()\n"
			 "  local p <close> = assert(timens.spawn({'sleep', '1000'}, opts))\n"
			 "  coroutine.yield()\n"
			 "end)\n"
			 "assert(coroutine.resume(SUSPENDED))\n"
			 "assert(timens.spawn({'sleep', '1000'}, opts))");
	assert_int_equal(count_children(), 5);
	lua_close(L);
	assert_int_equal(count_children(), 1);
	assert_script(other, "assert(select(2, P:poll()) == 'running')");
	lua_close(other);
	assert_int_equal(count_children(), 0);
	assert_int_equal(count_fds(), before);
}

/* So many more allocations, and none from then on; negative: no limit. */
static long allocations_left = -1;

static void *allocate(void *ud, void *old, size_t old_size, size_t size)
{
	if (size == 0) {
		free(old);
		return NULL;
	}
	if (!old || size > old_size) {
		if (allocations_left == 0)
			return NULL;
		if (allocations_left > 0)
			allocations_left--;
	}
	return realloc(old, size);
}

/* Runs a text, as often as it takes, with one allocation more each time until it has enough. */
static void run_out_of_memory(const char *text)
{
	int before = count_fds(), failed;
	long count = 0;

	do {
		lua_State *L = open_state(lua_newstate(allocate, NULL));

		assert_int_equal(luaL_loadbuffer(L, text, strlen(text), "=script"), LUA_OK);
		lua_pushstring(L, program);
		allocations_left = count++;
		failed = lua_pcall(L, 1, 0, 0);
		allocations_left = -1;
		if (failed && failed != LUA_ERRMEM)
			print_error("after %ld allocations: %s\n", count, lua_tostring(L, -1));
		assert_true(!failed || failed == LUA_ERRMEM);
		lua_close(L);
		assert_int_equal(count_children(), 0);
		assert_int_equal(count_fds(), before);
	} while (failed);
	assert_true(count > 20);
}

static void out_of_memory_leaves_nothing(void **state)
{
	run_out_of_memory("local timens, program = require('timens'), ...\n"
			  "local opts = {boottime = 1, stdin = timens.PIPE, stdout = timens.PIPE}\n"
			  "assert(timens.spawn({'sleep', '1000'}, opts))");
	run_out_of_memory("local timens, program = require('timens'), ...\n"
			  "local opts = {boottime = 1, capture = true, input = 'x'}\n"
			  "assert(timens.run({program, 'nothing'}, opts))");
}

static int find_program(void **state)
{
	if (need_programs(state) < 0)
		return -1;
	snprintf(program, sizeof program, "%s", test_program("clocks"));
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		/* First, while the module has not been opened. */
		cmocka_unit_test(states_in_threads),
		cmocka_unit_test(requiref_and_require),
		cmocka_unit_test(missing_library),
		cmocka_unit_test(closed_in_the_middle),
		cmocka_unit_test(out_of_memory_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, find_program, NULL);
}
