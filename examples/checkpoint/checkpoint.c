/* SPDX-License-Identifier: MIT */
/*
 * A job that stops, and goes on in another process without any clock jumping back: on a machine
 * that was booted since, or out of a namespace in which the clocks were ahead.
 *
 *	checkpoint run STATE      works a little, and leaves the readings of both clocks in STATE;
 *	                          refuses to work if a clock is behind what STATE says
 *	checkpoint go-on STATE    does the same in a process whose clocks go on from STATE
 */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <timens.h>

struct readings {
	struct timens_timespec boottime, monotonic;
};

static struct timens_timespec now(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (struct timens_timespec){t.tv_sec, t.tv_nsec};
}

static struct readings read_clocks(void)
{
	return (struct readings){now(CLOCK_BOOTTIME), now(CLOCK_MONOTONIC)};
}

static int is_before(struct timens_timespec a, struct timens_timespec b)
{
	return a.tv_sec != b.tv_sec ? a.tv_sec < b.tv_sec : a.tv_nsec < b.tv_nsec;
}

/* 0 where there is no state yet. */
static int load(const char *path, struct readings *r)
{
	FILE *file = fopen(path, "re");
	int n;

	if (!file)
		return 0;
	n = fscanf(file, "boottime %ld %ld monotonic %ld %ld", &r->boottime.tv_sec,
		   &r->boottime.tv_nsec, &r->monotonic.tv_sec, &r->monotonic.tv_nsec);
	fclose(file);
	return n == 4;
}

static int save(const char *path, const struct readings *r)
{
	FILE *file = fopen(path, "we");
	int n;

	if (!file)
		return -1;
	n = fprintf(file, "boottime %ld %ld\nmonotonic %ld %ld\n", r->boottime.tv_sec,
		    r->boottime.tv_nsec, r->monotonic.tv_sec, r->monotonic.tv_nsec);
	return fclose(file) == 0 && n > 0 ? 0 : -1;
}

static void print(const char *what, const struct readings *r)
{
	char boottime[TIMENS_SPAN_TEXT_MAX], monotonic[TIMENS_SPAN_TEXT_MAX];

	timens_format(&r->boottime, boottime, sizeof boottime);
	timens_format(&r->monotonic, monotonic, sizeof monotonic);
	printf("%s boottime %s monotonic %s\n", what, boottime, monotonic);
}

static int run(const char *state)
{
	struct readings last, r = read_clocks();

	if (load(state, &last)) {
		print("left off at", &last);
		if (is_before(r.boottime, last.boottime) ||
		    is_before(r.monotonic, last.monotonic)) {
			print("a clock has jumped back:", &r);
			return 1;
		}
	}
	print("at work from", &r);
	r = read_clocks();
	if (save(state, &r) < 0)
		return perror(state), 1;
	print("stopped at", &r);
	return 0;
}

static int fail(const struct timens_error *error)
{
	char text[TIMENS_ERROR_TEXT_MAX];

	timens_error_text(error, text, sizeof text);
	fprintf(stderr, "checkpoint: %s\n", text);
	return 125;
}

/* offset_to asks the clocks of this process, and offsets count from them: so it makes no difference
 * whether this process is in a time namespace itself. */
static int go_on(const char *self, const char *state)
{
	const char *argv[] = {self, "run", state, NULL};
	struct timens_offsets offsets;
	struct timens_spawn_args args = {
		.argv = argv, .offsets = &offsets, .offsets_size = sizeof offsets};
	struct timens_process process;
	struct timens_error error;
	struct readings last;
	int status;

	if (!load(state, &last))
		return fprintf(stderr, "checkpoint: %s: no state to go on from\n", state), 125;
	if (timens_offset_to(CLOCK_BOOTTIME, &last.boottime, &offsets.clock_boottime, &error) < 0 ||
	    timens_offset_to(CLOCK_MONOTONIC, &last.monotonic, &offsets.clock_monotonic, &error) <
		    0 ||
	    timens_spawn(&args, sizeof args, &process, &error) < 0 ||
	    timens_wait(&process, NULL, &status, &error) < 0)
		return fail(&error);
	return status ? 1 : 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "run"))
		return run(argv[2]);
	if (argc == 3 && !strcmp(argv[1], "go-on"))
		return go_on("/proc/self/exe", argv[2]);
	return fprintf(stderr, "usage: checkpoint run|go-on STATE\n"), 125;
}
