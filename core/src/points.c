/* SPDX-License-Identifier: MIT */
/*
 * Where counters of uptime roll over. Each is the kind of the number that people keep the uptime
 * in and the unit; the reading follows from both. The failures are reported ones, each looked up.
 */
#include "timens.h"

static const struct timens_point points[] = {
	{"fresh", {0, 0}, "time since boot", "the clock is near zero", ""},
};

const struct timens_point *timens_points(size_t *count)
{
	if (count)
		*count = sizeof points / sizeof points[0];
	return points;
}
