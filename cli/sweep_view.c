/* SPDX-License-Identifier: MIT */
/* What a sweep shows while it goes on. */
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "sweep.h"
#include "times.h"

#define BAR_WIDTH 30
/* Terminals that do not tell. */
#define COLUMNS 80
#define ROWS	24

struct view {
	struct sweep_observer observer;
	const struct suite *suite;
	size_t runs, done, failed;
	int drawn; /* lines of the picture on the terminal */
	bool colour;
};

static struct view *view_of(struct sweep_observer *observer)
{
	return (struct view *)observer;
}

/* -- A line per finished run -- */

static const struct word {
	const char *text, *colour;
} words[] = {
	[OUTCOME_NOT_RUN] = {"not run", "33"},
	[OUTCOME_PASSED] = {"passed", "32"},
	[OUTCOME_FAILED] = {"failed", "31"},
	[OUTCOME_TIMED_OUT] = {"failed", "31"},
};

static void put_result(const struct view *view, const struct sweep_case *c, const struct run *run)
{
	static const struct word early_word = {"early", "33"};
	bool early = run_verdict(view->suite, c, run) == VERDICT_EARLY;
	const struct word *word = early ? &early_word : &words[run->outcome];
	char title[128], seconds[16], repeat[24] = "";

	case_title(c, title, sizeof title);
	time_short(run->seconds, seconds, sizeof seconds);
	if (run->repeat > 1 || c->run_count > 1)
		snprintf(repeat, sizeof repeat, " #%u", run->repeat);
	if (view->colour)
		fprintf(stderr, "\033[%sm%-7s\033[0m", word->colour, word->text);
	else
		fprintf(stderr, "%-7s", word->text);
	fprintf(stderr, "  %s%s  (%s%s%s)\n", title, repeat, run->how, *run->how ? " after " : "",
		seconds);
}

/* -- The picture -- */

/* The terminal may have put a ^C in front of the cursor. */
static void wipe(struct view *view)
{
	if (view->drawn)
		fprintf(stderr, "\r\033[%dA\033[J", view->drawn);
	view->drawn = 0;
}

static void finished(struct sweep_observer *observer, const struct sweep_case *c,
		     const struct run *run)
{
	struct view *view = view_of(observer);

	wipe(view);
	view->done++;
	view->failed += run->outcome == OUTCOME_FAILED || run->outcome == OUTCOME_TIMED_OUT;
	put_result(view, c, run);
	fflush(stderr);
}

static void terminal_size(unsigned *rows, unsigned *columns)
{
	struct winsize size = {0};

	ioctl(STDERR_FILENO, TIOCGWINSZ, &size);
	*rows = size.ws_row ? size.ws_row : ROWS;
	*columns = size.ws_col ? size.ws_col : COLUMNS;
}

/* A line that wraps would spoil the count of lines. */
static void put_cut(const char *text, unsigned columns)
{
	fprintf(stderr, "%.*s\n", (int)columns - 1, text);
}

/* "rolls over in 2.1s", "rolled over 0.8s ago". */
static void when(const struct live_view *live, char *buf, size_t size)
{
	double left = (double)time_to_ns(&live->c->lead) / (double)NSEC_PER_SEC - live->seconds;

	if (case_is_control(live->c))
		snprintf(buf, size, "clocks as they are");
	else if (left > 0)
		snprintf(buf, size, "rolls over in %.1fs", left);
	else
		snprintf(buf, size, "rolled over %.1fs ago", -left);
}

static void put_live(const struct live_view *live, unsigned columns)
{
	char line[256], title[128], what[64];

	case_title(live->c, title, sizeof title);
	when(live, what, sizeof what);
	snprintf(line, sizeof line, "running  %-22s %6.1fs  %s", title, live->seconds, what);
	put_cut(line, columns);
}

static void put_bar(const struct view *view, unsigned columns)
{
	size_t filled = view->runs ? view->done * BAR_WIDTH / view->runs : BAR_WIDTH;
	char line[128], bar[BAR_WIDTH + 1];

	for (size_t i = 0; i < BAR_WIDTH; i++)
		bar[i] = i < filled ? '#' : '-';
	bar[BAR_WIDTH] = '\0';
	snprintf(line, sizeof line, "[%s] %zu of %zu runs, %zu failed", bar, view->done, view->runs,
		 view->failed);
	put_cut(line, columns);
}

static void draw(struct sweep_observer *observer, const struct live_view *live, size_t count)
{
	struct view *view = view_of(observer);
	unsigned rows, columns;

	terminal_size(&rows, &columns);
	if (count + 2 > rows)
		count = rows > 2 ? rows - 2 : 0;
	wipe(view);
	for (size_t i = 0; i < count; i++)
		put_live(&live[i], columns);
	put_bar(view, columns);
	view->drawn = (int)count + 1;
	fflush(stderr);
}

/* -- Opening -- */

static bool is_terminal(void)
{
	const char *term = getenv("TERM");

	return isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0;
}

struct sweep_observer *view_open(const struct suite *suite)
{
	struct view *view = calloc(1, sizeof *view);

	if (!view)
		return NULL;
	view->suite = suite;
	for (size_t i = 0; i < suite->case_count; i++)
		view->runs += suite->cases[i].run_count;
	view->observer.finished = finished;
	if (is_terminal()) {
		/* One write per picture, so that it does not flicker. */
		setvbuf(stderr, NULL, _IOFBF, 1 << 16);
		view->observer.tick = draw;
		view->colour = !getenv("NO_COLOR");
	}
	return &view->observer;
}

void view_close(struct sweep_observer *observer)
{
	struct view *view = view_of(observer);

	wipe(view);
	fflush(stderr);
	setvbuf(stderr, NULL, _IOLBF, BUFSIZ);
	free(view);
}
