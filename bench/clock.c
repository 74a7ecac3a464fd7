/* SPDX-License-Identifier: MIT */
/* bench_clock CLOCK...: how many nanoseconds a read of each takes, by libc's clock_gettime. The
 * best of several goes, since an interrupt only adds to one. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define READS 10000
#define GOES  20

static const struct {
	const char *name;
	clockid_t clock;
} clocks[] = {
	{"realtime", CLOCK_REALTIME},
	{"monotonic", CLOCK_MONOTONIC},
	{"boottime", CLOCK_BOOTTIME},
};

static double one_go(clockid_t clock)
{
	struct timespec t, begin, end;

	clock_gettime(CLOCK_MONOTONIC_RAW, &begin);
	for (int i = 0; i < READS; i++)
		clock_gettime(clock, &t);
	clock_gettime(CLOCK_MONOTONIC_RAW, &end);
	return ((double)(end.tv_sec - begin.tv_sec) * 1e9 + (double)(end.tv_nsec - begin.tv_nsec)) /
	       READS;
}

static double ns_per_read(clockid_t clock)
{
	double best = one_go(clock);

	for (int i = 1; i < GOES; i++) {
		double ns = one_go(clock);

		best = ns < best ? ns : best;
	}
	return best;
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		for (size_t k = 0; k < sizeof clocks / sizeof *clocks; k++)
			if (!strcmp(clocks[k].name, argv[i]))
				printf("%.1f\n", ns_per_read(clocks[k].clock));
	return 0;
}
