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

static bool is_control(uint32_t value)
{
	return value < 0x20 || (value >= 0x7f && value < 0xa0);
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

static void put_json_char(FILE *out, const char *text, size_t n, uint32_t value)
{
	if (n == 0)
		fputs("\\ufffd", out);
	else if (is_control(value))
		fprintf(out, "\\u%04x", value);
	else if (value == '"' || value == '\\')
		fprintf(out, "\\%c", (int)value);
	else
		fwrite(text, 1, n, out);
}

void text_put_json(FILE *out, const char *text)
{
	uint32_t value = 0;
	size_t n;

	fputc('"', out);
	for (size_t left = strlen(text); left; text += n, left -= n) {
		n = decode(text, left, &value);
		put_json_char(out, text, n, value);
		n += !n;
	}
	fputc('"', out);
}
