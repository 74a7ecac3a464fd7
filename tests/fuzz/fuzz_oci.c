/* SPDX-License-Identifier: MIT */
/*
 * The editor of OCI configs. What it accepts must be JSON, and what it writes must be the same
 * document, number by number as they were written, but for the time namespace and its offsets. The
 * judge is a strict reader of its own, which knows nothing of the library that the editor uses.
 */
#include "fuzz.h"
/* For parse, change and dump_flags. */
#include "oci.c"

#define INPUT_MAX 65536

/* -- A document as one line, without what the editor may change -- */

enum place { ROOT, LINUX, NAMESPACES, ELSEWHERE };

/* NULL: it is no JSON. Each writes what it has read in one spelling, and moves on. */
static const char *read_value(const char *at, enum place place, FILE *out);

static const char *skip_space(const char *at)
{
	return at + strspn(at, " \t\r\n");
}

static const char *read_digits(const char *at)
{
	size_t n = strspn(at, "0123456789");

	return n ? at + n : NULL;
}

/* RFC 8259, section 6. Goes out as it is. */
static const char *read_number(const char *at, FILE *out)
{
	const char *start = at;

	at += *at == '-';
	at = *at == '0' ? at + 1 : read_digits(at);
	if (at && *at == '.')
		at = read_digits(at + 1);
	if (at && (*at == 'e' || *at == 'E')) {
		at++;
		at = read_digits(at + (*at == '+' || *at == '-'));
	}
	if (at)
		fprintf(out, "%.*s ", (int)(at - start), start);
	return at;
}

static void put_utf8(FILE *out, unsigned c)
{
	if (c < 0x80) {
		fputc((int)c, out);
		return;
	}
	if (c < 0x800)
		fputc((int)(0xc0 | c >> 6), out);
	else if (c < 0x10000)
		fprintf(out, "%c%c", (int)(0xe0 | c >> 12), (int)(0x80 | (c >> 6 & 0x3f)));
	else
		fprintf(out, "%c%c%c", (int)(0xf0 | c >> 18), (int)(0x80 | (c >> 12 & 0x3f)),
			(int)(0x80 | (c >> 6 & 0x3f)));
	fputc((int)(0x80 | (c & 0x3f)), out);
}

static const char *read_hex(const char *at, unsigned *c)
{
	char four[5] = "";

	if (strspn(at, "0123456789abcdefABCDEF") < 4)
		return NULL;
	memcpy(four, at, 4);
	*c = (unsigned)strtoul(four, NULL, 16);
	return at + 4;
}

/* Behind \u; two of them make one character past 16 bits. */
static const char *read_unicode(const char *at, FILE *out)
{
	unsigned c, low = 0;

	at = read_hex(at, &c);
	if (at && c >= 0xd800 && c < 0xdc00) {
		at = at[0] == '\\' && at[1] == 'u' ? read_hex(at + 2, &low) : NULL;
		if (low < 0xdc00 || low > 0xdfff)
			return NULL;
		c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
	} else if (at && c >= 0xdc00 && c <= 0xdfff) {
		return NULL;
	}
	if (at)
		put_utf8(out, c);
	return at;
}

static const char *read_escape(const char *at, FILE *out)
{
	static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
	const char *letter = *at ? strchr(letters, *at) : NULL;

	if (*at == 'u')
		return read_unicode(at + 1, out);
	if (!letter)
		return NULL;
	fputc(meant[letter - letters], out);
	return at + 1;
}

static const char *read_string(const char *at, FILE *out)
{
	if (*at++ != '"')
		return NULL;
	fputc('"', out);
	while (at && *at != '"') {
		if ((unsigned char)*at < 0x20)
			return NULL;
		if (*at == '\\') {
			at = read_escape(at + 1, out);
			continue;
		}
		fputc(*at++, out);
	}
	fputc('"', out);
	return at ? at + 1 : NULL;
}

/* What is read into *text, instead of written out. */
static const char *read_apart(const char *(*read)(const char *, enum place, FILE *), const char *at,
			      enum place place, char **text)
{
	size_t size = 0;
	FILE *out;

	*text = NULL;
	out = open_memstream(text, &size);
	EXPECT(out, "not enough memory");
	at = read(at, place, out);
	fclose(out);
	return at;
}

static const char *read_name(const char *at, enum place place, FILE *out)
{
	(void)place;
	return read_string(at, out);
}

static enum place place_of(enum place place, const char *name)
{
	if (place == ROOT && !strcmp(name, "\"linux\""))
		return LINUX;
	return place == LINUX && !strcmp(name, "\"namespaces\"") ? NAMESPACES : ELSEWHERE;
}

/* The editor's own, and what it may have to create: empty without it. */
static int is_left_out(enum place place, const char *name, const char *value)
{
	if (place == LINUX && !strcmp(name, "\"timeOffsets\""))
		return 1;
	if (place == LINUX && !strcmp(name, "\"namespaces\""))
		return !strcmp(value, "[]");
	return place == ROOT && !strcmp(name, "\"linux\"") && !strcmp(value, "{}");
}

static const char *read_member(const char *at, enum place place, FILE *out)
{
	char *name, *value = NULL;

	at = read_apart(read_name, skip_space(at), place, &name);
	if (at)
		at = skip_space(at);
	at = at && *at == ':' ? read_apart(read_value, at + 1, place_of(place, name), &value)
			      : NULL;
	if (at && !is_left_out(place, name, value))
		fprintf(out, "%s:%s ", name, value);
	free(name);
	free(value);
	return at;
}

static const char *read_element(const char *at, enum place place, FILE *out)
{
	char *value;

	at = read_apart(read_value, at, ELSEWHERE, &value);
	if (at && !(place == NAMESPACES && !strcmp(value, "{\"type\":\"time\" }")))
		fprintf(out, "%s ", value);
	free(value);
	return at;
}

static const char *read_list(const char *at, enum place place, FILE *out)
{
	int is_object = *at == '{';
	char end = is_object ? '}' : ']';

	fputc(*at, out);
	at = skip_space(at + 1);
	if (*at != end)
		do {
			at = is_object ? read_member(at, place, out) : read_element(at, place, out);
			at = at ? skip_space(at) : "";
		} while (*at == ',' && at++);
	fputc(end, out);
	return *at == end ? at + 1 : NULL;
}

static const char *read_word(const char *at, FILE *out)
{
	static const char *const words[] = {"true", "false", "null"};

	for (size_t i = 0; i < COUNT(words); i++)
		if (!strncmp(at, words[i], strlen(words[i]))) {
			fprintf(out, "%s ", words[i]);
			return at + strlen(words[i]);
		}
	return read_number(at, out);
}

static const char *read_value(const char *at, enum place place, FILE *out)
{
	at = skip_space(at);
	if (*at == '{' || *at == '[')
		return read_list(at, place, out);
	return *at == '"' ? read_string(at, out) : read_word(at, out);
}

/* For the caller to free; NULL: it is no JSON. */
static char *canonical(const char *text)
{
	char *line;
	const char *end = read_apart(read_value, text, ROOT, &line);

	if (end && !*skip_space(end))
		return line;
	free(line);
	return NULL;
}

/* -- The editor -- */

static const struct uptime asked = {
	.boottime = {.value = {86400, 1}, .given = true},
	.monotonic = {.value = {-1, 500000000}, .given = true},
};

/* As edit() does, without the file. NULL: refused. */
static char *edited(const char *text)
{
	json_t *config = parse(&command_oci, "input", text);
	char *hidden = NULL, *result = NULL;

	if (config && change(&command_oci, &asked, config) == 0)
		hidden = json_dumps(config, dump_flags(text));
	if (hidden)
		result = json_numbers_show(hidden);
	free(hidden);
	json_decref(config);
	return result;
}

static void check_clock(json_t *offsets, const char *clock, struct timens_timespec own,
			struct timens_timespec added)
{
	struct timens_timespec want = time_add(own, added);
	json_t *offset = json_object_get(offsets, clock);

	EXPECT(json_integer_value(json_object_get(offset, "secs")) == want.tv_sec, "%s", clock);
	EXPECT(json_integer_value(json_object_get(offset, "nanosecs")) == want.tv_nsec, "%s",
	       clock);
}

static void check_offsets(const char *text)
{
	json_t *config = parse(&command_oci, "output", text), *linux_part, *offsets, *one;
	struct timens_offsets own;

	EXPECT(config, "it does not read what it wrote: %s", text);
	EXPECT(timens_read(0, &own, sizeof own, NULL) == 0, "own offsets");
	linux_part = json_object_get(config, "linux");
	offsets = json_object_get(linux_part, "timeOffsets");
	EXPECT(json_object_size(offsets) == 2, "%s", text);
	check_clock(offsets, "boottime", own.clock_boottime, asked.boottime.value);
	check_clock(offsets, "monotonic", own.clock_monotonic, asked.monotonic.value);
	one = find_time_namespace(json_object_get(linux_part, "namespaces"));
	EXPECT(one && !json_object_get(one, "path"), "%s", text);
	json_decref(config);
}

static void check(const char *text)
{
	char *output = edited(text), *before, *after, *again;

	if (!output)
		return;
	before = canonical(text);
	after = canonical(output);
	EXPECT(before, "this is no JSON, and was taken:\n%s", text);
	EXPECT(after, "this is no JSON, and was written:\n%s", output);
	EXPECT(!strcmp(before, after), "this was:\n%s\nthis is:\n%s", before, after);
	check_offsets(output);
	again = edited(output);
	EXPECT(again && !strcmp(output, again), "a second time:\n%s\n%s", output, again);
	free(again);
	free(before);
	free(after);
	free(output);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	/* read_text refuses a zero byte. */
	if (size > INPUT_MAX || memchr(data, '\0', size))
		return 0;
	text = malloc(size + 1);
	EXPECT(text, "not enough memory");
	memcpy(text, data, size);
	text[size] = '\0';
	check(text);
	free(text);
	return 0;
}
