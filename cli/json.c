/* SPDX-License-Identifier: MIT */
#include "json.h"

#include <stdlib.h>

#include "text.h"

json_t *json_time(const struct timens_timespec *time)
{
	return json_pack("{s:I, s:I}", "sec", (json_int_t)time->tv_sec, "nsec",
			 (json_int_t)time->tv_nsec);
}

json_t *json_bytes(const char *text, size_t length)
{
	char *clean = text_to_utf8(text, length);
	json_t *value = clean ? json_string(clean) : NULL;

	free(clean);
	return value;
}

/* Our reals are milliseconds; with all digits 2.594 would be 2.5939999999999999. */
void json_put(const json_t *value, FILE *out)
{
	json_dumpf(value, out, JSON_INDENT(1) | JSON_REAL_PRECISION(12));
	fputc('\n', out);
}
