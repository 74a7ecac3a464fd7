/* SPDX-License-Identifier: MIT */
/* JUnit XML, as Jenkins, GitLab and others read it: a suite per shard, a case per run. */
#include <inttypes.h>
#include <string.h>

#include "junit.h"
#include "report.h"

/* In the attribute `type`, from which junit_read.c takes the outcome back. */
const char *const junit_outcomes[OUTCOME_COUNT] = {
	[OUTCOME_NOT_RUN] = "not-run",
	[OUTCOME_PASSED] = "passed",
	[OUTCOME_FAILED] = "failed",
	[OUTCOME_TIMED_OUT] = "timed-out",
};

/* A control that fails is no failure of a point, but no result either. Nor is what ended before its
 * point: as a plain case, who reads only the report would take it for tested. */
static const char *element_of(const struct sweep_case *c, enum verdict verdict)
{
	static const char *const elements[] = {
		[VERDICT_EARLY] = "skipped",
		[VERDICT_FAILED] = "failure",
		[VERDICT_AS_CONTROL] = "skipped",
		[VERDICT_NOT_RUN] = "skipped",
	};

	return verdict == VERDICT_FAILED && case_is_control(c) ? "error" : elements[verdict];
}

static void put_attribute(FILE *out, const char *name, const char *value)
{
	fprintf(out, " %s=\"", name);
	report_put_attribute(out, value);
	fputc('"', out);
}

static void put_verdict(FILE *out, const struct suite *suite, const struct sweep_case *c,
			const struct run *run)
{
	enum verdict verdict = run_verdict(suite, c, run);

	if (verdict == VERDICT_PASSED)
		return;
	fprintf(out, "\n   <%s type=\"%s\"", element_of(c, verdict), junit_outcomes[run->outcome]);
	put_attribute(out, "message",
		      verdict == VERDICT_EARLY ? "ended before the point" : run->how);
	fputs("/>", out);
}

static void put_run(FILE *out, const struct suite *suite, const struct sweep_case *c,
		    const struct run *run)
{
	char lead[TIMENS_SPAN_TEXT_MAX];

	timens_format(&c->lead, lead, sizeof lead);
	fputs("  <testcase classname=\"timens.sweep\" name=\"", out);
	report_put_attribute(out, c->name);
	fprintf(out, ", %s before, #%u\" time=\"%.3f\">", lead, run->repeat, run->seconds);
	put_verdict(out, suite, c, run);
	if (run->output && *run->output) {
		fputs("\n   <system-out>", out);
		report_put_escaped(out, run->output);
		fputs("</system-out>", out);
	}
	fputs("\n  </testcase>\n", out);
}

static void put_property(FILE *out, const char *name, const char *value)
{
	fprintf(out, "   <property name=\"timens.%s\"", name);
	put_attribute(out, "value", value);
	fputs("/>\n", out);
}

static void put_number(FILE *out, const char *name, uint64_t value)
{
	fprintf(out, "   <property name=\"timens.%s\" value=\"%" PRIu64 "\"/>\n", name, value);
}

static void put_properties(FILE *out, const struct suite *suite)
{
	fputs("  <properties>\n", out);
	put_property(out, "command", suite->command);
	put_property(out, "kernel", suite->kernel);
	put_number(out, "shard", suite->shard);
	put_number(out, "shards", suite->shards);
	put_number(out, "runs", suite->total);
	put_number(out, "plan", suite->plan);
	fputs("  </properties>\n", out);
}

struct totals {
	size_t tests, failures, errors, skipped;
	double seconds;
};

static void add_totals(struct totals *totals, const struct suite *suite)
{
	for (size_t i = 0; i < suite->case_count; i++) {
		const struct sweep_case *c = &suite->cases[i];
		size_t failed = count_runs(suite, c, VERDICT_FAILED);

		totals->tests += c->run_count;
		totals->failures += i ? failed : 0;
		totals->errors += i ? 0 : failed;
		totals->skipped += count_runs(suite, c, VERDICT_EARLY) +
				   count_runs(suite, c, VERDICT_AS_CONTROL) +
				   count_runs(suite, c, VERDICT_NOT_RUN);
	}
	totals->seconds += suite->seconds;
}

static void put_totals(FILE *out, const struct totals *t)
{
	fprintf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" time=\"%.3f\"", t->tests,
		t->failures, t->errors, t->seconds);
}

static void put_suite(FILE *out, const struct suite *suite)
{
	struct totals totals = {0};

	add_totals(&totals, suite);
	fputs(" <testsuite", out);
	put_attribute(out, "name", "timens sweep");
	put_totals(out, &totals);
	fprintf(out, " skipped=\"%zu\"", totals.skipped);
	put_attribute(out, "timestamp", suite->started);
	put_attribute(out, "hostname", suite->host);
	fputs(">\n", out);
	put_properties(out, suite);
	for (size_t i = 0; i < suite->case_count; i++)
		for (size_t j = 0; j < suite->cases[i].run_count; j++)
			put_run(out, suite, &suite->cases[i], &suite->cases[i].runs[j]);
	fputs(" </testsuite>\n", out);
}

void junit_put(FILE *out, const struct suite *suites, size_t count)
{
	struct totals totals = {0};

	for (size_t i = 0; i < count; i++)
		add_totals(&totals, &suites[i]);
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"timens sweep\"", out);
	put_totals(out, &totals);
	fputs(">\n", out);
	for (size_t i = 0; i < count; i++)
		put_suite(out, &suites[i]);
	fputs("</testsuites>\n", out);
}
