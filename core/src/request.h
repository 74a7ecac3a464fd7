/* SPDX-License-Identifier: MIT */
#ifndef TIMENS_REQUEST_H
#define TIMENS_REQUEST_H

#include "timens.h"

/* Takes in what timens_spawn was asked for: refuses what can be told to be wrong without the kernel
 * (stage args), and fills in the defaults, so that nobody after it has to know them. */
int timens_take_request(struct timens_spawn_args *a, const void *args, size_t size,
			struct timens_error *error);

#endif
