/* SPDX-License-Identifier: MIT */
#include "cases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct bench_case bench_cases[] = {
	{"posix_spawn", peer_posix_spawn},
	{"posix_spawn, closing", peer_posix_spawn_closing},
	{"clone(VM|VFORK), exec", peer_bare_clone},
	{"fork, unshare, setns", peer_fork_setns},
	{"timens_spawn, no namespace", start_plain},
	{"timens_spawn", start_clone3},
	{"timens_spawn, route vfork", start_vfork},
	{"timens_spawn, route fork", start_fork},
	{"timens_spawn, closing", start_closing},
	{"timens_spawn, options", start_options},
	{NULL, NULL},
};

start_fn *find_case(const char *name)
{
	for (const struct bench_case *c = bench_cases; c->name; c++)
		if (!strcmp(c->name, name))
			return c->start;
	fprintf(stderr, "bench_worker: no case is called '%s'\n", name);
	exit(2);
}

void check(long r, const char *what)
{
	if (r >= 0)
		return;
	fprintf(stderr, "%s: %s\n", what, strerror((int)-r));
	exit(1);
}
