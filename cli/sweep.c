/* SPDX-License-Identifier: MIT */
/* timens sweep: one run of the command for each point where a counter rolls over. */
#include "sweep.h"

#include <errno.h>
#include <sched.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "message.h"
#include "report.h"
#include "table.h"
#include "userns.h"

static const struct option_row options[] = {
	OPTION("points", "LIST", option_add_word, offsetof(struct sweep_settings, points),
	       "points or times, with commas between (all points)"),
	OPTION("lead", "T", option_add_word, offsetof(struct sweep_settings, leads),
	       "start so long before the point (5s); a list for several"),
	OPTION("jobs", "N", option_set_count, offsetof(struct sweep_settings, jobs),
	       "so many at once (as many as there are processors)", .letter = 'j'),
	OPTION("timeout", "T", option_set_duration, offsetof(struct sweep_settings, timeout),
	       "end a run and all its processes after T; it failed"),
	OPTION("repeat", "N", option_set_count, offsetof(struct sweep_settings, repeat),
	       "run each N times"),
	OPTION("fail-fast", NULL, option_set_flag, offsetof(struct sweep_settings, fail_fast),
	       "end all after the first failure"),
	OPTION("keep-output", "DIR", option_set_text, offsetof(struct sweep_settings, keep_output),
	       "write all output to files in DIR"),
	OPTION("shard", "I/N", option_set_shard, offsetof(struct sweep_settings, shard),
	       "the I-th of N shares; auto, auto/N: by the environment"),
	OPTION("junit", "FILE", option_set_text, offsetof(struct sweep_settings, junit),
	       "write a JUnit report"),
	OPTION("html", "FILE", option_set_text, offsetof(struct sweep_settings, html),
	       "write a page to look at"),
	OPTION("json", NULL, option_set_flag, offsetof(struct sweep_settings, json),
	       "print one JSON object in place of the table"),
	USERNS_OPTION(struct sweep_settings, userns),
	OPTIONS_END,
};

static unsigned processor_count(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof set, &set) == 0 ? (unsigned)CPU_COUNT(&set) : 1;
}

/* Before hours of runs, not after them. */
static int check_settings(const struct command *self, const struct sweep_settings *settings)
{
	if (settings->timeout.given &&
	    (settings->timeout.value.tv_sec < 0 ||
	     (settings->timeout.value.tv_sec == 0 && settings->timeout.value.tv_nsec == 0)))
		return complain(self, "--timeout: it must be more than zero");
	if (settings->keep_output && mkdir(settings->keep_output, 0777) < 0 && errno != EEXIST)
		return complain(self, "--keep-output: %s: %s", settings->keep_output,
				strerror(errno));
	return report_check(self, settings->junit, settings->html);
}

/* A program that is not there: a table of what was not run would hide the complaint. */
static bool nothing_ran(const struct suite *suite)
{
	for (size_t i = 0; i < suite->case_count; i++)
		for (size_t j = 0; j < suite->cases[i].run_count; j++)
			if (*suite->cases[i].runs[j].how ||
			    suite->cases[i].runs[j].outcome != OUTCOME_NOT_RUN)
				return false;
	return true;
}

static int run_and_report(const struct command *self, const struct sweep_settings *settings,
			  char **argv, struct suite *suite, FILE *out)
{
	struct sweep_observer *view = view_open(suite);
	struct report report = {settings->junit, settings->html, settings->json, false};
	int status, reported;

	if (!view)
		return complain(self, "not enough memory");
	status = sweep_run(self, settings, argv, suite, view);
	view_close(view);
	report.no_table = nothing_ran(suite);
	reported = report_put(self, &report, suite, 1, out);
	if (status == 0)
		status = reported;
	return status ? status : results_status(suite, 1);
}

static int sweep_command(const struct command *self, const struct sweep_settings *settings,
			 char **argv, FILE *out)
{
	struct suite suite = {0};
	int status = check_settings(self, settings);

	if (status == 0)
		status = sweep_plan(self, settings, argv, &suite);
	if (status == 0)
		status = run_and_report(self, settings, argv, &suite, out);
	suite_free(&suite);
	return status;
}

static int sweep(const struct command *self, int argc, char **argv, FILE *out)
{
	struct sweep_settings settings = {.repeat = 1};
	char **words;
	int status;

	/* A command of that name can be swept after --. */
	if (argc > 1 && !strcmp(argv[1], command_word(&command_merge)))
		return command_merge.main(&command_merge, argc - 1, argv + 1, out);
	settings.jobs = processor_count();
	if (options_parse(self, argc, argv, &settings, out, &words, &status)) {
		status =
			*words ? sweep_command(self, &settings, words, out)
			       : complain(self, "no program given: %s %s", self->name, self->usage);
	}
	free(settings.points.items);
	free(settings.leads.items);
	return status;
}

static const struct command *const subcommands[] = {&command_merge, NULL};

const struct command command_sweep = {
	.name = "timens sweep",
	.usage = "[OPTION...] [--] CMD [ARG...]",
	.summary = "Runs CMD across each point where a counter of uptime rolls over",
	.main = sweep,
	.options = options,
	.stops_at_word = true,
	.program = 1,
	.subcommands = subcommands,
	.notes = "Exit status: 0 all passed, 1 CMD failed at a point, 2 it also fails with its\n"
		 "clocks as they are, 125 CMD ended before each point, or timens itself failed;\n"
		 "126 and 127 as timens run. More in timens-sweep(1).",
};
