/* SPDX-License-Identifier: MIT */
/* timens check: what works on this machine, and if not, what to change. */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "json.h"
#include "message.h"
#include "options.h"
#include "selftest.h"
#include "surroundings.h"
#include "text.h"

struct settings {
	bool json;
};

static const struct option_row options[] = {
	OPTION("json", NULL, option_set_flag, offsetof(struct settings, json),
	       "print one JSON object"),
	OPTIONS_END,
};

struct facts {
	struct timens_support support;
	struct timens_error error;
	/* By which route; or why it is not available, cut into what happened and what to do. */
	char text[TIMENS_ERROR_TEXT_MAX], hint[TIMENS_ERROR_TEXT_MAX];
	struct selftest selftest;
	struct surroundings surroundings;
};

/* -- Finding out -- */

static void split_reason(struct facts *facts)
{
	size_t length, tail;

	timens_error_text(&facts->error, facts->text, sizeof facts->text);
	timens_error_hint(&facts->error, facts->hint, sizeof facts->hint);
	length = strlen(facts->text);
	tail = strlen(facts->hint) + strlen("; ");
	if (*facts->hint && length > tail)
		facts->text[length - tail] = '\0';
}

static int find_out(struct facts *facts)
{
	int r = timens_support(&facts->support, sizeof facts->support, &facts->error);

	if (r < 0)
		return r;
	surroundings_look(&facts->surroundings);
	facts->selftest = selftest_run();
	if (facts->support.available)
		snprintf(facts->text, sizeof facts->text, "by route %s",
			 timens_route_name(facts->support.route));
	else
		split_reason(facts);
	return 0;
}

/* -- One line for each capability -- */

struct line {
	int answer; /* ANSWER_* */
	const char *detail;
	const char *command; /* that changes it; "": none */
};

/* What stands in the way of a start, and the command that takes it out of the way. */
static const struct remedy {
	int stage, errnum;
	const char *command;
} remedies[] = {
	{TIMENS_STAGE_UNSHARE, ENOSPC, "sysctl -w user.max_time_namespaces=10000"},
	{TIMENS_STAGE_CLONE, ENOSPC,
	 "sysctl -w user.max_user_namespaces=10000 user.max_time_namespaces=10000"},
	{TIMENS_STAGE_WRITE, EROFS, "docker run --security-opt systempaths=unconfined ..."},
	{TIMENS_STAGE_PREPARE, ENOENT, "mount -t proc proc /proc"},
};

static bool is_refusal(const struct timens_support *s)
{
	return (s->error_stage == TIMENS_STAGE_CLONE || s->error_stage == TIMENS_STAGE_UNSHARE ||
		s->error_stage == TIMENS_STAGE_MAP) &&
	       (s->error_errno == EPERM || s->error_errno == EACCES);
}

/* Who refuses, the errno does not tell: a setting of this machine, if one is shut, and only then a
 * filter. A setting that the kernel has not, or has open, is no advice. */
static const char *remedy_of(const struct timens_support *s, const struct surroundings *around)
{
	for (size_t i = 0; i < sizeof remedies / sizeof remedies[0]; i++)
		if (remedies[i].stage == s->error_stage && remedies[i].errnum == s->error_errno)
			return remedies[i].command;
	if (is_refusal(s) && around->userns_lock)
		return around->userns_lock->command;
	return around->seccomp && s->error_errno == EPERM
		       ? "docker run --security-opt seccomp=unconfined ..."
		       : "";
}

static struct line line_available(const struct facts *f)
{
	if (!f->support.available)
		return (struct line){ANSWER_NO, f->text, remedy_of(&f->support, &f->surroundings)};
	return (struct line){ANSWER_YES, f->text, ""};
}

static struct line line_unprivileged(const struct facts *f)
{
	const struct surroundings *s = &f->surroundings;

	/* It was just done, whatever a setting says: a profile of AppArmor's may let us through. */
	if (f->support.available && f->support.userns)
		return (struct line){ANSWER_YES, "each start makes a user namespace", ""};
	if (s->userns_lock)
		return (struct line){ANSWER_NO, s->userns_lock->why, s->userns_lock->command};
	if (f->selftest.userns != ANSWER_YES)
		return (struct line){f->selftest.userns, "a user namespace was refused", ""};
	return (struct line){ANSWER_YES, "user namespaces are open; here none is needed", ""};
}

static struct line line_exec(const struct facts *f)
{
	static const struct line lines[] = {
		{ANSWER_NO, "an old kernel; the slower route fork is right there",
		 "boot Linux 6.2 or later"},
		{ANSWER_YES, "a start costs no copy of the caller's page tables", ""},
		{ANSWER_UNKNOWN, "not known, since no namespace could be made", ""},
	};

	return lines[f->support.exec_enters < 2 ? f->support.exec_enters : 2];
}

static struct line line_clone3(const struct facts *f)
{
	if (f->support.clone3)
		return (struct line){ANSWER_YES, "usable", ""};
	return (struct line){ANSWER_NO,
			     "refused by a seccomp profile; clone is called in its place",
			     "docker run --security-opt seccomp=unconfined ..."};
}

static struct line line_futex(const struct facts *f)
{
	static const struct line lines[] = {
		[ANSWER_NO] = {ANSWER_NO,
			       "this kernel ignores offsets there: timed waits of threads are "
			       "wrong",
			       "boot Linux 5.10 or later"},
		[ANSWER_YES] = {ANSWER_YES, "timed waits of threads go by the shifted clock", ""},
		[ANSWER_UNKNOWN] = {ANSWER_UNKNOWN, "not known, since no namespace could be made",
				    ""},
	};

	return lines[f->selftest.futex];
}

static struct line line_start_times(const struct facts *f)
{
	static const struct line lines[] = {
		[ANSWER_NO] = {ANSWER_NO,
			       "ps shows wrong start times inside; nothing else is touched",
			       "boot Linux 5.11 or later"},
		[ANSWER_YES] = {ANSWER_YES, "ps is right inside", ""},
		[ANSWER_UNKNOWN] = {ANSWER_UNKNOWN, "not known, since no namespace could be made",
				    ""},
	};

	return lines[f->selftest.start_times];
}

static const struct capability {
	const char *name;
	struct line (*look)(const struct facts *facts);
} capabilities[] = {
	{"time namespaces", line_available},   {"without privilege", line_unprivileged},
	{"exec enters namespaces", line_exec}, {"clone3", line_clone3},
	{"futex timeouts", line_futex},	       {"process start times", line_start_times},
};
#define CAPABILITY_COUNT (sizeof capabilities / sizeof capabilities[0])

/* -- For people -- */

static void put_text(FILE *out, const char *text)
{
	text_put_visible(out, text, strlen(text));
	fputc('\n', out);
}

static void put_capability(FILE *out, const char *name, const struct line *line)
{
	static const char *const answers[] = {
		[ANSWER_NO] = "no", [ANSWER_YES] = "yes", [ANSWER_UNKNOWN] = "?"};

	fprintf(out, "%-4s %-23s ", answers[line->answer], name);
	put_text(out, line->detail);
	if (line->answer == ANSWER_NO && *line->command)
		fprintf(out, "%-4s %-23s %s\n", "", "  to change it:", line->command);
}

static void put_lines(FILE *out, const struct facts *facts)
{
	const struct surroundings *s = &facts->surroundings;
	struct line line;

	for (size_t i = 0; i < CAPABILITY_COUNT; i++) {
		line = capabilities[i].look(facts);
		put_capability(out, capabilities[i].name, &line);
		if (i == 0 && *facts->hint)
			put_capability(out, "  what to do",
				       &(struct line){ANSWER_UNKNOWN, facts->hint, ""});
	}
	fprintf(out, "\ncontainer: %s; seccomp filter: %s; AppArmor profile: ", s->container,
		s->seccomp ? "yes" : "none");
	put_text(out, *s->apparmor ? s->apparmor : "none");
}

/* -- For programs -- */

static json_t *json_tri(int answer)
{
	return answer == ANSWER_UNKNOWN ? json_null() : json_boolean(answer == ANSWER_YES);
}

static json_t *reason_json(const struct facts *f)
{
	if (f->support.available)
		return json_null();
	return json_pack("{s:i, s:s, s:s, s:s}", "errno", f->support.error_errno, "stage",
			 timens_stage_name(f->support.error_stage), "text", f->text, "hint",
			 f->hint);
}

static json_t *capabilities_json(const struct facts *facts)
{
	json_t *array = json_array();
	struct line line;

	for (size_t i = 0; i < CAPABILITY_COUNT; i++) {
		line = capabilities[i].look(facts);
		json_array_append_new(array,
				      json_pack("{s:s, s:o, s:s, s:s}", "name",
						capabilities[i].name, "ok", json_tri(line.answer),
						"detail", line.detail, "command", line.command));
	}
	return array;
}

static void put_json(FILE *out, const struct facts *f)
{
	const struct timens_support *s = &f->support;
	json_t *object = json_pack(
		"{s:b, s:o, s:o, s:o, s:b, s:o, s:o, s:s, s:b, s:s}", "available", s->available,
		"route", s->available ? json_string(timens_route_name(s->route)) : json_null(),
		"userns", s->available ? json_boolean(s->userns) : json_null(), "exec_enters",
		json_tri(s->exec_enters < 2 ? (int)s->exec_enters : ANSWER_UNKNOWN), "clone3",
		s->clone3, "reason", reason_json(f), "checks", capabilities_json(f), "container",
		f->surroundings.container, "seccomp", f->surroundings.seccomp, "apparmor",
		f->surroundings.apparmor);

	json_put(object, out);
	json_decref(object);
}

static int check(const struct command *self, int argc, char **argv, FILE *out)
{
	struct settings settings = {0};
	struct facts facts = {0};
	char **words;
	int status;

	if (!options_parse(self, argc, argv, &settings, out, &words, &status))
		return status;
	if (*words)
		return complain(self, "takes no words, but '%s' was given", *words);
	if (find_out(&facts) < 0)
		return complain_error(self, &facts.error);
	(settings.json ? put_json : put_lines)(out, &facts);
	return facts.support.available ? 0 : 1;
}

const struct command command_check = {
	.name = "timens check",
	.usage = "[--json]",
	.summary = "Tells what works here and, if not, the command that changes it",
	.main = check,
	.options = options,
	.notes = "It tries it out, with children that make time namespaces and go away. That a\n"
		 "line says no is no obstacle, but for the first one.\n\n"
		 "Exit status: 0 time namespaces are available, 1 they are not, 125 timens itself\n"
		 "failed.",
};
