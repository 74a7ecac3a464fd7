/* SPDX-License-Identifier: MIT */
#ifndef TIMENS_CLI_COMPLETION_H
#define TIMENS_CLI_COMPLETION_H

/* In the same order; the first one ends with NULL. */
extern const char *const completion_shells[];
extern const char *const completion_scripts[];

#endif
