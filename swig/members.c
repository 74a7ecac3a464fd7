/* SPDX-License-Identifier: MIT */
#include "members.h"

#include <stddef.h>
#include <string.h>

/* clang-format off */
#define AT(name)      offsetof(struct timens_spawn_args, name)
#define SIZE(what)    sizeof(((struct timens_spawn_args *)0)->what)
#define STRING(name)  {#name, BIND_STRING, AT(name), 0, 0}
#define STRINGS(name) {#name, BIND_STRINGS, AT(name), 0, 0}
#define NUMBER(name)  {#name, BIND_NUMBER, AT(name), SIZE(name), 0}
#define LIST(name)    {#name, BIND_LIST, AT(name), SIZE(name[0]), AT(name##_count)}

const struct bind_member bind_members[] = {
	STRING(file),
	STRINGS(argv),
	STRINGS(env),
	STRING(cwd),
	/* A struct, whose size the core looks at. */
	{"offsets", BIND_LIST, AT(offsets), 1, AT(offsets_size)},
	LIST(fds),
	NUMBER(flags),
	NUMBER(sigdefault),
	NUMBER(userns),
	NUMBER(route),
	NUMBER(sigignore),
	NUMBER(sigmask),
	LIST(rlimits),
	LIST(groups),
	LIST(uid_maps),
	LIST(gid_maps),
	NUMBER(uid),
	NUMBER(gid),
	NUMBER(umask),
	NUMBER(pgroup),
	NUMBER(tty),
	NUMBER(cgroup),
	NUMBER(nice),
	{NULL, BIND_NUMBER, 0, 0, 0},
};
/* clang-format on */

_Static_assert(sizeof(struct timens_spawn_args) == TIMENS_SPAWN_ARGS_SIZE_VER0,
	       "a new member needs a line above");

static void put(struct timens_spawn_args *args, size_t at, const void *from, size_t size)
{
	memcpy((char *)args + at, from, size);
}

bool bind_set_number(struct timens_spawn_args *args, const struct bind_member *m, int64_t number)
{
	uint32_t half = (uint32_t)number;

	if (m->size == sizeof number) {
		put(args, m->at, &number, sizeof number);
		return true;
	}
	if (number < INT32_MIN || number > UINT32_MAX)
		return false;
	put(args, m->at, &half, sizeof half);
	return true;
}

bool bind_set_bytes(struct timens_spawn_args *args, const struct bind_member *m, const void *bytes,
		    size_t size)
{
	uint64_t count;

	if (m->kind == BIND_NUMBER) {
		if (size != m->size)
			return false;
		put(args, m->at, bytes, size);
		return true;
	}
	count = size / m->size;
	if (size % m->size)
		return false;
	put(args, m->at, &bytes, sizeof bytes);
	put(args, m->count_at, &count, sizeof count);
	return true;
}

void bind_set_pointer(struct timens_spawn_args *args, const struct bind_member *m,
		      const void *pointer)
{
	put(args, m->at, &pointer, sizeof pointer);
}
