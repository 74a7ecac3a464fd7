/* SPDX-License-Identifier: MIT */
#include "json_numbers.h"

#include <stdio.h>
#include <string.h>

/* As JSON writes U+0001, in a form that the library keeps. */
#define MARK "\"\\u0001number "

/* The length of a string with its quotes, or of as much as there is. */
static size_t string_length(const char *text)
{
	size_t n = 1;

	while (text[n] && text[n] != '"')
		n += text[n] == '\\' && text[n + 1] ? 2 : 1;
	return text[n] ? n + 1 : n;
}

/* What a 64-bit integer holds, and the library prints as it came, needs no hiding. */
static int is_plain(const char *number, size_t length)
{
	return strspn(number, "-0123456789") >= length && length < 19;
}

static void hide_one(FILE *out, const char *text, size_t length)
{
	if (*text != '"' && !is_plain(text, length))
		fprintf(out, MARK "%.*s\"", (int)length, text);
	else
		fwrite(text, 1, length, out);
}

static void show_one(FILE *out, const char *text, size_t length)
{
	if (strncmp(text, MARK, strlen(MARK)) != 0)
		fwrite(text, 1, length, out);
	else
		fwrite(text + strlen(MARK), 1, length - strlen(MARK) - 1, out);
}

static size_t token_length(const char *text)
{
	size_t n;

	if (*text == '"')
		return string_length(text);
	n = strspn(text, "-+.0123456789eE");
	/* The e of `true` is no number. */
	return *text == '-' || (*text >= '0' && *text <= '9') ? n : 0;
}

static char *copy(const char *text, void (*put)(FILE *out, const char *text, size_t length))
{
	char *result = NULL;
	size_t size = 0, n;
	FILE *out = open_memstream(&result, &size);

	if (!out)
		return NULL;
	for (; *text; text += n) {
		n = token_length(text);
		if (n)
			put(out, text, n);
		else
			fputc(*text, out);
		n += !n;
	}
	fclose(out);
	return result;
}

char *json_numbers_hide(const char *text)
{
	return copy(text, hide_one);
}

char *json_numbers_show(const char *text)
{
	return copy(text, show_one);
}
