/* SPDX-License-Identifier: MIT */
/* timens points: the readings at which counters roll over. */
#include <stddef.h>
#include <string.h>

#include "json.h"
#include "message.h"
#include "options.h"
#include "point.h"

struct settings {
	bool json;
};

static const struct option_row options[] = {
	OPTION("json", NULL, option_set_flag, offsetof(struct settings, json),
	       "print a JSON array"),
	OPTIONS_END,
};

static void put_table(FILE *out)
{
	char reading[TIMENS_SPAN_TEXT_MAX];
	size_t count;
	const struct timens_point *points = timens_points(&count);

	fprintf(out, "%-7s %-23s %s\n", "POINT", "UPTIME", "WHAT ROLLS OVER");
	for (size_t i = 0; i < count; i++) {
		timens_format(&points[i].reading, reading, sizeof reading);
		fprintf(out, "%-7s %-23s %s\n", points[i].name, reading, points[i].counter);
	}
}

static void put_point(FILE *out, const struct timens_point *point)
{
	char reading[TIMENS_SPAN_TEXT_MAX];

	timens_format(&point->reading, reading, sizeof reading);
	fprintf(out, "%s: %s\n  counter:  %s\n  effect:   %s\n  reported: %s\n", point->name,
		reading, point->counter, point->effect,
		*point->reported ? point->reported : "no report known");
}

static json_t *point_json(const struct timens_point *point)
{
	return json_pack("{s:s, s:o, s:s, s:s, s:s}", "name", point->name, "reading",
			 json_time(&point->reading), "counter", point->counter, "effect",
			 point->effect, "reported", point->reported);
}

static int put(const struct command *self, char **words, bool json, FILE *out)
{
	const struct timens_point *point, *points = timens_points(NULL);
	json_t *array = json_array();
	int status = 0;
	size_t count;

	timens_points(&count);
	for (size_t i = 0; !*words && i < count; i++)
		json_array_append_new(array, point_json(&points[i]));
	for (; *words && status == 0; words++) {
		point = point_find(**words == '@' ? *words + 1 : *words);
		if (!point)
			status = point_complain(self, *words);
		else if (json)
			json_array_append_new(array, point_json(point));
		else
			put_point(out, point);
	}
	if (json && status == 0)
		json_put(array, out);
	json_decref(array);
	return status;
}

static int points_main(const struct command *self, int argc, char **argv, FILE *out)
{
	struct settings settings = {0};
	char **words;
	int status;

	if (!options_parse(self, argc, argv, &settings, out, &words, &status))
		return status;
	if (!*words && !settings.json)
		return put_table(out), 0;
	return put(self, words, settings.json, out);
}

const struct command command_points = {
	.name = "timens points",
	.usage = "[--json] [POINT...]",
	.summary = "Lists the readings at which counters of uptime roll over",
	.main = points_main,
	.options = options,
	.notes =
		"With a POINT it tells what happens there, and which failures were reported.\n"
		"Use one as a time: 'timens run --uptime @u32-ms-5s CMD', or all of them: 'timens\n"
		"sweep CMD'.\n\n"
		"Exit status: 0, 125 timens itself failed.",
};
