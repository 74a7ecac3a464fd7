/* SPDX-License-Identifier: MIT */
/* What is ours to say in JSON, with jansson. */
#ifndef TIMENS_CLI_JSON_H
#define TIMENS_CLI_JSON_H

#include <jansson.h>
#include <stdio.h>

#include "timens.h"

/* {"sec": …, "nsec": …}: a number of JSON is a double for most programs and would lose the
 * nanoseconds. */
json_t *json_time(const struct timens_timespec *time);

/* Bytes of unknown origin; JSON has none, so what is not UTF-8 becomes U+FFFD. */
json_t *json_bytes(const char *text, size_t length);

void json_put(const json_t *value, FILE *out);

#endif
