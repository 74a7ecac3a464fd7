/* SPDX-License-Identifier: MIT */
/* A JUnit report of ours, back into a suite. */
#include <errno.h>
#include <expat.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "junit.h"
#include "message.h"
#include "point.h"
#include "report.h"
#include "times.h"

struct reader {
	XML_Parser parser;
	struct suite *suite;
	unsigned suites;   /* seen so far */
	const char *wrong; /* what is not as we write it; NULL: nothing */
	bool no_xml;
	struct run *run; /* within its element; NULL: outside */
	bool in_output;
	char *text; /* of system-out */
	size_t length;
};

static void fail(struct reader *reader, const char *wrong)
{
	if (!reader->wrong)
		reader->wrong = wrong;
	XML_StopParser(reader->parser, XML_FALSE);
}

/* A handler that has stopped the parser has said why. */
static void fail_to_parse(struct reader *reader)
{
	reader->no_xml = !reader->wrong;
	fail(reader, XML_ErrorString(XML_GetErrorCode(reader->parser)));
}

static const char *attribute(const char **pairs, const char *name)
{
	for (; *pairs; pairs += 2)
		if (!strcmp(pairs[0], name))
			return pairs[1];
	return "";
}

/* No sweep takes a year, and a float may be anything. Without one it is 0. In milliseconds, as it
 * is written: else a run that ended a little early could be on time when it is written and read
 * again.
 */
static double take_seconds(struct reader *reader, const char **pairs)
{
	const char *text = attribute(pairs, "time");
	char *end;
	double seconds = strtod(text, &end);

	if (!*end && isfinite(seconds) && seconds >= 0 && seconds < 31557600)
		return round(seconds * 1000) / 1000;
	fail(reader, "a measured time is none");
	return 0;
}

/* -- Elements -- */

static void on_suite(struct reader *reader, const char **pairs)
{
	struct suite *suite = reader->suite;

	if (++reader->suites > 1)
		fail(reader, "it has several suites; merge the shards' own reports");
	snprintf(suite->host, sizeof suite->host, "%s", attribute(pairs, "hostname"));
	snprintf(suite->started, sizeof suite->started, "%s", attribute(pairs, "timestamp"));
	suite->seconds = take_seconds(reader, pairs);
}

static void take_number(struct suite *suite, const char *name, uint64_t value)
{
	const struct field {
		const char *name;
		unsigned *small;
		uint64_t *large;
	} fields[] = {
		{"timens.shard", &suite->shard, NULL},
		{"timens.shards", &suite->shards, NULL},
		{"timens.runs", NULL, &suite->total},
		{"timens.plan", NULL, &suite->plan},
	};

	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
		if (strcmp(fields[i].name, name) != 0)
			continue;
		if (fields[i].small)
			*fields[i].small = (unsigned)value;
		else if (fields[i].large)
			*fields[i].large = value;
	}
}

static void on_property(struct reader *reader, const char **pairs)
{
	const char *name = attribute(pairs, "name"), *value = attribute(pairs, "value");

	take_number(reader->suite, name, strtoull(value, NULL, 10));
	if (!strcmp(name, "timens.kernel"))
		snprintf(reader->suite->kernel, sizeof reader->suite->kernel, "%s", value);
	if (!strcmp(name, "timens.command") && !reader->suite->command)
		reader->suite->command = strdup(value);
}

static bool in_range(const struct timens_timespec *t)
{
	return t->tv_sec >= 0 && t->tv_sec <= TIMENS_READING_MAX_SEC;
}

/* A name of the table has its counter there; any other is a time. */
static int describe(struct sweep_case *c)
{
	const struct timens_point *point = point_find(c->name);
	unsigned is_reading;
	int r = 0;

	c->counter = c->effect = "nothing: the clocks as they are";
	if (point) {
		c->reading = point->reading;
		c->counter = point->counter;
		c->effect = point->effect;
	} else if (!case_is_control(c)) {
		c->counter = c->effect = "a reading of your own";
		r = timens_parse(c->name, &c->reading, &is_reading, NULL);
	}
	if (r < 0 || !in_range(&c->reading) || !in_range(&c->lead))
		return -1;
	c->start = time_add(c->reading, time_negate(c->lead));
	return 0;
}

static struct sweep_case *same_case(struct suite *suite, const struct sweep_case *c)
{
	struct sweep_case *last = suite->case_count ? &suite->cases[suite->case_count - 1] : NULL;

	return last && !strcmp(last->name, c->name) && !time_compare(&last->lead, &c->lead) ? last
											    : NULL;
}

static struct sweep_case *new_case(struct suite *suite, const struct sweep_case *c)
{
	struct sweep_case *cases = realloc(suite->cases, (suite->case_count + 1) * sizeof *cases);

	if (!cases)
		return NULL;
	suite->cases = cases;
	cases[suite->case_count] = *c;
	return &cases[suite->case_count++];
}

static struct run *new_run(struct sweep_case *c)
{
	struct run *runs = realloc(c->runs, (c->run_count + 1) * sizeof *runs);

	if (!runs)
		return NULL;
	c->runs = runs;
	memset(&runs[c->run_count], 0, sizeof *runs);
	return &runs[c->run_count++];
}

/* "u32-ms, 5s before, #1" */
static int parse_name(const char *name, struct sweep_case *c, unsigned *repeat)
{
	char lead[TIMENS_SPAN_TEXT_MAX];

	if (sscanf(name, "%63[^,], %47[^,b ] before, #%u", c->name, lead, repeat) != 3)
		return -1;
	return timens_parse(lead, &c->lead, NULL, NULL) < 0 ? -1 : describe(c);
}

static void on_case(struct reader *reader, const char **pairs)
{
	struct sweep_case parsed = {0}, *c;
	unsigned repeat;

	if (parse_name(attribute(pairs, "name"), &parsed, &repeat) < 0) {
		fail(reader, "its cases are not those of a sweep");
		return;
	}
	c = same_case(reader->suite, &parsed);
	if (!c)
		c = new_case(reader->suite, &parsed);
	reader->run = c ? new_run(c) : NULL;
	if (!reader->run) {
		fail(reader, "not enough memory");
		return;
	}
	reader->run->repeat = repeat;
	reader->run->outcome = OUTCOME_PASSED;
	reader->run->seconds = take_seconds(reader, pairs);
}

/* One that ended before its point has passed, and its time says the rest. */
static void take_outcome(struct run *run, enum outcome outcome, const char *how)
{
	run->outcome = outcome;
	snprintf(run->how, sizeof run->how, "%s", outcome == OUTCOME_PASSED ? "" : how);
}

static void on_verdict(struct reader *reader, const char **pairs)
{
	const char *type = attribute(pairs, "type");

	if (!reader->run)
		return;
	for (int i = 0; i < OUTCOME_COUNT; i++)
		if (!strcmp(junit_outcomes[i], type)) {
			take_outcome(reader->run, (enum outcome)i, attribute(pairs, "message"));
			return;
		}
	fail(reader, "a result has an unknown type");
}

static void on_output(struct reader *reader, const char **pairs)
{
	(void)pairs;
	reader->in_output = reader->run != NULL;
}

static const struct element {
	const char *name;
	void (*begin)(struct reader *reader, const char **pairs);
} elements[] = {
	{"testsuite", on_suite},   {"property", on_property}, {"testcase", on_case},
	{"failure", on_verdict},   {"error", on_verdict},     {"skipped", on_verdict},
	{"system-out", on_output},
};

static void begin_element(void *data, const char *name, const char **pairs)
{
	for (size_t i = 0; i < sizeof elements / sizeof elements[0]; i++)
		if (!strcmp(elements[i].name, name))
			elements[i].begin(data, pairs);
}

static void end_element(void *data, const char *name)
{
	struct reader *reader = data;

	if (!strcmp(name, "testcase"))
		reader->run = NULL;
	if (strcmp(name, "system-out") != 0 || !reader->in_output || !reader->run)
		return;
	free(reader->run->output);
	reader->run->output = reader->text;
	reader->text = NULL;
	reader->length = 0;
	reader->in_output = false;
}

static void on_text(void *data, const char *text, int length)
{
	struct reader *reader = data;
	char *grown;

	if (!reader->in_output)
		return;
	grown = realloc(reader->text, reader->length + (size_t)length + 1);
	if (!grown) {
		fail(reader, "not enough memory");
		return;
	}
	reader->text = grown;
	memcpy(grown + reader->length, text, (size_t)length);
	reader->length += (size_t)length;
	grown[reader->length] = '\0';
}

/* A document type may hold entities that grow without end, and none of our reports has one. */
static void on_doctype(void *data, const char *name, const char *system, const char *public,
		       int has_internal)
{
	(void)name, (void)system, (void)public, (void)has_internal;
	fail(data, "it has a document type");
}

/* -- The file -- */

static int parse_file(FILE *file, XML_Parser parser, struct reader *reader)
{
	char buf[65536];
	size_t n;

	XML_SetUserData(parser, reader);
	XML_SetElementHandler(parser, begin_element, end_element);
	XML_SetCharacterDataHandler(parser, on_text);
	XML_SetStartDoctypeDeclHandler(parser, on_doctype);
	do {
		n = fread(buf, 1, sizeof buf, file);
		if (ferror(file))
			fail(reader, strerror(errno));
		else if (XML_Parse(parser, buf, (int)n, n < sizeof buf) == XML_STATUS_ERROR)
			fail_to_parse(reader);
	} while (n == sizeof buf && !reader->wrong);
	return reader->wrong ? -1 : 0;
}

/* What the rest of us relies on. */
static void check_suite(struct reader *reader)
{
	const struct suite *s = reader->suite;

	if (reader->suites == 0 || !s->command || s->shard < 1 || s->shard > s->shards)
		fail(reader, "it is no report of timens sweep");
	else if (s->case_count == 0 || !case_is_control(&s->cases[0]))
		fail(reader, "the control is missing");
}

int junit_read(const struct command *self, const char *path, struct suite *suite)
{
	XML_Parser parser = XML_ParserCreate(NULL);
	struct reader reader = {.suite = suite, .parser = parser};
	FILE *file = fopen(path, "re");

	if (!file || !parser)
		reader.wrong = strerror(errno);
	else if (parse_file(file, parser, &reader) == 0)
		check_suite(&reader);
	if (parser)
		XML_ParserFree(parser);
	if (file)
		fclose(file);
	free(reader.text);
	return reader.wrong ? complain(self, "%s: %s%s", path, reader.wrong,
				       reader.no_xml ? "; it is no JUnit report" : "")
			    : 0;
}
