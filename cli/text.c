/* SPDX-License-Identifier: MIT */
#include "text.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* The first byte says how long a character is: its high bits are the mark, the rest is payload. */
static const struct form {
	uint8_t mask, mark;
	uint32_t lowest; /* a lower value in so many bytes is not UTF-8 */
} forms[] = {
	{0x80, 0x00, 0},
	{0xe0, 0xc0, 0x80},
	{0xf0, 0xe0, 0x800},
	{0xf8, 0xf0, 0x10000},
};
#define FORM_COUNT (sizeof forms / sizeof forms[0])

static bool is_scalar(uint32_t value)
{
	return value <= 0x10ffff && (value < 0xd800 || value > 0xdfff);
}

/* The length of the character at `text`, and its value; 0: these bytes are not UTF-8. */
static size_t decode(const char *text, size_t left, uint32_t *value)
{
	const uint8_t *bytes = (const uint8_t *)text;
	size_t more = 0;

	while (more < FORM_COUNT && (bytes[0] & forms[more].mask) != forms[more].mark)
		more++;
	if (more == FORM_COUNT || more >= left)
		return 0;
	*value = bytes[0] & (uint8_t)~forms[more].mask;
	for (size_t i = 1; i <= more; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
		*value = *value << 6 | (bytes[i] & 0x3f);
	}
	return *value >= forms[more].lowest && is_scalar(*value) ? more + 1 : 0;
}

/* And what XML takes for no character, or a report could not be read. */
static bool is_control(uint32_t value)
{
	return value < 0x20 || (value >= 0x7f && value < 0xa0) || value == 0xfffe ||
	       value == 0xffff;
}

size_t text_put_visible(FILE *out, const char *text, size_t length)
{
	size_t width = 0, n;
	uint32_t value;

	for (const char *end = text + length; text < end; text += n) {
		n = decode(text, (size_t)(end - text), &value);
		if (n && !is_control(value)) {
			fwrite(text, 1, n, out);
			width++;
			continue;
		}
		n = 1;
		width += (size_t)fprintf(out, "\\x%02x", (uint8_t)*text);
	}
	return width;
}

/* -- Copies -- */

char *text_to_utf8(const char *text, size_t length)
{
	size_t size = 0, n;
	uint32_t value = 0;
	char *copy = NULL;
	FILE *out = open_memstream(&copy, &size);

	if (!out)
		return NULL;
	for (; length; text += n, length -= n) {
		n = decode(text, length, &value);
		if (n && value)
			fwrite(text, 1, n, out);
		else
			fputs("\xef\xbf\xbd", out);
		n += !n;
	}
	fclose(out);
	return copy;
}

/* The length of a control sequence (ECMA-48: ESC [ parameters final), such as one for colour. */
static size_t control_sequence(const char *text, size_t length)
{
	size_t n = 2;

	if (length < 3 || text[0] != '\x1b' || text[1] != '[')
		return 0;
	while (n < length && text[n] >= 0x20 && text[n] < 0x40)
		n++;
	return n < length && text[n] >= 0x40 ? n + 1 : 0;
}

/* What ends a line by overwriting it, as progress bars do, ends a line. */
static size_t put_plain_char(FILE *out, const char *text, size_t length)
{
	size_t n = control_sequence(text, length);
	uint32_t value;

	if (n)
		return n;
	if (*text == '\r')
		return fputs(length > 1 && text[1] == '\n' ? "" : "\n", out), 1;
	if (*text == '\n' || *text == '\t')
		return fputc(*text, out), 1;
	n = decode(text, length, &value);
	n += !n;
	text_put_visible(out, text, n);
	return n;
}

char *text_to_plain(const char *text, size_t length)
{
	size_t size = 0, n;
	char *copy = NULL;
	FILE *out = open_memstream(&copy, &size);

	if (!out)
		return NULL;
	for (; length; text += n, length -= n)
		n = put_plain_char(out, text, length);
	fclose(out);
	return copy;
}
