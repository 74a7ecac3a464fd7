/* SPDX-License-Identifier: MIT */
#include "output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "message.h"

/* All output is made first and then written at once: an error on the way leaves no half line. */
static int run_and_write(const struct command *command, int argc, char **argv)
{
	size_t length = 0;
	char *text = NULL;
	FILE *out = open_memstream(&text, &length);
	int status, r;

	if (!out)
		return complain(command, "output buffer: %s", strerror(errno));
	status = command->main(command, argc, argv, out);
	if (fclose(out) != 0)
		status = complain(command, "output buffer: %s", strerror(errno));
	r = file_write_all(STDOUT_FILENO, text, length);
	if (r < 0)
		status = complain(command, "write to standard output: %s", strerror(-r));
	free(text);
	return status;
}

int output_run(const struct command *command, int argc, char **argv)
{
	static char line[BUFSIZ];

	/* Whole lines, so that those of several processes do not mix. */
	setvbuf(stderr, line, _IOLBF, sizeof line);
	return run_and_write(command, argc, argv);
}
