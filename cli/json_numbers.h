/* SPDX-License-Identifier: MIT */
/* Numbers of a JSON text that a library would change: 18446744073709551615, which Docker writes for
 * "no limit", does not fit into its integers, and 0.1 comes back with 17 digits. They travel as
 * strings with a mark that no other string begins with. */
#ifndef TIMENS_CLI_JSON_NUMBERS_H
#define TIMENS_CLI_JSON_NUMBERS_H

/* Copies for the caller to free; NULL: not enough memory. */
char *json_numbers_hide(const char *text);
char *json_numbers_show(const char *text);

#endif
