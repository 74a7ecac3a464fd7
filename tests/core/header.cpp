// SPDX-License-Identifier: MIT
// The header in C++: a start with offsets, waited for.
#include <timens.h>

int main()
{
	const char *argv[] = {"/bin/true", nullptr};
	timens_offsets offsets = {{86400, 1}, {172800, 2}};
	timens_spawn_args args = {};
	timens_process process;
	timens_error error;
	int status = -1;

	args.argv = argv;
	args.offsets = &offsets;
	args.offsets_size = sizeof offsets;
	if (timens_spawn(&args, sizeof args, &process, &error) < 0)
		return 1;
	if (timens_wait(&process, nullptr, &status, &error) < 0)
		return 2;
	return status == 0 && *timens_stage_name(TIMENS_STAGE_EXEC) == 'e' ? 0 : 3;
}
