/* SPDX-License-Identifier: MIT */
/*
 * Starts a program whose name it searches, with other clocks; made set-uid, it is what must not be
 * led by the environment it was called with. `own` and `elsewhere` bring an environment.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "timens.h"

int main(int argc, char **argv)
{
	static const char *const own[] = {"PATH=/usr/bin:/bin", NULL};
	static const char *const elsewhere[] = {"PATH=/nowhere", NULL};
	struct timens_offsets offsets = {.clock_boottime = {86400, 1}};
	const char *words[] = {argv[argc - 1], "quiet", NULL};
	struct timens_spawn_args args = {
		.argv = words, .offsets = &offsets, .offsets_size = sizeof offsets};
	struct timens_process process;
	struct timens_error error;
	int status;

	if (argc > 2 && !strcmp(argv[1], "own"))
		args.env = own;
	if (argc > 2 && !strcmp(argv[1], "elsewhere"))
		args.env = elsewhere;
	if (timens_spawn(&args, sizeof args, &process, &error) < 0) {
		printf("%s %s\n", timens_stage_name(error.stage), strerrorname_np(error.errnum));
		return 1;
	}
	return timens_wait(&process, NULL, &status, &error) < 0 || status;
}
