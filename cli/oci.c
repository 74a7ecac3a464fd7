/* SPDX-License-Identifier: MIT */
/* timens oci: writes a time namespace and its offsets into an OCI bundle's config.json. */
#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "file.h"
#include "json.h"
#include "json_numbers.h"
#include "message.h"
#include "times.h"
#include "uptime.h"

/* Of a config.json; one that large is none. */
#define CONFIG_MAX (16 << 20)

struct settings {
	struct uptime uptime;
};

static const struct option_row options[] = {
	UPTIME_OPTIONS(struct settings, uptime),
	OPTIONS_END,
};

/* -- Reading -- */

static int find_config(const struct command *self, const char *word, char *path)
{
	struct stat status;

	if (stat(word, &status) < 0)
		return complain(self, "%s: %s", word, strerror(errno));
	if (snprintf(path, PATH_MAX, "%s%s", word, S_ISDIR(status.st_mode) ? "/config.json" : "") >=
	    PATH_MAX)
		return complain(self, "%s: %s", word, strerror(ENAMETOOLONG));
	return 0;
}

static char *read_text(const char *path, int *errnum)
{
	char *text = malloc(CONFIG_MAX);
	ssize_t n = text ? file_read(path, text, CONFIG_MAX) : -ENOMEM;

	/* What stands behind a zero byte would be lost. */
	if (n >= 0 && n < CONFIG_MAX - 1 && strlen(text) == (size_t)n)
		return text;
	*errnum = n < 0 ? (int)-n : n < CONFIG_MAX - 1 ? EILSEQ : EFBIG;
	free(text);
	return NULL;
}

static json_t *parse(const struct command *self, const char *path, const char *text)
{
	char *hidden = json_numbers_hide(text);
	json_error_t error = {.text = "not enough memory"};
	/* Of two members of one name the first would be lost. */
	json_t *config = hidden ? json_loads(hidden, JSON_REJECT_DUPLICATES, &error) : NULL;

	free(hidden);
	if (!config)
		complain(self, "%s: line %d: %s", path, error.line, error.text);
	else if (!json_is_object(config) || !json_is_string(json_object_get(config, "ociVersion")))
		complain(self, "%s: it is no OCI config: it has no ociVersion", path);
	else
		return config;
	json_decref(config);
	return NULL;
}

/* -- Changing -- */

/* What is there must be of the right type, or the rest of it would be lost. */
static json_t *member(json_t *object, const char *name, json_t *(*create)(void))
{
	json_t *value = json_object_get(object, name);

	if (!value) {
		json_object_set_new(object, name, create());
		value = json_object_get(object, name);
	}
	return value;
}

static json_t *find_time_namespace(json_t *namespaces)
{
	json_t *one, *type;
	size_t i;

	json_array_foreach(namespaces, i, one)
	{
		type = json_object_get(one, "type");
		if (json_is_string(type) && !strcmp(json_string_value(type), "time"))
			return one;
	}
	return NULL;
}

static int add_namespace(const struct command *self, json_t *linux_part)
{
	json_t *namespaces = member(linux_part, "namespaces", json_array), *one;

	if (!json_is_array(namespaces))
		return complain(self, "linux.namespaces is no array");
	one = find_time_namespace(namespaces);
	if (one && json_object_get(one, "path"))
		return complain(self, "linux.namespaces: the bundle joins a time namespace that "
				      "exists, whose offsets cannot be set; take its path out");
	if (!one)
		json_array_append_new(namespaces, json_pack("{s:s}", "type", "time"));
	return 0;
}

/* A clock that is not named goes on as that of whoever starts the container. */
static void set_clock(json_t *offsets, const char *clock, const struct timens_timespec *offset)
{
	json_object_set_new(offsets, clock,
			    json_pack("{s:I, s:I}", "secs", (json_int_t)offset->tv_sec, "nanosecs",
				      (json_int_t)offset->tv_nsec));
}

static void set_offsets(json_t *linux_part, const struct uptime *uptime,
			const struct timens_offsets *offsets)
{
	json_t *object = json_object();

	if (uptime->uptime.given || uptime->monotonic.given)
		set_clock(object, "monotonic", &offsets->clock_monotonic);
	if (uptime->uptime.given || uptime->boottime.given)
		set_clock(object, "boottime", &offsets->clock_boottime);
	json_object_set_new(linux_part, "timeOffsets", object);
}

/* A runtime writes them as they are, so they are relative to the machine's clocks, and ours to our
 * own. What no kernel ever takes is refused here; what would make the clock negative now may be
 * right when the bundle is started. */
static int add_own(const struct command *self, const char *option, clockid_t clock,
		   struct timens_timespec own, struct timens_timespec *offset)
{
	struct timens_timespec asked = *offset, reading = time_reading(clock);

	/* Neither sum overflows when it is made: what is added is within the limit. */
	if (asked.tv_sec > TIMENS_READING_MAX_SEC ||
	    time_add(reading, asked).tv_sec > TIMENS_READING_MAX_SEC)
		return complain(self, "--%s: it would take the clock past its limit of 146 years",
				option);
	if (asked.tv_sec < -2 * TIMENS_READING_MAX_SEC ||
	    time_add(own, asked).tv_sec < -TIMENS_READING_MAX_SEC)
		return complain(self,
				"--%s: it goes back by more than 146 years, the most that a clock "
				"reads",
				option);
	*offset = time_add(own, asked);
	return 0;
}

static int find_offsets(const struct command *self, const struct uptime *uptime,
			struct timens_offsets *offsets)
{
	bool both = uptime->uptime.given;
	struct timens_offsets own;
	struct timens_error error;
	int status;

	if (timens_read(0, &own, sizeof own, &error) < 0 ||
	    uptime_offsets(uptime, offsets, &error) < 0)
		return complain_error(self, &error);
	status = add_own(self, both ? "uptime" : "boottime", CLOCK_BOOTTIME, own.clock_boottime,
			 &offsets->clock_boottime);
	return status ? status
		      : add_own(self, both ? "uptime" : "monotonic", CLOCK_MONOTONIC,
				own.clock_monotonic, &offsets->clock_monotonic);
}

static int change(const struct command *self, const struct uptime *uptime, json_t *config)
{
	json_t *linux_part = member(config, "linux", json_object);
	struct timens_offsets offsets = {0};
	int status;

	if (!json_is_object(linux_part))
		return complain(self, "linux is no object");
	status = add_namespace(self, linux_part);
	if (status == 0)
		status = find_offsets(self, uptime, &offsets);
	if (status == 0)
		set_offsets(linux_part, uptime, &offsets);
	return status;
}

/* -- Writing -- */

/* As the file was: all in one line, or indented like its second line. */
static size_t dump_flags(const char *old)
{
	const char *second = strchr(old, '\n');
	size_t blanks;

	if (!second || !second[1])
		return JSON_COMPACT;
	blanks = strspn(second + 1, " ");
	return JSON_INDENT(blanks && blanks <= 8 ? blanks : 4);
}

static int write_config(const struct command *self, const char *path, const json_t *config,
			const char *old)
{
	char *hidden = json_dumps(config, dump_flags(old));
	char *text = hidden ? json_numbers_show(hidden) : NULL;
	int r = text ? file_replace(path, text, strlen(text)) : -ENOMEM;

	free(hidden);
	free(text);
	return r < 0 ? complain(self, "%s: %s", path, strerror(-r)) : 0;
}

static int edit(const struct command *self, const struct uptime *uptime, const char *path)
{
	int errnum = 0, status;
	char *text = read_text(path, &errnum);
	json_t *config;

	if (!text)
		return complain(self, "%s: %s", path, strerror(errnum));
	config = parse(self, path, text);
	status = config ? change(self, uptime, config) : EXIT_TIMENS_FAILED;
	if (status == 0)
		status = write_config(self, path, config, text);
	json_decref(config);
	free(text);
	return status;
}

static int oci(const struct command *self, int argc, char **argv, FILE *out)
{
	struct settings settings = {0};
	char path[PATH_MAX], **words;
	int status;

	if (!options_parse(self, argc, argv, &settings, out, &words, &status))
		return status;
	if (!*words || words[1])
		return complain(self, "give one bundle, or its config.json: %s %s", self->name,
				self->usage);
	status = uptime_check(self, &settings.uptime, "");
	if (status == 0)
		status = find_config(self, *words, path);
	return status ? status : edit(self, &settings.uptime, path);
}

const struct command command_oci = {
	.name = "timens oci",
	.usage = "[OPTION...] BUNDLE|CONFIG.JSON",
	.summary = "Writes a time namespace and its offsets into an OCI bundle",
	.main = oci,
	.options = options,
	.notes = "It adds the time namespace to linux.namespaces and sets linux.timeOffsets; all\n"
		 "else stays. crun from 1.8.4 on and runc from 1.2 on read that. What --uptime\n"
		 "asks for, the clocks read now: a container that starts later reads as much "
		 "more.\n\n"
		 "Exit status: 0, 125 timens itself failed; then the file is as it was.",
};
