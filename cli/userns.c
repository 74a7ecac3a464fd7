/* SPDX-License-Identifier: MIT */
#include "userns.h"

const char *const userns_choices[] = {
	[TIMENS_USERNS_AUTO] = "auto",
	[TIMENS_USERNS_NEVER] = "never",
	[TIMENS_USERNS_ALWAYS] = "always",
	NULL,
};
