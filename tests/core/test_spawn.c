/* SPDX-License-Identifier: MIT */
/* What timens_spawn is for: a program whose uptime clocks read what was asked. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/mman.h>

#include "helpers.h"

#define DAYS(n) ((n)*86400)

/* An ordinary program, dynamically linked, reads the offsets file. */
static void assert_shown(struct timens_offsets asked)
{
	struct timens_spawn_args args = {.argv = ARGV("cat", "/proc/self/timens_offsets"),
					 WITH(&asked)};
	struct timens_offsets shown;
	struct capture c;

	assert_runs(&args, &c);
	assert_int_equal(parse_offsets(c.out, &shown), 0);
	assert_offsets_equal(shown, add_offsets(own_offsets(), asked));
}

static void both_clocks(void **state)
{
	assert_shown((struct timens_offsets){{DAYS(49), 0}, {DAYS(7), 0}});
}

static void boottime_alone(void **state)
{
	assert_shown((struct timens_offsets){.clock_boottime = {DAYS(49), 5}});
}

static void monotonic_alone(void **state)
{
	assert_shown((struct timens_offsets){.clock_monotonic = {DAYS(49), 5}});
}

static void both_signs(void **state)
{
	assert_shown((struct timens_offsets){{-1, 0}, {DAYS(1), 0}});
	assert_shown((struct timens_offsets){{DAYS(1), 0}, {-1, 0}});
	assert_shown((struct timens_offsets){{-1, 1}, {-1, 999999999}});
}

static void nanoseconds_exact(void **state)
{
	assert_shown((struct timens_offsets){{0, 1}, {1000000, 37}});
	assert_shown((struct timens_offsets){{4294967, 295999999}, {0, 999999999}});
}

static void clocks_differ_from_the_parents(void **state)
{
	struct timens_offsets asked = {{DAYS(100), 250000000}, {-1, 123456789}};
	struct capture c;

	assert_clocks(&(struct timens_spawn_args){WITH(&asked)}, &c, own_offsets());
}

static const char *namespace_of_child(const struct timens_offsets *offsets, struct capture *c)
{
	struct timens_spawn_args args = {.argv = ARGV("readlink", "-n", "/proc/self/ns/time"),
					 .offsets = offsets,
					 .offsets_size = offsets ? sizeof *offsets : 0};

	assert_runs(&args, c);
	assert_contains(c->out, "time:[");
	return c->out;
}

static void zero_offsets_make_a_namespace(void **state)
{
	struct timens_offsets zero = {{0, 0}, {0, 0}};
	struct capture c;
	char own[64];

	assert_link("/proc/self/ns/time", own);
	assert_string_not_equal(namespace_of_child(&zero, &c), own);
	assert_clocks(&(struct timens_spawn_args){WITH(&zero)}, &c, own_offsets());
}

static void no_offsets_make_none(void **state)
{
	struct capture c;
	char own[64];

	assert_link("/proc/self/ns/time", own);
	assert_string_equal(namespace_of_child(NULL, &c), own);
}

/* Neither a vDSO nor a libc of its own: only the kernel can have told it the time. */
static void static_program(void **state)
{
	struct timens_offsets asked = {{DAYS(365), 0}, {DAYS(366), 1}};
	struct capture c;

	assert_clocks(&(struct timens_spawn_args){WITH(&asked)}, &c, own_offsets());
	assert_int_equal(c.process.pidfd, -1);
}

/* -- Threads -- */

static atomic_bool stop;

static void *be_busy(void *arg)
{
	/* malloc, so that its locks are held at any moment. */
	while (!atomic_load(&stop))
		free(malloc(100));
	return NULL;
}

static void multithreaded_parent(void **state)
{
	struct timens_offsets asked = {{DAYS(3), 3}, {DAYS(4), 4}}, own = own_offsets();
	struct routes routes = routes_here();
	pthread_t threads[4];
	struct capture c;

	atomic_store(&stop, false);
	for (size_t i = 0; i < COUNT(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, be_busy, NULL), 0);
	for (unsigned i = 0; i < 5 * routes.count; i++) {
		struct timens_spawn_args args = {WITH(&asked),
						 .route = routes.route[i % routes.count]};

		assert_clocks(&args, &c, own);
	}
	atomic_store(&stop, true);
	for (size_t i = 0; i < COUNT(threads); i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
}

#define STARTS 10

struct starter {
	pthread_t thread;
	struct timens_offsets asked, shown[STARTS];
	int result[STARTS];
};

/* Assertions are for the main thread. */
static void *start_some(void *arg)
{
	struct starter *s = arg;
	struct timens_spawn_args args = {.argv = ARGV("cat", "/proc/self/timens_offsets"),
					 WITH(&s->asked)};
	struct capture c;

	for (int i = 0; i < STARTS; i++) {
		s->result[i] = capture(&args, &c);
		if (s->result[i] == 0)
			s->result[i] = parse_offsets(c.out, &s->shown[i]);
	}
	return NULL;
}

static void concurrent_starts(void **state)
{
	static struct starter starters[8];
	struct timens_offsets own = own_offsets();

	for (size_t t = 0; t < COUNT(starters); t++) {
		struct starter *s = &starters[t];

		s->asked.clock_boottime.tv_sec = 1000 + (int64_t)t;
		s->asked.clock_monotonic.tv_nsec = 1 + (int64_t)t;
		assert_int_equal(pthread_create(&s->thread, NULL, start_some, s), 0);
	}
	for (size_t t = 0; t < COUNT(starters); t++)
		assert_int_equal(pthread_join(starters[t].thread, NULL), 0);
	for (size_t t = 0; t < COUNT(starters); t++)
		for (int i = 0; i < STARTS; i++) {
			assert_int_equal(starters[t].result[i], 0);
			assert_offsets_equal(starters[t].shown[i],
					     add_offsets(own, starters[t].asked));
		}
}

/* -- Size -- */

static long available_kib(void)
{
	FILE *file = fopen("/proc/meminfo", "re");
	char line[128];
	long kib = 0;

	assert_non_null(file);
	while (fgets(line, sizeof line, file))
		sscanf(line, "MemAvailable: %ld", &kib);
	fclose(file);
	return kib;
}

static void parent_with_1_gib(void **state)
{
	struct timens_offsets asked = {{DAYS(2), 0}, {DAYS(2), 0}};
	struct routes routes = routes_here();
	size_t size = (size_t)1 << 30;
	struct capture c;
	void *memory;

	if (available_kib() < 2 << 20)
		skip_because("less than 2 GiB of memory are available");
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	assert_true(memory != MAP_FAILED);
	for (unsigned i = 0; i < routes.count; i++)
		assert_clocks(&(struct timens_spawn_args){WITH(&asked), .route = routes.route[i]},
			      &c, own_offsets());
	munmap(memory, size);
}

static void two_hundred_starts_leave_nothing(void **state)
{
	struct timens_offsets asked = {{DAYS(1), 0}, {DAYS(1), 0}};
	struct routes routes = routes_here();
	int fds = count_fds(), children = count_children();
	struct capture c;

	for (unsigned i = 0; i < 200; i++) {
		struct timens_spawn_args args = {.argv = ARGV(test_program("clocks"), "nothing"),
						 WITH(&asked),
						 .route = routes.route[i % routes.count]};

		assert_runs(&args, &c);
	}
	assert_int_equal(count_fds(), fds);
	assert_int_equal(count_children(), children);
}

static void uptime_of_procps(void **state)
{
	struct timens_timespec target = {DAYS(3) + 3630, 0};
	struct timens_offsets asked = {.clock_boottime =
					       subtract_spans(target, now(CLOCK_BOOTTIME))};
	struct timens_spawn_args args = {.argv = ARGV("uptime", "-p"), WITH(&asked)};
	struct capture c;

	if (access("/usr/bin/uptime", X_OK) < 0)
		skip_because("there is no /usr/bin/uptime");
	assert_contains(assert_runs(&args, &c), "up 3 days, 1 hour");
}

static void readings_at_the_start(void **state)
{
	struct timens_timespec target;
	struct timens_offsets asked = {0};
	unsigned is_reading = 0;
	struct capture c;
	long sec = 0;

	assert_int_equal(timens_parse("@u32-ms-5s", &target, &is_reading, NULL), 0);
	assert_int_equal(is_reading, 1);
	assert_int_equal(timens_offset_to(CLOCK_BOOTTIME, &target, &asked.clock_boottime, NULL), 0);
	assert_clocks(&(struct timens_spawn_args){WITH(&asked)}, &c, own_offsets());
	assert_int_equal(sscanf(strstr(c.out, "reading boottime"), "reading boottime %ld", &sec),
			 1);
	assert_in_range(sec, 4294962, 4294962 + 60);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		/* First, so that eight threads probe the kernel at once. */
		cmocka_unit_test(concurrent_starts),
		cmocka_unit_test(both_clocks),
		cmocka_unit_test(boottime_alone),
		cmocka_unit_test(monotonic_alone),
		cmocka_unit_test(both_signs),
		cmocka_unit_test(nanoseconds_exact),
		cmocka_unit_test(clocks_differ_from_the_parents),
		cmocka_unit_test(zero_offsets_make_a_namespace),
		cmocka_unit_test(no_offsets_make_none),
		cmocka_unit_test(readings_at_the_start),
		cmocka_unit_test(static_program),
		cmocka_unit_test(multithreaded_parent),
		cmocka_unit_test(parent_with_1_gib),
		cmocka_unit_test(two_hundred_starts_leave_nothing),
		cmocka_unit_test(uptime_of_procps),
	};

	return cmocka_run_group_tests(tests, need_programs, NULL);
}
