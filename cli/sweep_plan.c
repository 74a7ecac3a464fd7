/* SPDX-License-Identifier: MIT */
/* The plan of a sweep: points, leads and repeats, and which of them are this shard's. */
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "message.h"
#include "point.h"
#include "sweep.h"
#include "text.h"
#include "times.h"

#define LEAD_SEC 5

/* -- Lists with commas -- */

struct list {
	char **items;
	size_t count;
};

static void list_free(struct list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i]);
	free(list->items);
}

static int list_add(struct list *list, const char *text, size_t length)
{
	char **items = realloc(list->items, (list->count + 1) * sizeof *items);

	if (!items)
		return -1;
	list->items = items;
	items[list->count] = strndup(text, length);
	return items[list->count++] ? 0 : -1;
}

/* Without the blanks around, as in "fresh, max". */
static int list_add_part(struct list *list, const char *text, size_t length)
{
	size_t blanks = strspn(text, " ");

	if (blanks > length)
		blanks = length;
	while (length > blanks && text[length - 1] == ' ')
		length--;
	return list_add(list, text + blanks, length - blanks);
}

/* An empty part stays, so that there is a complaint about it. */
static int list_split(struct list *list, const struct words *words)
{
	const char *text;
	size_t length;

	for (size_t i = 0; i < words->count; i++)
		for (text = words->items[i];; text += length + 1) {
			length = strcspn(text, ",");
			if (list_add_part(list, text, length) < 0)
				return -1;
			if (!text[length])
				break;
		}
	return 0;
}

/* -- Cases -- */

static struct sweep_case *add_case(struct suite *suite)
{
	struct sweep_case *cases = realloc(suite->cases, (suite->case_count + 1) * sizeof *cases);

	if (!cases)
		return NULL;
	suite->cases = cases;
	memset(&cases[suite->case_count], 0, sizeof *cases);
	return &cases[suite->case_count++];
}

static int add_control(struct suite *suite)
{
	struct sweep_case *c = add_case(suite);

	if (!c)
		return -1;
	strcpy(c->name, CONTROL_NAME);
	c->counter = c->effect = "nothing: the clocks as they are";
	return 0;
}

/* No clock can be before its zero, so the lead of an early point ends there. */
static void set_start(struct sweep_case *c)
{
	if (time_compare(&c->lead, &c->reading) > 0)
		c->lead = c->reading;
	c->start = time_add(c->reading, time_negate(c->lead));
}

static bool is_there(const struct suite *suite, const struct sweep_case *new)
{
	for (size_t i = 1; i + 1 < suite->case_count; i++)
		if (!strcmp(suite->cases[i].name, new->name) &&
		    !time_compare(&suite->cases[i].start, &new->start))
			return true;
	return false;
}

static int add_point(const struct command *self, struct suite *suite,
		     const struct sweep_case *point, const struct timens_timespec *lead)
{
	struct sweep_case *c = add_case(suite);
	int status = option_check_reading(self, "points", &point->reading);

	if (status)
		return status;
	if (!c)
		return complain(self, "not enough memory");
	*c = *point;
	c->lead = *lead;
	set_start(c);
	if (is_there(suite, c))
		suite->case_count--;
	return 0;
}

/* A name of the table, or any time: "49d" and "@49d" are the reading of 49 days. */
static int look_up(const struct command *self, const char *word, struct sweep_case *c)
{
	const struct timens_point *point = point_find(word);
	unsigned is_reading;

	c->counter = "what the program keeps";
	c->effect = "a reading of your own";
	if (!*word)
		return complain(self, "--points: empty name in the list");
	if (strlen(word) >= sizeof c->name)
		return complain(self, "--points: '%s' is too long", word);
	strcpy(c->name, word);
	if (!point && *word >= 'a' && *word <= 'z')
		return point_complain(self, word);
	if (!point)
		return option_parse_time(self, "points", word, &c->reading, &is_reading);
	c->reading = point->reading;
	c->counter = point->counter;
	c->effect = point->effect;
	return 0;
}

static int add_points(const struct command *self, struct suite *suite, const struct list *points,
		      const struct timens_timespec *leads, size_t lead_count)
{
	struct sweep_case point;
	int status = 0;

	for (size_t i = 0; i < points->count && status == 0; i++) {
		memset(&point, 0, sizeof point);
		status = look_up(self, points->items[i], &point);
		for (size_t j = 0; j < lead_count && status == 0; j++)
			status = add_point(self, suite, &point, &leads[j]);
	}
	return status;
}

static int parse_leads(const struct command *self, const struct list *list,
		       struct timens_timespec *leads)
{
	int status = 0;

	leads[0] = (struct timens_timespec){LEAD_SEC, 0};
	for (size_t i = 0; i < list->count && status == 0; i++) {
		if (!*list->items[i])
			return complain(self, "--lead: empty time in the list");
		status = option_parse_time(self, "lead", list->items[i], &leads[i], NULL);
		if (status == 0 && leads[i].tv_sec < 0)
			status = complain(self,
					  "--lead: '%s' is after the point, which is then never "
					  "crossed; give how long before it",
					  list->items[i]);
	}
	return status;
}

static int add_cases(const struct command *self, const struct list *points,
		     const struct list *lead_words, struct suite *suite)
{
	size_t count = lead_words->count ? lead_words->count : 1;
	struct timens_timespec *leads = calloc(count, sizeof *leads);
	int status;

	if (!leads || add_control(suite) < 0) {
		free(leads);
		return complain(self, "not enough memory");
	}
	status = parse_leads(self, lead_words, leads);
	if (status == 0)
		status = add_points(self, suite, points, leads, count);
	free(leads);
	return status;
}

static int take_all_points(struct list *list)
{
	size_t count;
	const struct timens_point *points = timens_points(&count);

	for (size_t i = 0; i < count; i++)
		if (list_add(list, points[i].name, strlen(points[i].name)) < 0)
			return -1;
	return 0;
}

static int plan_cases(const struct command *self, const struct sweep_settings *settings,
		      struct suite *suite)
{
	struct list points = {NULL, 0}, leads = {NULL, 0};
	int status, r;

	r = settings->points.count ? list_split(&points, &settings->points)
				   : take_all_points(&points);
	if (r == 0)
		r = list_split(&leads, &settings->leads);
	status = r < 0 ? complain(self, "not enough memory")
		       : add_cases(self, &points, &leads, suite);
	list_free(&points);
	list_free(&leads);
	return status;
}

/* -- Runs -- */

/* How many cases are dealt out before this one: those with a longer lead, which take longer. */
static size_t rank_of(const struct suite *suite, size_t index)
{
	size_t rank = 0;
	int order;

	for (size_t i = 1; i < suite->case_count; i++) {
		order = time_compare(&suite->cases[i].lead, &suite->cases[index].lead);
		rank += order > 0 || (order == 0 && i < index);
	}
	return rank;
}

/* Every shard has the control, and of the rest each gets the next one in turn, so that all have the
 * same number, but for one, of each lead. */
static bool is_mine(const struct suite *suite, bool is_control, size_t number)
{
	return is_control || number % suite->shards + 1 == suite->shard;
}

static int add_runs(struct suite *suite, struct sweep_case *c, unsigned repeat, size_t first)
{
	bool is_control = case_is_control(c);

	c->runs = calloc(repeat, sizeof *c->runs);
	if (!c->runs)
		return -1;
	for (unsigned i = 0; i < repeat; i++)
		if (is_mine(suite, is_control, first + i))
			c->runs[c->run_count++].repeat = i + 1;
	return 0;
}

static int plan_runs(struct suite *suite, unsigned repeat)
{
	suite->total = (suite->case_count - 1) * repeat;
	for (size_t i = 0; i < suite->case_count; i++) {
		if (add_runs(suite, &suite->cases[i], repeat, rank_of(suite, i) * repeat) < 0)
			return -1;
	}
	return 0;
}

/* Those without a run are other machines'. */
static void drop_empty(struct suite *suite)
{
	size_t kept = 0;

	for (size_t i = 0; i < suite->case_count; i++) {
		if (suite->cases[i].run_count)
			suite->cases[kept++] = suite->cases[i];
		else
			free(suite->cases[i].runs);
	}
	suite->case_count = kept;
}

/* -- What it is about -- */

/* $'…' shows any bytes in one line, and is what bash, zsh and POSIX.1-2024 read back. */
static void put_shell_bytes(FILE *out, const char *word)
{
	size_t n;

	fputs("$'", out);
	for (; *word; word += n) {
		n = strcspn(word, "'\\");
		text_put_visible(out, word, n);
		if (!word[n])
			break;
		fprintf(out, "\\%c", word[n++]);
	}
	fputc('\'', out);
}

static bool is_printable(const char *word)
{
	char *shown = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&shown, &size);
	bool same;

	if (!out)
		return false;
	text_put_visible(out, word, strlen(word));
	fclose(out);
	same = !strcmp(shown, word);
	free(shown);
	return same;
}

static void put_shell_word(FILE *out, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_-+=./:,@%^";

	if (*word && strspn(word, plain) == strlen(word))
		fputs(word, out);
	else if (strchr(word, '\'') || !is_printable(word))
		put_shell_bytes(out, word);
	else
		fprintf(out, "'%s'", word);
}

static char *shell_command(char **argv)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	for (char **word = argv; *word; word++) {
		if (word != argv)
			fputc(' ', out);
		put_shell_word(out, *word);
	}
	fclose(out);
	return text;
}

/* FNV-1a: it tells plans apart, and guards against nothing else. */
static void digest(uint64_t *hash, const void *data, size_t size)
{
	for (const uint8_t *byte = data; size; byte++, size--)
		*hash = (*hash ^ *byte) * UINT64_C(0x100000001b3);
}

static uint64_t plan_digest(const struct suite *suite, unsigned repeat)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	digest(&hash, suite->command, strlen(suite->command) + 1);
	digest(&hash, &repeat, sizeof repeat);
	digest(&hash, &suite->shards, sizeof suite->shards);
	for (size_t i = 0; i < suite->case_count; i++) {
		digest(&hash, suite->cases[i].name, strlen(suite->cases[i].name) + 1);
		digest(&hash, &suite->cases[i].start, sizeof suite->cases[i].start);
	}
	return hash;
}

static void describe_machine(struct suite *suite)
{
	struct utsname names;
	time_t now = time(NULL);
	struct tm utc;

	gethostname(suite->host, sizeof suite->host - 1);
	if (uname(&names) == 0)
		snprintf(suite->kernel, sizeof suite->kernel, "%.16s %.64s %.32s", names.sysname,
			 names.release, names.machine);
	strftime(suite->started, sizeof suite->started, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
}

int sweep_plan(const struct command *self, const struct sweep_settings *settings, char **argv,
	       struct suite *suite)
{
	int status;

	suite->shards = settings->shard.count ? settings->shard.count : 1;
	suite->shard = settings->shard.count ? settings->shard.index : 1;
	suite->command = shell_command(argv);
	describe_machine(suite);
	status = plan_cases(self, settings, suite);
	if (status)
		return status;
	if (!suite->command)
		return complain(self, "not enough memory");
	suite->plan = plan_digest(suite, settings->repeat);
	if (plan_runs(suite, settings->repeat) < 0)
		return complain(self, "not enough memory");
	drop_empty(suite);
	return 0;
}
