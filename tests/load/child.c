/* SPDX-License-Identifier: MIT */
/*
 * load_child BOOTTIME MONOTONIC [wait]: ends with 0 if its clocks read at least that many
 * nanoseconds and at most an hour more, and it has no descriptor past the first three; else with 1
 * or 2. With "wait" it first says so on standard output, by a byte, and waits for the end of
 * standard input. Static: ten thousand of them are there at once.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define HOUR_NSEC (INT64_C(3600) * 1000000000)

static int is_near(const char *text, clockid_t clock)
{
	int64_t low = strtoll(text, NULL, 10), now;
	struct timespec t;

	clock_gettime(clock, &t);
	now = (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
	return now >= low && now < low + HOUR_NSEC;
}

static int find_status(char **argv)
{
	if (!is_near(argv[1], CLOCK_BOOTTIME) || !is_near(argv[2], CLOCK_MONOTONIC))
		return 1;
	for (int fd = 3; fd < 256; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			return 2;
	return 0;
}

int main(int argc, char **argv)
{
	int status = argc < 3 ? 3 : find_status(argv);
	char byte = (char)status;

	if (argc > 3 && write(1, &byte, 1) == 1)
		while (read(0, &byte, 1) > 0)
			;
	return status;
}
