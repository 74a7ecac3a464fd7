/* SPDX-License-Identifier: MIT */
#ifndef TIMENS_CLI_POINT_H
#define TIMENS_CLI_POINT_H

#include "timens.h"

/* The point of that name; NULL: there is none. */
const struct timens_point *point_find(const char *name);

#endif
