/* SPDX-License-Identifier: MIT */
/* timens check: what works on this machine, and if not, what to change. */
#include <stddef.h>
#include <string.h>

#include "message.h"
#include "options.h"
#include "text.h"

struct settings {
	bool json;
};

static const struct option_row options[] = {
	{"json", NULL, option_set_flag, offsetof(struct settings, json), "print one JSON object"},
	OPTIONS_END,
};

/* Why it does not work, cut into what happened and what to do. */
struct reason {
	char text[TIMENS_ERROR_TEXT_MAX], hint[TIMENS_ERROR_TEXT_MAX];
};

static void split_reason(const struct timens_error *error, struct reason *reason)
{
	size_t length, tail;

	timens_error_text(error, reason->text, sizeof reason->text);
	timens_error_hint(error, reason->hint, sizeof reason->hint);
	length = strlen(reason->text);
	tail = strlen(reason->hint) + strlen("; ");
	if (*reason->hint && length > tail)
		reason->text[length - tail] = '\0';
}

/* -- For people -- */

static const char *exec_enters_text(uint32_t exec_enters)
{
	static const char *const texts[] = {
		"no: an old kernel; the slower route fork is right there",
		"yes",
		"not known, since no namespace could be made",
	};

	return texts[exec_enters < 2 ? exec_enters : 2];
}

static void put_line(FILE *out, const char *what, const char *text)
{
	fprintf(out, "%-23s ", what);
	text_put_visible(out, text, strlen(text));
	fputc('\n', out);
}

static void put_lines(FILE *out, const struct timens_support *s, const struct reason *reason)
{
	put_line(out, "time namespaces:", s->available ? "available" : "not available");
	if (s->available) {
		put_line(out, "route:", timens_route_name(s->route));
		put_line(out, "user namespace:",
			 s->userns ? "needed, and made by each start (not privileged)"
				   : "not needed (privileged)");
	} else {
		put_line(out, "reason:", reason->text);
		if (*reason->hint)
			put_line(out, "what to do:", reason->hint);
	}
	put_line(out, "exec enters namespaces:", exec_enters_text(s->exec_enters));
	put_line(out, "clone3:", s->clone3 ? "usable" : "refused (a seccomp profile)");
}

/* -- For programs -- */

static const char *json_bool(uint32_t value)
{
	static const char *const texts[] = {"false", "true", "null"};

	return texts[value < 2 ? value : 2];
}

static void put_json_reason(FILE *out, const struct timens_support *s, const struct reason *reason)
{
	fprintf(out, "{\"errno\": %d, \"stage\": \"%s\", \"text\": ", s->error_errno,
		timens_stage_name(s->error_stage));
	text_put_json(out, reason->text);
	fputs(", \"hint\": ", out);
	text_put_json(out, reason->hint);
	fputc('}', out);
}

static void put_json(FILE *out, const struct timens_support *s, const struct reason *reason)
{
	fprintf(out, "{\"available\": %s, \"route\": ", json_bool(s->available));
	if (s->available)
		text_put_json(out, timens_route_name(s->route));
	else
		fputs("null", out);
	fprintf(out, ", \"userns\": %s, \"exec_enters\": %s, \"clone3\": %s, \"reason\": ",
		s->available ? json_bool(s->userns) : "null", json_bool(s->exec_enters),
		json_bool(s->clone3));
	if (s->available)
		fputs("null", out);
	else
		put_json_reason(out, s, reason);
	fputs("}\n", out);
}

static int check(const struct command *self, int argc, char **argv, FILE *out)
{
	struct settings settings = {0};
	struct timens_support support;
	struct timens_error error = {0};
	struct reason reason = {"", ""};
	char **words;
	int status;

	if (!options_parse(self, argc, argv, &settings, out, &words, &status))
		return status;
	if (*words)
		return complain(self, "takes no words, but '%s' was given", *words);
	if (timens_support(&support, sizeof support, &error) < 0)
		return complain_error(self, &error);
	if (!support.available)
		split_reason(&error, &reason);
	(settings.json ? put_json : put_lines)(out, &support, &reason);
	return support.available ? 0 : 1;
}

const struct command command_check = {
	.name = "timens check",
	.usage = "[--json]",
	.summary = "Tells what works here and, if not, which setting to change",
	.main = check,
	.options = options,
	.notes = "It tries it out, with a child that makes a time namespace and goes away.\n\n"
		 "Exit status: 0 time namespaces are available, 1 they are not, 125 timens itself\n"
		 "failed.",
};
