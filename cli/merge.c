/* SPDX-License-Identifier: MIT */
/* timens sweep merge: the shards' JUnit reports as one. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"
#include "options.h"
#include "report.h"

static const struct option_row options[] = {
	OPTION("junit", "FILE", option_set_text, offsetof(struct report, junit),
	       "write a JUnit report of all"),
	OPTION("html", "FILE", option_set_text, offsetof(struct report, html),
	       "write a page to look at"),
	OPTION("json", NULL, option_set_flag, offsetof(struct report, json),
	       "print one JSON object in place of the table"),
	OPTIONS_END,
};

static int by_shard(const void *a, const void *b)
{
	const struct suite *x = a, *y = b;

	return (x->shard > y->shard) - (x->shard < y->shard);
}

/* Sorted by shard, so the first gap or double shows. */
static int check_shards(const struct command *self, const struct suite *suites, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (suites[i].plan != suites[0].plan || suites[i].shards != suites[0].shards)
			return complain(self,
					"the reports are of different sweeps: '%s' in %u shards "
					"and '%s' in %u",
					suites[0].command, suites[0].shards, suites[i].command,
					suites[i].shards);
	for (size_t i = 0; i < count; i++) {
		if (i && suites[i].shard == suites[i - 1].shard)
			return complain(self, "shard %u of %u is there twice", suites[i].shard,
					suites[i].shards);
		if (suites[i].shard != i + 1)
			return complain(self, "shard %zu of %u is missing", i + 1,
					suites[0].shards);
	}
	if (count < suites[0].shards)
		return complain(self, "shard %zu of %u is missing", count + 1, suites[0].shards);
	return 0;
}

static int merge_reports(const struct command *self, const struct report *report, char **paths,
			 struct suite *suites, size_t count, FILE *out)
{
	int status = report_check(self, report->junit, report->html);

	for (size_t i = 0; i < count && status == 0; i++)
		status = junit_read(self, paths[i], &suites[i]);
	if (status)
		return status;
	qsort(suites, count, sizeof *suites, by_shard);
	status = check_shards(self, suites, count);
	if (status == 0)
		status = report_put(self, report, suites, count, out);
	return status ? status : results_status(suites, count);
}

static int merge(const struct command *self, int argc, char **argv, FILE *out)
{
	struct report report = {0};
	struct suite *suites;
	size_t count;
	char **words;
	int status;

	if (!options_parse(self, argc, argv, &report, out, &words, &status))
		return status;
	count = options_count(words);
	if (!count)
		return complain(self, "no report given: %s %s", self->name, self->usage);
	suites = calloc(count, sizeof *suites);
	if (!suites)
		return complain(self, "not enough memory");
	status = merge_reports(self, &report, words, suites, count, out);
	for (size_t i = 0; i < count; i++)
		suite_free(&suites[i]);
	free(suites);
	return status;
}

const struct command command_merge = {
	.name = "timens sweep merge",
	.usage = "[OPTION...] REPORT...",
	.summary = "Joins all shards' JUnit reports; tells if one is missing",
	.main = merge,
	.options = options,
	.notes =
		"Exit status: as timens sweep, over all shards; 125 also if a shard is missing or\n"
		"there twice, or a report is of another sweep.",
};
