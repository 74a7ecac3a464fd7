/* SPDX-License-Identifier: MIT */
#ifndef TIMENS_CLI_BEGIN_H
#define TIMENS_CLI_BEGIN_H

#include "command.h"

/* For main, before anything else. 0, or the exit status with the complaint made. */
int begin(const struct command *self);

#endif
