/* SPDX-License-Identifier: MIT */
#ifndef TIMENS_CLI_POINT_H
#define TIMENS_CLI_POINT_H

#include "command.h"

/* The point of that name; NULL: there is none. */
const struct timens_point *point_find(const char *name);

/* There is no point of that name; says which is near. */
int point_complain(const struct command *self, const char *word);

#endif
