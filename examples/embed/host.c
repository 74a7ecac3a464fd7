/* SPDX-License-Identifier: MIT */
/*
 * A program with interpreters of its own, one in each of several threads, that know timens without
 * any file of it: host SCRIPT [THREADS]. The script gets the thread's number as its argument.
 */
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "timens_lua.h"

#define THREADS_MAX 64

struct worker {
	pthread_t thread;
	const char *script;
	int number;
	int failed;
};

static void *work(void *arg)
{
	struct worker *worker = arg;
	lua_State *L = luaL_newstate();

	if (!L)
		return NULL;
	luaL_openlibs(L);
	luaL_requiref(L, "timens", luaopen_timens, 0);
	lua_pop(L, 1);
	worker->failed = luaL_loadfile(L, worker->script);
	if (!worker->failed) {
		lua_pushinteger(L, worker->number);
		worker->failed = lua_pcall(L, 1, 0, 0);
	}
	if (worker->failed)
		fprintf(stderr, "thread %d: %s\n", worker->number, lua_tostring(L, -1));
	/* What the script has started and not waited for ends here. */
	lua_close(L);
	return NULL;
}

int main(int argc, char **argv)
{
	struct worker workers[THREADS_MAX] = {0};
	int count = argc > 2 ? atoi(argv[2]) : 1, failed = 0;

	if (argc < 2 || count < 1 || count > THREADS_MAX) {
		fprintf(stderr, "usage: host SCRIPT [THREADS]\n");
		return 2;
	}
	for (int i = 0; i < count; i++) {
		workers[i] = (struct worker){.script = argv[1], .number = i + 1, .failed = 1};
		if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0)
			abort();
	}
	for (int i = 0; i < count; i++) {
		pthread_join(workers[i].thread, NULL);
		failed |= workers[i].failed;
	}
	return failed ? 1 : 0;
}
