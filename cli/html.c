/* SPDX-License-Identifier: MIT */
/* One page that needs nothing else: no script, no file, no net. */
#include "html.h"

#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "table.h"
#include "times.h"

static const char *overall_class(const struct suite *suites, size_t count)
{
	static const char *const classes[] = {"passed", "failed"};
	int status = results_status(suites, count);

	return status < 2 ? classes[status] : "grey";
}

/* -- The head -- */

static void put_machine(FILE *out, const struct suite *suite)
{
	char seconds[16];

	time_short(suite->seconds, seconds, sizeof seconds);
	fputs("<div class=\"soft\">", out);
	if (suite->shards > 1)
		fprintf(out, "Shard %u of %u: ", suite->shard, suite->shards);
	report_put_escaped(out, suite->host);
	fputs(", ", out);
	report_put_escaped(out, suite->kernel);
	fputs(", ", out);
	report_put_escaped(out, suite->started);
	fprintf(out, ", took %s</div>\n", seconds);
}

static void put_head(FILE *out, const struct suite *suites, size_t count)
{
	fprintf(out,
		"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		"<title>timens sweep: %s</title>\n<style>\n%s</style>\n</head>\n<body>\n"
		"<h1>timens sweep</h1>\n<pre class=\"command\"><code>",
		overall_class(suites, count), html_style);
	report_put_escaped(out, suites[0].command);
	fprintf(out, "</code></pre>\n<p class=\"summary %s\">", overall_class(suites, count));
	summary_put(out, suites, count);
	fputs("</p>\n", out);
	for (size_t s = 0; s < count; s++)
		put_machine(out, &suites[s]);
}

/* -- The table -- */

static bool has_details(const struct suite *suite, const struct sweep_case *c)
{
	enum verdict verdict = case_verdict(suite, c);

	return verdict == VERDICT_FAILED || verdict == VERDICT_AS_CONTROL;
}

static void put_name(FILE *out, const struct suite *suite, const struct sweep_case *c, size_t s,
		     size_t i)
{
	if (has_details(suite, c))
		fprintf(out, "<a href=\"#output-%zu-%zu\">", s + 1, i);
	report_put_escaped(out, c->name);
	if (has_details(suite, c))
		fputs("</a>", out);
}

static void put_row(FILE *out, const struct suite *suite, size_t s, size_t i)
{
	const struct sweep_case *c = &suite->cases[i];
	char lead[TIMENS_SPAN_TEXT_MAX] = "", seconds[16], buf[48];

	if (!case_is_control(c))
		timens_format(&c->lead, lead, sizeof lead);
	time_short(case_seconds(c), seconds, sizeof seconds);
	fprintf(out, "<tr id=\"case-%zu-%zu\"><td>", s + 1, i);
	put_name(out, suite, c, s, i);
	fprintf(out,
		"</td><td class=\"lead\">%s</td><td><span class=\"word %s\">%s</span></td>"
		"<td class=\"time\">%s</td><td class=\"what\">%s</td></tr>\n",
		lead, html_class(case_verdict(suite, c)), verdict_text(suite, c, buf, sizeof buf),
		seconds, c->counter);
}

static void put_table(FILE *out, const struct suite *suites, size_t count)
{
	fputs("<h2>Points</h2>\n<table>\n<thead><tr><th>Point</th><th>Lead</th><th>Result</th>"
	      "<th>Time</th><th>What rolls over</th></tr></thead>\n<tbody>\n",
	      out);
	for (size_t s = 0; s < count; s++)
		for (size_t i = 0; i < suites[s].case_count; i++)
			put_row(out, &suites[s], s, i);
	fputs("</tbody>\n</table>\n", out);
}

/* -- What failed -- */

static void put_run(FILE *out, const struct sweep_case *c, const struct run *run)
{
	char title[128], seconds[16];

	case_title(c, title, sizeof title);
	time_short(run->seconds, seconds, sizeof seconds);
	fputs("<h3>", out);
	report_put_escaped(out, title);
	if (c->run_count > 1)
		fprintf(out, " #%u", run->repeat);
	fputs(": ", out);
	report_put_escaped(out, run->how);
	fprintf(out, " after %s</h3>\n<pre class=\"output\" tabindex=\"0\">", seconds);
	report_put_escaped(out, run->output && *run->output ? run->output : "(no output)");
	fputs("</pre>\n", out);
}

static void put_details(FILE *out, const struct suite *suite, size_t s, size_t i)
{
	const struct sweep_case *c = &suite->cases[i];
	char *again = case_again(suite, c);

	fprintf(out, "<section id=\"output-%zu-%zu\">\n", s + 1, i);
	for (size_t j = 0; j < c->run_count; j++)
		if (c->runs[j].outcome == OUTCOME_FAILED || c->runs[j].outcome == OUTCOME_TIMED_OUT)
			put_run(out, c, &c->runs[j]);
	if (again) {
		fputs("<div class=\"soft\">To run it again:</div>\n<pre class=\"command\"><code>",
		      out);
		report_put_escaped(out, again);
		fputs("</code></pre>\n", out);
	}
	fputs("</section>\n", out);
	free(again);
}

static void put_failures(FILE *out, const struct suite *suites, size_t count)
{
	bool any = false;

	for (size_t s = 0; s < count; s++)
		for (size_t i = 0; i < suites[s].case_count; i++) {
			if (!has_details(&suites[s], &suites[s].cases[i]))
				continue;
			if (!any)
				fputs("<h2>What failed</h2>\n", out);
			any = true;
			put_details(out, &suites[s], s, i);
		}
}

void html_put(FILE *out, const struct suite *suites, size_t count)
{
	put_head(out, suites, count);
	html_timeline(out, suites, count);
	put_table(out, suites, count);
	put_failures(out, suites, count);
	fputs("<p class=\"soft\">The wall clock and the speed of time were not changed: only the "
	      "uptime clocks of the command were, by a Linux time namespace.</p>\n"
	      "</body>\n</html>\n",
	      out);
}
