/* SPDX-License-Identifier: MIT */
/*
 * The reader of JUnit reports, and what `sweep merge` writes of them: table, JSON, page and report.
 * A report that was taken is written and read again, and must come out as the same bytes.
 */
#include <unistd.h>

#include "fuzz.h"
#include "table.h"
/* For parse_file and check_suite. */
#include "junit_read.c"

#define INPUT_MAX 65536

/* 0: it was taken. */
static int take(const void *text, size_t size, struct suite *suite)
{
	XML_Parser parser = XML_ParserCreate(NULL);
	struct reader reader = {.suite = suite, .parser = parser};
	FILE *file = fmemopen((void *)(uintptr_t)text, size, "r");

	EXPECT(parser && file, "not enough memory");
	if (parse_file(file, parser, &reader) == 0)
		check_suite(&reader);
	fclose(file);
	XML_ParserFree(parser);
	free(reader.text);
	return reader.wrong ? -1 : 0;
}

static char *written(void (*put)(FILE *, const struct suite *, size_t), const struct suite *suite,
		     size_t *length)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, length);

	EXPECT(out, "not enough memory");
	put(out, suite, 1);
	EXPECT(fclose(out) == 0 && text, "not enough memory");
	return text;
}

/* From bytes to a suite and back. */
static void check_again(const char *text, size_t length)
{
	struct suite suite = {0};
	size_t again_length;
	char *again;

	EXPECT(take(text, length, &suite) == 0, "our own report is refused:\n%s", text);
	again = written(junit_put, &suite, &again_length);
	EXPECT(length == again_length && !memcmp(text, again, length), "wrote\n%s\nand then\n%s",
	       text, again);
	free(again);
	suite_free(&suite);
}

static void check_reports(const struct suite *suite)
{
	static void (*const puts[])(FILE *, const struct suite *,
				    size_t) = {table_put, sweep_json_put, html_put, junit_put};
	size_t length;
	char *text;
	int status = results_status(suite, 1);

	EXPECT((status >= 0 && status <= 2) || status == EXIT_TIMENS_FAILED, "%d", status);
	for (size_t i = 0; i < COUNT(puts); i++) {
		text = written(puts[i], suite, &length);
		EXPECT(strlen(text) == length, "a zero byte");
		if (puts[i] == junit_put)
			check_again(text, length);
		free(text);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct suite suite = {0};

	if (size == 0 || size > INPUT_MAX)
		return 0;
	if (take(data, size, &suite) == 0)
		check_reports(&suite);
	suite_free(&suite);
	return 0;
}
