/* SPDX-License-Identifier: MIT */
/* Bytes of unknown origin (names of programs, words of the command line) as text. */
#ifndef TIMENS_TEXT_H
#define TIMENS_TEXT_H

#include <stddef.h>
#include <stdio.h>

/* For people: printable UTF-8 as it is, any other byte as \xHH. Returns how many characters that
 * makes. */
size_t text_put_visible(FILE *out, const char *text, size_t length);

/* Copies for the caller to free; NULL: not enough memory. */

/* For JSON: what is not UTF-8, and zero bytes, become U+FFFD. */
char *text_to_utf8(const char *text, size_t length);
/* Output of a program, for a page or a report: lines and tabs stay, colours and other control
 * sequences go, and any other byte that is not printable UTF-8 is shown as \xHH. */
char *text_to_plain(const char *text, size_t length);

#endif
