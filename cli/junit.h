/* SPDX-License-Identifier: MIT */
/* What junit.c writes and junit_read.c reads. */
#ifndef TIMENS_CLI_JUNIT_H
#define TIMENS_CLI_JUNIT_H

#include "results.h"

extern const char *const junit_outcomes[OUTCOME_COUNT];

#endif
