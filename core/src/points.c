/* SPDX-License-Identifier: MIT */
/*
 * Where counters of uptime roll over: the type that somebody keeps the uptime in and its unit say
 * the reading. The failures named are reports that stand under that project and number; those of
 * f32-s and f64-ns began long before the point, where the last whole unit is lost.
 */
#include "timens.h"

static const struct timens_point points[] = {
	{
		.name = "fresh",
		.reading = {0, 0},
		.counter = "time since boot",
		.effect = "it is near zero, and now - timeout is before the beginning",
		.reported = "hyperium/hyper#1215, iputils/iputils#499, rustdesk/rustdesk#8470, "
			    "rust-lang/rust#100141",
	},
	{
		.name = "u32-us",
		.reading = {4294, 967296000},
		.counter = "microseconds in an unsigned 32-bit",
		.effect = "starts again at 0",
		.reported = "ArduPilot/ardupilot#23316, zephyrproject-rtos/zephyr#115552, "
			    "open5gs/open5gs#1770",
	},
	{
		.name = "i32-ms",
		.reading = {2147483, 648000000},
		.counter = "milliseconds in a signed 32-bit",
		.effect = "turns negative",
		.reported = "nodejs/node#22149, sctplab/usrsctp#393, quickfix/quickfix#162",
	},
	{
		.name = "u32-ms",
		.reading = {4294967, 296000000},
		.counter = "milliseconds in an unsigned 32-bit",
		.effect = "starts again at 0",
		.reported = "giampaolo/psutil#761, letscontrolit/ESPEasy#594, Perl/perl5#13086, "
			    "Mbed-TLS/mbedtls#10613",
	},
	{
		.name = "f64-ns",
		.reading = {9007199, 254740992},
		.counter = "nanoseconds in a double",
		.effect = "loses single nanoseconds",
		.reported = "PEP 564, oven-sh/bun#9986",
	},
	{
		.name = "f32-s",
		.reading = {16777216, 0},
		.counter = "seconds in a float",
		.effect = "loses whole seconds, and fractions long before",
		.reported = "godotengine/godot#38878, obsproject/obs-studio#3240, "
			    "Unity-Technologies/FPSSample#77",
	},
	{
		.name = "i32-cs",
		.reading = {21474836, 480000000},
		.counter = "hundredths of a second in a signed 32-bit",
		.effect = "turns negative",
		.reported = "FAA AD 2015-09-07 (Boeing 787 generator control units, 248 days), "
			    "Cacti/spine#4",
	},
	{
		.name = "u32-cs",
		.reading = {42949672, 960000000},
		.counter = "hundredths of a second in an unsigned 32-bit",
		.effect = "starts again at 0",
		.reported = "pysnmp/pysnmp#257, net-snmp/net-snmp#144, librenms/librenms#1477",
	},
	{
		.name = "i32-s",
		.reading = {2147483648, 0},
		.counter = "seconds in a signed 32-bit",
		.effect = "turns negative",
		.reported = "",
	},
	{
		.name = "u32-s",
		.reading = {4294967296, 0},
		.counter = "seconds in an unsigned 32-bit",
		.effect = "starts again at 0",
		.reported = "",
	},
	{
		.name = "max",
		.reading = {TIMENS_READING_MAX_SEC, 0},
		.counter = "nanoseconds in a signed 64-bit, halved",
		.effect = "the kernel lets no clock be set higher",
		.reported = "",
	},
};

const struct timens_point *timens_points(size_t *count)
{
	if (count)
		*count = sizeof points / sizeof points[0];
	return points;
}
