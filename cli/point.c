/* SPDX-License-Identifier: MIT */
#include "point.h"

#include <string.h>

#include "message.h"

#define KNOWN_MAX 31

const struct timens_point *point_find(const char *name)
{
	size_t count;
	const struct timens_point *points = timens_points(&count);

	for (size_t i = 0; i < count; i++)
		if (!strcmp(points[i].name, name))
			return &points[i];
	return NULL;
}

int point_complain(const struct command *self, const char *word)
{
	size_t count;
	const struct timens_point *points = timens_points(&count);
	const char *known[KNOWN_MAX + 1] = {NULL};

	for (size_t i = 0; i < count && i < KNOWN_MAX; i++)
		known[i] = points[i].name;
	return complain_unknown(self, &(struct vocabulary){"point", "", known, "timens points"},
				word);
}
