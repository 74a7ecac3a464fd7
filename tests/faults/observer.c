/* SPDX-License-Identifier: MIT */
/* The program that is started: says what it sees, or waits for its end (observer wait). */
#include <string.h>
#include <unistd.h>

#include "observe.h"

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "wait"))
		for (;;)
			pause();
	observe((const char *const *)argv);
	return 0;
}
