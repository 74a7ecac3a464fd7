/* SPDX-License-Identifier: MIT */
/* start BOOTTIME PROGRAM [ARG…]: the program with its boottime moved; says by which route. */
#include <stdio.h>
#include <timens.h>

static int fail(const struct timens_error *error)
{
	char text[TIMENS_ERROR_TEXT_MAX];

	timens_error_text(error, text, sizeof text);
	fprintf(stderr, "start: %s\n", text);
	return 125;
}

int main(int argc, char **argv)
{
	struct timens_offsets offsets = {{0, 0}, {0, 0}};
	struct timens_spawn_args args = {.offsets = &offsets, .offsets_size = sizeof offsets};
	struct timens_process process;
	struct timens_error error;
	int status;

	if (argc < 3)
		return fprintf(stderr, "usage: start BOOTTIME PROGRAM [ARG…]\n"), 125;
	if (timens_parse(argv[1], &offsets.clock_boottime, NULL, &error) < 0)
		return fail(&error);
	args.argv = (const char *const *)argv + 2;
	if (timens_spawn(&args, sizeof args, &process, &error) < 0)
		return fail(&error);
	fprintf(stderr, "route %s\n", timens_route_name(process.route));
	if (timens_wait(&process, NULL, &status, &error) < 0)
		return fail(&error);
	return status ? 1 : 0;
}
