/* SPDX-License-Identifier: MIT */
/* Bytes of unknown origin (names of programs, words of the command line) as text. */
#ifndef TIMENS_TEXT_H
#define TIMENS_TEXT_H

#include <stddef.h>
#include <stdio.h>

/* For people: printable UTF-8 as it is, any other byte as \xHH. Returns how many characters that
 * makes. */
size_t text_put_visible(FILE *out, const char *text, size_t length);

/* For programs: a JSON string with its quotes. JSON has no bytes, so what is not UTF-8 becomes
 * U+FFFD. */
void text_put_json(FILE *out, const char *text);

#endif
