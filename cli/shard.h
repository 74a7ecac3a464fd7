/* SPDX-License-Identifier: MIT */
/* Which part of a sweep this machine has. */
#ifndef TIMENS_CLI_SHARD_H
#define TIMENS_CLI_SHARD_H

#include "options.h"

struct shard {
	unsigned index; /* from 1 */
	unsigned count; /* 0: not given */
};

/* For a setting that is a struct shard: "2/5", "auto", "auto/5". */
option_setter option_set_shard;

#endif
