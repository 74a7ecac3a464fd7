/* SPDX-License-Identifier: MIT */
/*
 * The members of struct timens_spawn_args by their names, so that a language hands over what it has
 * been given as a table (dict, hash), and nothing between the two has to know a new one.
 */
#ifndef TIMENS_MEMBERS_H
#define TIMENS_MEMBERS_H

#include "timens.h"

#include <stdbool.h>

enum bind_kind {
	BIND_STRING,
	BIND_STRINGS, /* an array that ends with NULL */
	BIND_LIST,    /* the bytes of its elements, and how many there are */
	BIND_NUMBER,  /* or its bytes, where a language has no numbers that large */
};

struct bind_member {
	const char *name;
	enum bind_kind kind;
	size_t at, size; /* `size`: of the number, or of one element of the list */
	size_t count_at; /* of the list */
};

/* All but `pipes`: the languages make their own. Ends with the name NULL. */
extern const struct bind_member bind_members[];

/* False: it has another size, and nothing is set. What pointers lead to is the caller's to keep. */
bool bind_set_number(struct timens_spawn_args *args, const struct bind_member *m, int64_t number);
bool bind_set_bytes(struct timens_spawn_args *args, const struct bind_member *m, const void *bytes,
		    size_t size);
void bind_set_pointer(struct timens_spawn_args *args, const struct bind_member *m,
		      const void *pointer);

#endif
