/* SPDX-License-Identifier: MIT */
/* The results of a sweep for programs. */
#include <string.h>

#include "json.h"
#include "report.h"

static const char *const outcomes[] = {
	[OUTCOME_NOT_RUN] = "not run",
	[OUTCOME_PASSED] = "passed",
	[OUTCOME_FAILED] = "failed",
	[OUTCOME_TIMED_OUT] = "timed out",
};

static const char *const verdicts[] = {
	[VERDICT_PASSED] = "passed",   [VERDICT_EARLY] = "ended early",
	[VERDICT_FAILED] = "failed",   [VERDICT_AS_CONTROL] = "failed as control",
	[VERDICT_NOT_RUN] = "not run",
};

static json_t *run_json(const struct run *run)
{
	return json_pack(
		"{s:i, s:s, s:s, s:f, s:o, s:o}", "repeat", (int)run->repeat, "outcome",
		outcomes[run->outcome], "how", run->how, "seconds", run->seconds, "output",
		json_bytes(run->output ? run->output : "", run->output ? strlen(run->output) : 0),
		"file",
		run->kept_at ? json_bytes(run->kept_at, strlen(run->kept_at)) : json_null());
}

static json_t *case_json(const struct suite *suite, const struct sweep_case *c)
{
	enum verdict verdict = case_verdict(suite, c);
	json_t *runs = json_array();

	for (size_t i = 0; i < c->run_count; i++)
		json_array_append_new(runs, run_json(&c->runs[i]));
	return json_pack("{s:s, s:o, s:o, s:o, s:s, s:s, s:s, s:b, s:o}", "point", c->name,
			 "reading", json_time(&c->reading), "lead", json_time(&c->lead), "start",
			 json_time(&c->start), "counter", c->counter, "effect", c->effect,
			 "verdict", verdicts[verdict], "early", verdict == VERDICT_EARLY, "runs",
			 runs);
}

static json_t *suite_json(const struct suite *suite)
{
	json_t *cases = json_array();

	for (size_t i = 1; i < suite->case_count; i++)
		json_array_append_new(cases, case_json(suite, &suite->cases[i]));
	return json_pack("{s:o, s:s, s:s, s:s, s:i, s:i, s:f, s:o, s:o}", "command",
			 json_bytes(suite->command, strlen(suite->command)), "host", suite->host,
			 "kernel", suite->kernel, "started", suite->started, "shard",
			 (int)suite->shard, "shards", (int)suite->shards, "seconds", suite->seconds,
			 "control", case_json(suite, &suite->cases[0]), "points", cases);
}

void sweep_json_put(FILE *out, const struct suite *suites, size_t count)
{
	json_t *array = json_array(), *object;

	for (size_t i = 0; i < count; i++)
		json_array_append_new(array, suite_json(&suites[i]));
	object = json_pack(
		"{s:I, s:I, s:I, s:I, s:I, s:o}", "passed",
		(json_int_t)count_cases(suites, count, VERDICT_PASSED), "ended_early",
		(json_int_t)count_cases(suites, count, VERDICT_EARLY), "failed",
		(json_int_t)count_cases(suites, count, VERDICT_FAILED), "failed_as_control",
		(json_int_t)count_cases(suites, count, VERDICT_AS_CONTROL), "not_run",
		(json_int_t)count_cases(suites, count, VERDICT_NOT_RUN), "suites", array);
	json_put(object, out);
	json_decref(object);
}
