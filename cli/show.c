/* SPDX-License-Identifier: MIT */
/* timens show: the offsets and the clocks of processes. */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "columns.h"
#include "file.h"
#include "json.h"
#include "message.h"
#include "options.h"
#include "pid.h"
#include "process_stat.h"
#include "times.h"

struct settings {
	bool json;
};

static const struct option_row options[] = {
	OPTION("json", NULL, option_set_flag, offsetof(struct settings, json),
	       "print a JSON array with one object per process"),
	OPTIONS_END,
};

/* -- What is known of a process -- */

struct clock_row {
	const char *name;
	struct timens_timespec offset, outside, inside;
};

struct process_row {
	pid_t pid;
	time_t since; /* when the process was started, by the wall clock */
	unsigned long long namespace_id;
	struct clock_row boottime, monotonic;
	char command[256];
};

/* Our own clocks: what "outside" reads, and what their offsets are. */
struct outside {
	struct timens_offsets offsets, readings;
};

static int look_outside(struct outside *outside, struct timens_error *error)
{
	outside->readings.clock_boottime = time_reading(CLOCK_BOOTTIME);
	outside->readings.clock_monotonic = time_reading(CLOCK_MONOTONIC);
	return timens_read(0, &outside->offsets, sizeof outside->offsets, error);
}

static struct clock_row clock_row(const char *name, struct timens_timespec offset,
				  struct timens_timespec own_offset, struct timens_timespec own)
{
	struct timens_timespec difference = time_add(offset, time_negate(own_offset));

	return (struct clock_row){name, offset, own, time_add(own, difference)};
}

/* A process may give itself any bytes as its name, a line's end among them. */
static int read_command(pid_t pid, char *buf, size_t size)
{
	char path[64];
	ssize_t n;

	snprintf(path, sizeof path, "/proc/%d/comm", pid);
	n = file_read(path, buf, size);
	if (n < 0)
		return (int)n;
	if (n && buf[n - 1] == '\n')
		buf[--n] = '\0';
	return n ? 0 : -ESRCH;
}

static int read_namespace_id(pid_t pid, unsigned long long *id)
{
	struct stat status;
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/ns/time", pid);
	if (stat(path, &status) < 0)
		return -errno;
	*id = status.st_ino;
	return 0;
}

static int read_since(pid_t pid, time_t *since)
{
	int64_t started;
	int r = process_started(pid, &started);

	if (r == 0)
		*since = time(NULL) - (time_t)(time_reading(CLOCK_BOOTTIME).tv_sec - started);
	return r;
}

static int look_at(const struct command *self, pid_t pid, const struct outside *outside,
		   struct process_row *row)
{
	struct timens_offsets offsets;
	struct timens_error error;
	char subject[32];
	int r;

	if (timens_read(pid, &offsets, sizeof offsets, &error) < 0)
		return complain_error(self, &error);
	r = read_namespace_id(pid, &row->namespace_id);
	if (r == 0)
		r = read_command(pid, row->command, sizeof row->command);
	if (r == 0)
		r = read_since(pid, &row->since);
	if (r < 0) {
		snprintf(subject, sizeof subject, "process %d", pid);
		return complain_stage(self, TIMENS_STAGE_READ, r == -ENOENT ? ESRCH : -r, subject);
	}
	row->pid = pid;
	row->boottime =
		clock_row("boottime", offsets.clock_boottime, outside->offsets.clock_boottime,
			  outside->readings.clock_boottime);
	row->monotonic =
		clock_row("monotonic", offsets.clock_monotonic, outside->offsets.clock_monotonic,
			  outside->readings.clock_monotonic);
	return 0;
}

/* -- The table -- */

enum { PID, NAMESPACE, CLOCK, OFFSET, OUTSIDE, INSIDE, SINCE, COLUMN_COUNT };

static const struct columns_line head = {
	{"PID", "NAMESPACE", "CLOCK", "OFFSET", "OUTSIDE", "INSIDE", "SINCE"}, "COMMAND"};

static void fill_line(struct columns_line *line, const struct process_row *row,
		      const struct clock_row *clock)
{
	struct timens_timespec outside = {clock->outside.tv_sec, 0};
	struct timens_timespec inside = {clock->inside.tv_sec, 0};
	struct tm since;

	snprintf(line->cell[PID], sizeof line->cell[PID], "%d", row->pid);
	snprintf(line->cell[NAMESPACE], sizeof line->cell[NAMESPACE], "%llu", row->namespace_id);
	snprintf(line->cell[CLOCK], sizeof line->cell[CLOCK], "%s", clock->name);
	timens_format(&clock->offset, line->cell[OFFSET], sizeof line->cell[OFFSET]);
	/* These go on while they are read, so whole seconds will do. */
	timens_format(&outside, line->cell[OUTSIDE], sizeof line->cell[OUTSIDE]);
	timens_format(&inside, line->cell[INSIDE], sizeof line->cell[INSIDE]);
	strftime(line->cell[SINCE], sizeof line->cell[SINCE], "%F %T",
		 localtime_r(&row->since, &since));
	line->last = row->command;
}

static int put_table(FILE *out, const struct process_row *rows, size_t count)
{
	struct columns_line *lines = calloc(2 * count + 1, sizeof *lines);

	if (!lines)
		return -ENOMEM;
	lines[0] = head;
	for (size_t i = 0; i < count; i++) {
		fill_line(&lines[2 * i + 1], &rows[i], &rows[i].boottime);
		fill_line(&lines[2 * i + 2], &rows[i], &rows[i].monotonic);
	}
	columns_put(out, lines, count ? 2 * count + 1 : 0, 0, COLUMN_COUNT);
	free(lines);
	return 0;
}

/* -- JSON -- */

static json_t *clock_json(const struct clock_row *clock)
{
	return json_pack("{s:o, s:o, s:o}", "offset", json_time(&clock->offset), "outside",
			 json_time(&clock->outside), "inside", json_time(&clock->inside));
}

static json_t *row_json(const struct process_row *row)
{
	return json_pack("{s:i, s:o, s:I, s:I, s:o, s:o}", "pid", row->pid, "command",
			 json_bytes(row->command, strlen(row->command)), "namespace",
			 (json_int_t)row->namespace_id, "since", (json_int_t)row->since, "boottime",
			 clock_json(&row->boottime), "monotonic", clock_json(&row->monotonic));
}

static int put_json(FILE *out, const struct process_row *rows, size_t count)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(array, row_json(&rows[i]));
	json_put(array, out);
	json_decref(array);
	return 0;
}

/* -- The command -- */

/* All words are looked at before anything is read. */
static int take_pids(const struct command *self, char **words, size_t count,
		     struct process_row *rows)
{
	rows[0].pid = getpid();
	for (size_t i = 0; i < count; i++) {
		rows[i].pid = pid_parse(words[i]);
		if (rows[i].pid == 0)
			return complain_pid(self, words[i]);
	}
	return 0;
}

/* Keeps the rows of those that could be read; tells how many. */
static size_t look_at_all(const struct command *self, struct process_row *rows, size_t count,
			  const struct outside *outside)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		if (look_at(self, rows[i].pid, outside, &rows[kept]) == 0)
			kept++;
	return kept;
}

static int show_rows(const struct command *self, struct process_row *rows, size_t count, bool json,
		     FILE *out)
{
	struct timens_error error;
	struct outside outside;
	size_t kept;

	if (look_outside(&outside, &error) < 0)
		return complain_error(self, &error), 1;
	kept = look_at_all(self, rows, count, &outside);
	if ((json ? put_json : put_table)(out, rows, kept) < 0)
		return complain(self, "not enough memory");
	return kept < count ? 1 : 0;
}

static int show(const struct command *self, int argc, char **argv, FILE *out)
{
	struct settings settings = {0};
	struct process_row *rows;
	char **words;
	size_t count;
	int status;

	if (!options_parse(self, argc, argv, &settings, out, &words, &status))
		return status;
	count = options_count(words);
	rows = calloc(count ? count : 1, sizeof *rows);
	if (!rows)
		return complain(self, "not enough memory");
	status = take_pids(self, words, count, rows);
	if (status == 0)
		status = show_rows(self, rows, count ? count : 1, settings.json, out);
	free(rows);
	return status;
}

const struct command command_show = {
	.name = "timens show",
	.usage = "[--json] [PID...]",
	.summary = "Shows the offsets and the clocks of processes",
	.main = show,
	.options = options,
	.notes =
		"Without PID it shows itself.\n\n"
		"OFFSET is relative to the machine's own clocks, exact to the nanosecond. OUTSIDE\n"
		"is what the clock reads here, INSIDE what the process reads at the same moment.\n"
		"Processes with the same NAMESPACE share their clocks. SINCE is when the process\n"
		"was started.\n\n"
		"Exit status: 0, 1 some process could not be shown, 125 timens itself failed.",
};
