/* SPDX-License-Identifier: MIT */
/*
 * Where counters of uptime roll over: the type that somebody keeps the uptime in and its unit say
 * the reading. The failures named are reported ones.
 */
#include "timens.h"

static const struct timens_point points[] = {
	{"fresh",
	 {0, 0},
	 "time since boot",
	 "the clock is near zero, and less than most timeouts",
	 ""},
	{"u32-us",
	 {4294, 967296000},
	 "microseconds in an unsigned 32-bit",
	 "starts again at 0",
	 ""},
	{"i32-ms", {2147483, 648000000}, "milliseconds in a signed 32-bit", "turns negative", ""},
	{"u32-ms",
	 {4294967, 296000000},
	 "milliseconds in an unsigned 32-bit",
	 "starts again at 0",
	 ""},
	{"f64-ns", {9007199, 254740992}, "nanoseconds in a double", "loses single nanoseconds", ""},
	{"f32-s", {16777216, 0}, "seconds in a float", "loses whole seconds", ""},
	{"i32-cs",
	 {21474836, 480000000},
	 "hundredths of a second in a signed 32-bit",
	 "turns negative",
	 ""},
	{"u32-cs",
	 {42949672, 960000000},
	 "hundredths of a second in an unsigned 32-bit",
	 "starts again at 0",
	 ""},
	{"i32-s", {2147483648, 0}, "seconds in a signed 32-bit", "turns negative", ""},
	{"u32-s", {4294967296, 0}, "seconds in an unsigned 32-bit", "starts again at 0", ""},
	{"max",
	 {TIMENS_READING_MAX_SEC, 0},
	 "nanoseconds in a signed 64-bit",
	 "the kernel lets no clock be set higher",
	 ""},
};

const struct timens_point *timens_points(size_t *count)
{
	if (count)
		*count = sizeof points / sizeof points[0];
	return points;
}
