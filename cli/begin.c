/* SPDX-License-Identifier: MIT */
#include "begin.h"

#include <unistd.h>

#include "message.h"

/* It becomes whatever program it is told, with all the rights that it has. */
static bool has_rights_of_another(void)
{
	return getuid() != geteuid() || getgid() != getegid();
}

int begin(const struct command *self)
{
	static char line[BUFSIZ];

	if (has_rights_of_another())
		return complain(self, "this is set-uid or set-gid, and would start any program "
				      "with its owner's rights: chmod ug-s");
	/* Whole lines, so that those of several processes do not mix. */
	setvbuf(stderr, line, _IOLBF, sizeof line);
	return 0;
}
