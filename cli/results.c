/* SPDX-License-Identifier: MIT */
#include "results.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "times.h"

/* -- Verdicts -- */

bool case_is_control(const struct sweep_case *c)
{
	return !strcmp(c->name, CONTROL_NAME);
}

static bool is_bad(const struct run *run)
{
	return run->outcome == OUTCOME_FAILED || run->outcome == OUTCOME_TIMED_OUT;
}

bool control_failed(const struct suite *suite)
{
	for (size_t i = 0; i < suite->cases[0].run_count; i++)
		if (is_bad(&suite->cases[0].runs[i]))
			return true;
	return false;
}

static bool starts_before(const struct sweep_case *c)
{
	return time_to_ns(&c->lead) > 0;
}

static bool reached_point(const struct sweep_case *c, const struct run *run)
{
	return run->seconds >= (double)time_to_ns(&c->lead) / (double)NSEC_PER_SEC;
}

enum verdict run_verdict(const struct suite *suite, const struct sweep_case *c,
			 const struct run *run)
{
	if (run->outcome == OUTCOME_NOT_RUN)
		return VERDICT_NOT_RUN;
	if (run->outcome == OUTCOME_PASSED)
		return case_is_control(c) || reached_point(c, run) ? VERDICT_PASSED : VERDICT_EARLY;
	return !case_is_control(c) && control_failed(suite) ? VERDICT_AS_CONTROL : VERDICT_FAILED;
}

size_t count_runs(const struct suite *suite, const struct sweep_case *c, enum verdict verdict)
{
	size_t count = 0;

	for (size_t i = 0; i < c->run_count; i++)
		count += run_verdict(suite, c, &c->runs[i]) == verdict;
	return count;
}

enum verdict case_verdict(const struct suite *suite, const struct sweep_case *c)
{
	static const enum verdict worst_first[] = {VERDICT_FAILED, VERDICT_AS_CONTROL,
						   VERDICT_NOT_RUN, VERDICT_PASSED};

	for (size_t i = 0; i < sizeof worst_first / sizeof worst_first[0]; i++)
		if (count_runs(suite, c, worst_first[i]))
			return worst_first[i];
	return VERDICT_EARLY;
}

size_t count_cases(const struct suite *suites, size_t count, enum verdict verdict)
{
	size_t found = 0;

	for (size_t s = 0; s < count; s++)
		for (size_t i = 1; i < suites[s].case_count; i++)
			found += case_verdict(&suites[s], &suites[s].cases[i]) == verdict;
	return found;
}

double case_seconds(const struct sweep_case *c)
{
	double longest = 0;

	for (size_t i = 0; i < c->run_count; i++)
		if (c->runs[i].seconds > longest)
			longest = c->runs[i].seconds;
	return longest;
}

/* What failed before its point tells something as well. */
static bool tells_something(const struct suite *suite, const struct sweep_case *c)
{
	return count_runs(suite, c, VERDICT_FAILED) || count_runs(suite, c, VERDICT_AS_CONTROL) ||
	       (starts_before(c) && count_runs(suite, c, VERDICT_PASSED));
}

bool nothing_was_tested(const struct suite *suites, size_t count)
{
	for (size_t s = 0; s < count; s++)
		for (size_t i = 1; i < suites[s].case_count; i++)
			if (tells_something(&suites[s], &suites[s].cases[i]))
				return false;
	return count_cases(suites, count, VERDICT_EARLY) > 0;
}

int results_status(const struct suite *suites, size_t count)
{
	bool failed = false, missing = count_cases(suites, count, VERDICT_NOT_RUN) > 0;

	if (count_cases(suites, count, VERDICT_FAILED))
		return 1;
	for (size_t s = 0; s < count; s++) {
		failed = failed || control_failed(&suites[s]);
		missing =
			missing || case_verdict(&suites[s], &suites[s].cases[0]) == VERDICT_NOT_RUN;
	}
	if (failed)
		return 2;
	return missing || nothing_was_tested(suites, count) ? EXIT_TIMENS_FAILED : 0;
}

/* -- Names -- */

void case_title(const struct sweep_case *c, char *buf, size_t size)
{
	struct timens_timespec lead = c->lead;
	char text[TIMENS_SPAN_TEXT_MAX];

	if (case_is_control(c)) {
		snprintf(buf, size, CONTROL_NAME);
		return;
	}
	timens_format(&lead, text, sizeof text);
	snprintf(buf, size, "%s, %s before", c->name, text);
}

char *case_again(const struct suite *suite, const struct sweep_case *c)
{
	char start[TIMENS_SPAN_TEXT_MAX], *text;

	if (case_is_control(c))
		return NULL;
	timens_format(&c->start, start, sizeof start);
	return asprintf(&text, "timens run --uptime %s -- %s", start, suite->command) < 0 ? NULL
											  : text;
}

void suite_free(struct suite *suite)
{
	for (size_t i = 0; i < suite->case_count; i++) {
		for (size_t j = 0; j < suite->cases[i].run_count; j++) {
			free(suite->cases[i].runs[j].output);
			free(suite->cases[i].runs[j].kept_at);
		}
		free(suite->cases[i].runs);
	}
	free(suite->cases);
	free(suite->command);
}
