/* SPDX-License-Identifier: MIT */
#include "table.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "times.h"

#define LAST_LINES 10

const char *verdict_text(const struct suite *suite, const struct sweep_case *c, char *buf,
			 size_t size)
{
	static const char *const words[] = {
		[VERDICT_PASSED] = "passed",   [VERDICT_EARLY] = "ended early",
		[VERDICT_FAILED] = "FAILED",   [VERDICT_AS_CONTROL] = "as control",
		[VERDICT_NOT_RUN] = "not run",
	};
	enum verdict verdict = case_verdict(suite, c);
	size_t failed = count_runs(suite, c, VERDICT_FAILED);

	if (verdict != VERDICT_FAILED || c->run_count == 1)
		return words[verdict];
	snprintf(buf, size, "FAILED %zu of %zu", failed, c->run_count);
	return buf;
}

/* -- The table -- */

enum { SHARD, POINT, LEAD, RESULT, TIME, COLUMN_COUNT };

static const struct columns_line head = {{"SHARD", "POINT", "LEAD", "RESULT", "TIME"},
					 "WHAT ROLLS OVER"};

static void fill(struct columns_line *line, const struct suite *suite, const struct sweep_case *c)
{
	char buf[48];

	snprintf(line->cell[SHARD], sizeof line->cell[SHARD], "%u/%u", suite->shard, suite->shards);
	snprintf(line->cell[POINT], sizeof line->cell[POINT], "%s", c->name);
	snprintf(line->cell[LEAD], sizeof line->cell[LEAD], "-");
	if (!case_is_control(c))
		timens_format(&c->lead, line->cell[LEAD], sizeof line->cell[LEAD]);
	snprintf(line->cell[RESULT], sizeof line->cell[RESULT], "%s",
		 verdict_text(suite, c, buf, sizeof buf));
	time_short(case_seconds(c), line->cell[TIME], sizeof line->cell[TIME]);
	line->last = c->counter;
}

static size_t count_all_cases(const struct suite *suites, size_t count)
{
	size_t all = 0;

	for (size_t s = 0; s < count; s++)
		all += suites[s].case_count;
	return all;
}

/* Which shard it was says something only where there are several. */
static void put_rows(FILE *out, const struct suite *suites, size_t count)
{
	struct columns_line *lines = calloc(count_all_cases(suites, count) + 1, sizeof *lines);
	size_t n = 0, first = count > 1 ? SHARD : POINT;

	if (!lines)
		return;
	lines[n++] = head;
	for (size_t s = 0; s < count; s++)
		for (size_t i = 0; i < suites[s].case_count; i++)
			fill(&lines[n++], &suites[s], &suites[s].cases[i]);
	columns_put(out, lines, n, first, COLUMN_COUNT - first);
	free(lines);
}

/* -- What failed -- */

static const char *last_lines(const char *text)
{
	size_t length = strlen(text);
	int lines = 0;

	while (length && text[length - 1] == '\n')
		length--;
	while (length > 0) {
		if (text[length - 1] == '\n' && ++lines == LAST_LINES)
			break;
		length--;
	}
	return text + length;
}

static void put_output(FILE *out, const char *text)
{
	size_t length;

	for (text = last_lines(text); *text; text += length) {
		length = strcspn(text, "\n");
		fprintf(out, "  | %.*s\n", (int)length, text);
		length += text[length] == '\n';
	}
}

static void put_run(FILE *out, const struct sweep_case *c, const struct run *run)
{
	char title[128], seconds[16];

	case_title(c, title, sizeof title);
	time_short(run->seconds, seconds, sizeof seconds);
	fprintf(out, "\n%s", title);
	if (c->run_count > 1)
		fprintf(out, " #%u", run->repeat);
	fprintf(out, ": %s after %s\n", run->how, seconds);
	if (run->output)
		put_output(out, run->output);
	if (run->kept_at)
		fprintf(out, "  all of it: %s\n", run->kept_at);
}

/* One of several that failed will do: the others are in the reports. */
static void put_failure(FILE *out, const struct suite *suite, const struct sweep_case *c)
{
	char *again = case_again(suite, c);

	for (size_t i = 0; i < c->run_count; i++)
		if (run_verdict(suite, c, &c->runs[i]) == VERDICT_FAILED) {
			put_run(out, c, &c->runs[i]);
			break;
		}
	if (again)
		fprintf(out, "  again: %s\n", again);
	free(again);
}

static void put_failures(FILE *out, const struct suite *suites, size_t count)
{
	for (size_t s = 0; s < count; s++)
		for (size_t i = 0; i < suites[s].case_count; i++)
			if (case_verdict(&suites[s], &suites[s].cases[i]) == VERDICT_FAILED)
				put_failure(out, &suites[s], &suites[s].cases[i]);
}

/* -- The sentence -- */

static void put_names(FILE *out, const struct suite *suites, size_t count, enum verdict verdict)
{
	const char *before = "";
	char title[128];

	for (size_t s = 0; s < count; s++)
		for (size_t i = 1; i < suites[s].case_count; i++) {
			if (case_verdict(&suites[s], &suites[s].cases[i]) != verdict)
				continue;
			case_title(&suites[s].cases[i], title, sizeof title);
			fprintf(out, "%s%s", before, title);
			before = "; ";
		}
}

static bool fails_at(const struct suite *suites, size_t count, const struct timens_point *point)
{
	for (size_t s = 0; s < count; s++)
		for (size_t i = 1; i < suites[s].case_count; i++)
			if (!strcmp(suites[s].cases[i].name, point->name) &&
			    case_verdict(&suites[s], &suites[s].cases[i]) == VERDICT_FAILED)
				return true;
	return false;
}

/* 0: it is none, or only once. */
static int64_t times_in(const struct timens_point *part, const struct timens_point *whole)
{
	int64_t small = time_to_ns(&part->reading), large = time_to_ns(&whole->reading);

	return small > 0 && large > small && large % small == 0 ? large / small : 0;
}

/* A counter rolls over at each multiple too, so that one mistake fails at several points. Of each
 * the lowest is named that it may come from. */
static void put_multiples(FILE *out, const struct suite *suites, size_t count)
{
	size_t point_count;
	const struct timens_point *points = timens_points(&point_count);
	const char *before = " It may be one mistake: ";

	for (size_t i = 0; i < point_count; i++)
		for (size_t j = 0; j < i && fails_at(suites, count, &points[i]); j++) {
			if (!times_in(&points[j], &points[i]) ||
			    !fails_at(suites, count, &points[j]))
				continue;
			fprintf(out, "%s%s is %" PRId64 " times %s", before, points[i].name,
				times_in(&points[j], &points[i]), points[j].name);
			before = "; ";
			break;
		}
	if (*before == ';')
		fputc('.', out);
}

/* The one sentence more that is needed; "": none is. */
static const char *advice(const struct suite *suites, size_t count)
{
	if (results_status(suites, count) == 2)
		return " The command also fails with its clocks as they are, so this says nothing "
		       "about the points.";
	if (nothing_was_tested(suites, count))
		return " No rollover was tested: the command ended before each of its points. Let "
		       "it run longer, or give a --lead shorter than it runs.";
	if (count_cases(suites, count, VERDICT_EARLY))
		return " Where it ended early, let the command run longer, or give a shorter "
		       "--lead.";
	return "";
}

void summary_put(FILE *out, const struct suite *suites, size_t count)
{
	size_t passed = count_cases(suites, count, VERDICT_PASSED);
	size_t failed = count_cases(suites, count, VERDICT_FAILED);
	size_t early = count_cases(suites, count, VERDICT_EARLY);
	size_t same = count_cases(suites, count, VERDICT_AS_CONTROL);
	size_t missing = count_cases(suites, count, VERDICT_NOT_RUN);

	fprintf(out, "%zu passed, %zu failed", passed, failed);
	if (early)
		fprintf(out, ", %zu ended before %s point", early, early == 1 ? "its" : "their");
	if (same)
		fprintf(out, ", %zu failed as the control did", same);
	if (missing)
		fprintf(out, ", %zu not run", missing);
	if (failed) {
		fputs(". It fails at: ", out);
		put_names(out, suites, count, VERDICT_FAILED);
	}
	fputc('.', out);
	put_multiples(out, suites, count);
	fputs(advice(suites, count), out);
}

void table_put(FILE *out, const struct suite *suites, size_t count)
{
	put_rows(out, suites, count);
	put_failures(out, suites, count);
	fputc('\n', out);
	summary_put(out, suites, count);
	fputc('\n', out);
}
