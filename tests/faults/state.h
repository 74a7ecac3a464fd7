/* SPDX-License-Identifier: MIT */
/* What a call of the library must leave as it was in its caller. */
#ifndef TIMENS_FAULTS_STATE_H
#define TIMENS_FAULTS_STATE_H

#include <jansson.h>

/* A member of the object per thing, as text. */
json_t *take_state(void);
/* Adds to the array `broken` what differs, but for the members whose names are in `allowed`, which
 * ends with NULL. */
void compare_states(const json_t *before, const json_t *after, const char *const *allowed,
		    json_t *broken);

#endif
