/* SPDX-License-Identifier: MIT */
/* --userns, whose values are in the order of TIMENS_USERNS_*. */
#ifndef TIMENS_CLI_USERNS_H
#define TIMENS_CLI_USERNS_H

#include "options.h"

extern const char *const userns_choices[];

#define USERNS_OPTION(type, member)                                                                \
	OPTION("userns", "WHEN", option_set_choice, offsetof(type, member),                        \
	       "a user namespace as well: auto (if needed), never, always",                        \
	       .choices = userns_choices)

#endif
