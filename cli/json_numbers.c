/* SPDX-License-Identifier: MIT */
#include "json_numbers.h"

#include <stdio.h>
#include <string.h>

/* As JSON writes U+0001, which has no other spelling there; and a string that begins so itself gets
 * a mark as well. */
#define FIRST	    "\"\\u0001"
#define NUMBER_MARK FIRST "number "
#define STRING_MARK FIRST "string "

/* The length of a string with its quotes, or of as much as there is. */
static size_t string_length(const char *text)
{
	size_t n = 1;

	while (text[n] && text[n] != '"')
		n += text[n] == '\\' && text[n + 1] ? 2 : 1;
	return text[n] ? n + 1 : n;
}

static int begins_with(const char *text, const char *begin)
{
	return !strncmp(text, begin, strlen(begin));
}

static const char *digits_end(const char *at)
{
	return at + strspn(at, "0123456789");
}

/* RFC 8259, section 6; 0: that is none. What only looks like one is for the library to refuse. */
static size_t number_length(const char *text)
{
	const char *start = text + (*text == '-'), *at = digits_end(start), *digits;

	if (at == start || (*start == '0' && at != start + 1))
		return 0;
	if (*at == '.') {
		digits = at + 1;
		at = digits_end(digits);
		if (at == digits)
			return 0;
	}
	if (*at == 'e' || *at == 'E') {
		digits = at + 1 + (at[1] == '+' || at[1] == '-');
		at = digits_end(digits);
		if (at == digits)
			return 0;
	}
	return (size_t)(at - text);
}

/* What a 64-bit integer holds, and the library prints as it came, needs no hiding. */
static int is_plain(const char *number, size_t length)
{
	return strspn(number, "-0123456789") >= length && length < 19 && !begins_with(number, "-0");
}

/* A number in the place of a name must not become a string, which may stand there. */
static int is_name(const char *behind)
{
	return behind[strspn(behind, " \t\r\n")] == ':';
}

static void hide_one(FILE *out, const char *text, size_t length)
{
	if (begins_with(text, FIRST))
		fprintf(out, STRING_MARK "%.*s", (int)length - 1, text + 1);
	else if (*text == '"' || is_plain(text, length) || is_name(text + length))
		fwrite(text, 1, length, out);
	else
		fprintf(out, NUMBER_MARK "%.*s\"", (int)length, text);
}

static void show_one(FILE *out, const char *text, size_t length)
{
	const size_t mark = strlen(NUMBER_MARK);

	if (begins_with(text, NUMBER_MARK))
		fwrite(text + mark, 1, length - mark - 1, out);
	else if (begins_with(text, STRING_MARK))
		fprintf(out, "\"%.*s", (int)(length - mark), text + mark);
	else
		fwrite(text, 1, length, out);
}

/* Of a number or a string, else of what is neither. What only looks like a number is
 * passed over as one, or the number at its end would be hidden. */
static size_t token_length(const char *text, int *is_token)
{
	size_t like_number = strspn(text, "-+.0123456789eE");

	if (*text == '"')
		return *is_token = 1, string_length(text);
	/* The e of `true` is no number. */
	if (*text != '-' && (*text < '0' || *text > '9'))
		return *is_token = 0, 1;
	*is_token = number_length(text) == like_number;
	return like_number;
}

static char *copy(const char *text, void (*put)(FILE *out, const char *text, size_t length))
{
	char *result = NULL;
	size_t size = 0, n;
	int is_token;
	FILE *out = open_memstream(&result, &size);

	if (!out)
		return NULL;
	for (; *text; text += n) {
		n = token_length(text, &is_token);
		if (is_token)
			put(out, text, n);
		else
			fwrite(text, 1, n, out);
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
