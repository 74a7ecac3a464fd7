/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "html.h"
#include "report.h"
#include "table.h"
#include "times.h"

#define WIDTH	    1000.0
#define LEFT	    70.0
#define RIGHT	    40.0
#define AXIS_Y	    150.0
#define HEIGHT	    200.0
#define LABEL_Y	    84.0
#define LABEL_SPACE 19.0 /* between two labels, which lean */
#define DOT_SPACE   17.0

/* One dot, for all leads and shards of its reading. */
struct dot {
	const struct sweep_case *c;
	size_t suite, index; /* of the case it leads to */
	enum verdict verdict;
	const struct suite *of;
	double x, y, label_x;
};

static const struct mark {
	double seconds;
	const char *text;
} marks[] = {
	{60, "1 minute"},	    {3600, "1 hour"},	  {86400, "1 day"},
	{2629800, "1 month"},	    {31557600, "1 year"}, {315576000, "10 years"},
	{3155760000., "100 years"},
};

static double seconds_of(const struct timens_timespec *t)
{
	return (double)t->tv_sec + (double)t->tv_nsec / (double)NSEC_PER_SEC;
}

/* -- Dots -- */

static int by_reading(const void *a, const void *b)
{
	const struct dot *x = a, *y = b;

	return time_compare(&x->c->reading, &y->c->reading);
}

static bool is_worse(const struct dot *a, const struct dot *b)
{
	static const int rank[VERDICT_COUNT] = {
		[VERDICT_FAILED] = 4,
		[VERDICT_AS_CONTROL] = 3,
		[VERDICT_NOT_RUN] = 2,
		[VERDICT_EARLY] = 1,
	};

	return rank[a->verdict] > rank[b->verdict];
}

/* Sorted by reading; of each the worst is kept. */
static size_t merge_dots(struct dot *dots, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		if (kept && !by_reading(&dots[kept - 1], &dots[i])) {
			if (is_worse(&dots[i], &dots[kept - 1]))
				dots[kept - 1] = dots[i];
			continue;
		}
		dots[kept++] = dots[i];
	}
	return kept;
}

static size_t collect(struct dot *dots, const struct suite *suites, size_t count)
{
	size_t n = 0;

	for (size_t s = 0; s < count; s++)
		for (size_t i = 1; i < suites[s].case_count; i++)
			dots[n++] = (struct dot){
				.c = &suites[s].cases[i],
				.suite = s,
				.index = i,
				.verdict = case_verdict(&suites[s], &suites[s].cases[i]),
				.of = &suites[s]};
	qsort(dots, n, sizeof *dots, by_reading);
	return merge_dots(dots, n);
}

/* -- The scale -- */

struct scale {
	double low, high; /* logarithms; what is below is at the left end */
};

static struct scale scale_of(const struct dot *dots, size_t count)
{
	struct scale scale = {3, 9.7};
	double seconds;

	for (size_t i = 0; i < count; i++) {
		seconds = seconds_of(&dots[i].c->reading);
		if (seconds > 0 && log10(seconds) < scale.low)
			scale.low = log10(seconds) > 0 ? floor(log10(seconds)) : 0;
	}
	return scale;
}

static double x_of(const struct scale *scale, double seconds)
{
	double at = seconds > 0 ? (log10(seconds) - scale->low) / (scale->high - scale->low) : 0;

	if (seconds <= 0)
		return LEFT - 30;
	return LEFT + (at > 0 ? at : 0) * (WIDTH - LEFT - RIGHT);
}

/* One that would cover its neighbour goes above it. */
static void stack(struct dot *dots, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		dots[i].y = AXIS_Y;
		if (i && dots[i].x < dots[i - 1].x + DOT_SPACE)
			dots[i].y = dots[i - 1].y == AXIS_Y ? AXIS_Y - DOT_SPACE : AXIS_Y;
	}
}

/* Labels keep their distance, from the left and where there is no room left, from the right. */
static void place(struct dot *dots, size_t count, const struct scale *scale)
{
	double edge = WIDTH - RIGHT;
	/* Too many for that distance come closer, and none is out of the picture. */
	double space = fmin(LABEL_SPACE, edge / (double)(count + 1));

	for (size_t i = 0; i < count; i++) {
		dots[i].x = dots[i].label_x = x_of(scale, seconds_of(&dots[i].c->reading));
		if (i && dots[i].label_x < dots[i - 1].label_x + space)
			dots[i].label_x = dots[i - 1].label_x + space;
	}
	stack(dots, count);
	for (size_t i = count; i-- > 0; edge -= space)
		if (dots[i].label_x > edge)
			dots[i].label_x = edge;
}

/* -- Drawing -- */

static void put_marks(FILE *out, const struct scale *scale)
{
	double x;

	for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
		if (log10(marks[i].seconds) < scale->low)
			continue;
		x = x_of(scale, marks[i].seconds);
		fprintf(out,
			"<g class=\"tick\"><line x1=\"%.1f\" y1=\"%.0f\" x2=\"%.1f\" y2=\"%.0f\"/>"
			"<text x=\"%.1f\" y=\"%.0f\" text-anchor=\"middle\">%s</text></g>\n",
			x, LABEL_Y + 10, x, AXIS_Y + 14, x, AXIS_Y + 32, marks[i].text);
	}
}

/* Not by colour alone: what failed is a square on its tip, and what says nothing a ring. */
static void put_shape(FILE *out, const struct dot *dot)
{
	if (dot->verdict == VERDICT_FAILED)
		fprintf(out,
			"<rect class=\"failed\" x=\"%.1f\" y=\"%.1f\" width=\"14\" height=\"14\" "
			"transform=\"rotate(45 %.1f %.1f)\"/>",
			dot->x - 7, dot->y - 7, dot->x, dot->y);
	else
		fprintf(out, "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"7\"/>",
			html_class(dot->verdict), dot->x, dot->y);
}

static void put_dot(FILE *out, const struct dot *dot)
{
	char buf[48];

	fprintf(out, "<a href=\"#case-%zu-%zu\"><title>", dot->suite + 1, dot->index);
	report_put_escaped(out, dot->c->name);
	fprintf(out, ": %s</title><path class=\"lead\" d=\"M%.1f %.0fL%.1f %.0fL%.1f %.0f\"/>",
		verdict_text(dot->of, dot->c, buf, sizeof buf), dot->label_x, LABEL_Y + 4,
		dot->label_x, LABEL_Y + 12, dot->x, dot->y - 9);
	put_shape(out, dot);
	fprintf(out, "<text x=\"%.1f\" y=\"%.0f\" transform=\"rotate(-55 %.1f %.0f)\">",
		dot->label_x, LABEL_Y, dot->label_x, LABEL_Y);
	report_put_escaped(out, dot->c->name);
	fputs("</text></a>\n", out);
}

static void put_picture(FILE *out, const struct dot *dots, size_t count, const struct scale *scale)
{
	fprintf(out,
		"<div class=\"line\"><svg viewBox=\"0 0 %.0f %.0f\" role=\"img\" "
		"aria-label=\"The points by their uptime, on a logarithmic scale\">\n",
		WIDTH, HEIGHT);
	put_marks(out, scale);
	fprintf(out, "<line class=\"axis\" x1=\"%.0f\" y1=\"%.0f\" x2=\"%.0f\" y2=\"%.0f\"/>\n",
		LEFT - 30, AXIS_Y, WIDTH - RIGHT + 10, AXIS_Y);
	for (size_t i = 0; i < count; i++)
		put_dot(out, &dots[i]);
	fputs("</svg></div>\n", out);
}

void html_timeline(FILE *out, const struct suite *suites, size_t count)
{
	size_t all = 0, n;
	struct scale scale;
	struct dot *dots;

	for (size_t s = 0; s < count; s++)
		all += suites[s].case_count;
	dots = calloc(all + 1, sizeof *dots);
	if (!dots)
		return;
	n = collect(dots, suites, count);
	scale = scale_of(dots, n);
	place(dots, n, &scale);
	put_picture(out, dots, n, &scale);
	free(dots);
}
