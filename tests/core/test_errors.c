/* SPDX-License-Identifier: MIT */
/* Every failure has its stage, its errno and a text that says what it is about. */
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "helpers.h"

static const struct timens_offsets asked = {{86400, 1}, {172800, 2}};

/* -- The program -- */

static void program_not_found(void **state)
{
	/* A PATH of our own: one with a folder that is closed to us would make it EACCES. */
	struct timens_spawn_args args = {.argv = ARGV("no-such-program-anywhere"),
					 .env = ARGV("PATH=/usr/bin:/bin"),
					 WITH(&asked)};
	const char *text = assert_fails(&args, TIMENS_STAGE_EXEC, ENOENT);

	assert_contains(text, "exec of 'no-such-program-anywhere'");
	assert_contains(text, "PATH");
}

/* A start of a file of that content and permissions. */
static void assert_file_fails(const char *content, unsigned mode, int errnum, const char *part)
{
	char folder[32], path[64];
	struct timens_spawn_args args = {.file = path, .argv = ARGV("name"), WITH(&asked)};
	const char *text;

	make_folder(folder);
	make_file(folder, "file", content, mode);
	snprintf(path, sizeof path, "%s/file", folder);
	text = assert_fails(&args, TIMENS_STAGE_EXEC, errnum);
	assert_contains(text, path);
	assert_contains(text, part);
	remove_folder(folder);
}

static void not_executable(void **state)
{
	assert_file_fails("#!/bin/sh\n", 0644, EACCES, "not an executable file");
}

static void not_a_program(void **state)
{
	assert_file_fails("echo this has no first line\n", 0755, ENOEXEC, "#!");
}

static void bad_cwd(void **state)
{
	struct timens_spawn_args args = {
		.argv = ARGV("true"), .cwd = "/no/such/folder", WITH(&asked)};

	assert_contains(assert_fails(&args, TIMENS_STAGE_CWD, ENOENT), "'/no/such/folder'");
	args.cwd = "/dev/null";
	assert_contains(assert_fails(&args, TIMENS_STAGE_CWD, ENOTDIR), "'/dev/null'");
}

/* -- The offsets -- */

static const char *assert_offsets_fail(struct timens_offsets offsets, int errnum)
{
	struct timens_spawn_args args = {.argv = ARGV("true"), WITH(&offsets)};

	return assert_fails(&args, TIMENS_STAGE_OFFSETS, errnum);
}

static void nanoseconds_of_a_billion(void **state)
{
	const char *text = assert_offsets_fail(
		(struct timens_offsets){.clock_boottime = {0, 1000000000}}, EINVAL);

	assert_contains(text, "boottime");
	assert_contains(text, "1000000000");
	assert_contains(text, "0 to 999999999");
	text = assert_offsets_fail((struct timens_offsets){.clock_monotonic = {0, 1000000000}},
				   EINVAL);
	assert_contains(text, "monotonic");
}

static void negative_nanoseconds(void **state)
{
	const char *text =
		assert_offsets_fail((struct timens_offsets){.clock_monotonic = {1, -1}}, EINVAL);

	assert_contains(text, "monotonic");
	assert_contains(text, "-1");
	assert_contains(text, "0 to 999999999");
}

static const char *span_text(struct timens_timespec span, char buf[TIMENS_SPAN_TEXT_MAX])
{
	assert_in_range(timens_format(&span, buf, TIMENS_SPAN_TEXT_MAX), 1, TIMENS_SPAN_TEXT_MAX);
	return buf;
}

/* The error must be about `clock`, with its reading of just now, and the text name the offset that
 * would bring it from there to `limit`. */
static void assert_clock_error(const struct timens_error *error, clockid_t clock,
			       struct timens_timespec before, struct timens_timespec limit)
{
	char text[TIMENS_ERROR_TEXT_MAX], span[TIMENS_SPAN_TEXT_MAX];

	assert_int_equal(error->errnum, ERANGE);
	assert_string_equal(timens_stage_name(error->stage), "offsets");
	assert_int_equal(error->clock, clock);
	assert_true(compare_spans(error->reading, before) >= 0);
	assert_true(compare_spans(error->reading, now(clock)) <= 0);
	timens_error_text(error, text, sizeof text);
	assert_contains(text, clock == CLOCK_BOOTTIME ? "boottime" : "monotonic");
	assert_contains(text, span_text(error->offset, span));
	assert_contains(text, span_text(error->reading, span));
	assert_contains(text, span_text(subtract_spans(limit, error->reading), span));
}

static struct timens_error offsets_error(struct timens_offsets offsets)
{
	struct timens_spawn_args args = {.argv = ARGV("true"), WITH(&offsets)};
	struct timens_process process;
	struct timens_error error;

	assert_int_equal(timens_spawn(&args, sizeof args, &process, &error), -ERANGE);
	return error;
}

/* A minute more than the clock has to give. */
static struct timens_timespec below_zero(clockid_t clock)
{
	return subtract_spans((struct timens_timespec){-60, 0}, now(clock));
}

static void clock_would_be_negative(void **state)
{
	struct timens_timespec b = now(CLOCK_BOOTTIME), m = now(CLOCK_MONOTONIC), zero = {0, 0};
	struct timens_error error;
	char text[TIMENS_ERROR_TEXT_MAX];

	error = offsets_error(
		(struct timens_offsets){.clock_boottime = below_zero(CLOCK_BOOTTIME)});
	assert_clock_error(&error, CLOCK_BOOTTIME, b, zero);
	timens_error_text(&error, text, sizeof text);
	assert_contains(text, "negative");
	assert_contains(text, "the lowest offset possible now is -");
	error = offsets_error(
		(struct timens_offsets){.clock_monotonic = below_zero(CLOCK_MONOTONIC)});
	assert_clock_error(&error, CLOCK_MONOTONIC, m, zero);
}

static void clock_past_its_limit(void **state)
{
	struct timens_timespec limit = {TIMENS_READING_MAX_SEC, 0}, b = now(CLOCK_BOOTTIME);
	struct timens_timespec minute = {60, 0};
	struct timens_offsets highest = {.clock_boottime =
						 subtract_spans(limit, add_spans(b, minute))};
	struct timens_error error;
	char text[TIMENS_ERROR_TEXT_MAX];
	struct capture c;

	error = offsets_error((struct timens_offsets){.clock_boottime = {limit.tv_sec + 1, 0}});
	assert_clock_error(&error, CLOCK_BOOTTIME, b, limit);
	timens_error_text(&error, text, sizeof text);
	assert_contains(text, "past its limit of 146 years");
	assert_contains(text, "highest");
	error = offsets_error((struct timens_offsets){.clock_boottime = {INT64_MAX, 999999999}});
	assert_clock_error(&error, CLOCK_BOOTTIME, b, limit);
	/* A minute below it, all is well. */
	assert_clocks(&(struct timens_spawn_args){WITH(&highest)}, &c, own_offsets());
}

static void ten_to_the_20_seconds(void **state)
{
	struct timens_timespec span = {7, 8};
	struct timens_error error;
	char text[TIMENS_ERROR_TEXT_MAX];

	assert_int_equal(timens_parse("100000000000000000000", &span, NULL, &error), -ERANGE);
	assert_int_equal(error.errnum, ERANGE);
	assert_string_equal(timens_stage_name(error.stage), "parse");
	timens_error_text(&error, text, sizeof text);
	assert_contains(text, "'100000000000000000000', column 1");
	assert_contains(text, "too large");
	assert_int_equal(span.tv_sec, 7);
	assert_int_equal(span.tv_nsec, 8);
}

/* -- Sizes -- */

/* Offsets with a tail that a later version might have. */
static struct {
	struct timens_offsets known;
	unsigned char tail[8192];
} longer = {.known = {{86400, 1}, {172800, 2}}};

static const char *assert_size_fails(size_t size, int errnum)
{
	struct timens_spawn_args args = {
		.argv = ARGV("true"), .offsets = &longer.known, .offsets_size = size};

	return assert_fails(&args, TIMENS_STAGE_ARGS, errnum);
}

static void offsets_too_short(void **state)
{
	const char *text = assert_size_fails(31, EINVAL);

	assert_contains(text, "offsets of 31 bytes");
	assert_contains(text, "32");
	assert_size_fails(1, EINVAL);
}

static void offsets_long_with_zero_tail(void **state)
{
	struct capture c;
	struct timens_spawn_args args = {.offsets = &longer.known,
					 .offsets_size = sizeof longer.known + 64};

	assert_clocks(&args, &c, own_offsets());
	args.offsets_size = (uint64_t)getpagesize();
	assert_clocks(&args, &c, own_offsets());
}

static void offsets_long_with_dirty_tail(void **state)
{
	const char *text;

	longer.tail[7] = 1;
	text = assert_size_fails(sizeof longer.known + 8, E2BIG);
	longer.tail[7] = 0;
	assert_contains(text, "offsets");
	assert_contains(text, "newer than this library");
	assert_contains(text, "byte 39 of 40");
}

static void offsets_over_a_page(void **state)
{
	assert_contains(assert_size_fails((size_t)getpagesize() + 1, E2BIG), "over a page");
}

/* -- The rest of the request -- */

/* Each wrong in one way. */
static void wrong_options(void **state)
{
	static const struct timens_fd pipe = {0, TIMENS_FD_PIPE_IN}, no_source = {0, -4};
	static const struct timens_id_map map = {0, 0, 1};
	static const struct timens_rlimit limit = {.reserved = 1};
	static const struct {
		struct timens_spawn_args args;
		int errnum;
		const char *text;
	} rows[] = {
		{{.flags = TIMENS_SPAWN_KEEP_SIGMASK | TIMENS_SPAWN_SET_SIGMASK},
		 EINVAL,
		 "SIGMASK"},
		{{.flags = TIMENS_SPAWN_SET_TTY}, EINVAL, "SETSID"},
		{{.flags = TIMENS_SPAWN_SET_UMASK, .umask = 01000}, EINVAL, "umask 01000"},
		{{.flags = TIMENS_SPAWN_SET_PGROUP, .pgroup = -3}, EINVAL, "pgroup -3"},
		{{.flags = TIMENS_SPAWN_SET_UID, .uid = UINT32_MAX}, EINVAL, "uid 4294967295"},
		{{.flags = TIMENS_SPAWN_SET_GID, .gid = UINT32_MAX}, EINVAL, "gid 4294967295"},
		{{.sigdefault = 6, .sigignore = 4}, EINVAL, "sigdefault and sigignore"},
		{{.sigignore = 1 << 8}, EINVAL, "SIGKILL"},
		{{.nice = 41}, EINVAL, "nice 41"},
		{{.reserved = 1}, EINVAL, "reserved"},
		{{.groups_count = 1}, EFAULT, "groups is NULL"},
		{{.groups = &map.count, .groups_count = 1}, EINVAL, "SET_GROUPS"},
		{{.groups = &map.count, .groups_count = 65537}, E2BIG, "groups_count 65537"},
		{{.fds_count = 1}, EFAULT, "fds is NULL"},
		{{.fds = &pipe, .fds_count = 1}, EFAULT, "pipes is NULL"},
		{{.fds = &no_source, .fds_count = 1}, EINVAL, "source -4"},
		{{.rlimits_count = 1}, EFAULT, "rlimits is NULL"},
		{{.rlimits = &limit, .rlimits_count = 1}, EINVAL, "rlimits[0].reserved"},
		{{.uid_maps_count = 1}, EFAULT, "uid_maps is NULL"},
		{{.gid_maps_count = 1}, EFAULT, "gid_maps is NULL"},
		{{.uid_maps = &map, .uid_maps_count = 341}, E2BIG, "uid_maps_count 341"},
		{{.uid_maps = &map, .uid_maps_count = 1, .userns = TIMENS_USERNS_NEVER},
		 EINVAL,
		 "contradicts id maps"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct timens_spawn_args args = rows[i].args;

		args.argv = ARGV("true");
		assert_contains(assert_fails(&args, TIMENS_STAGE_ARGS, rows[i].errnum),
				rows[i].text);
	}
}

/* Pointers that have to be there, and only C can leave out. */
static void assert_efault(int r, struct timens_error *error, const char *sentence)
{
	assert_int_equal(r, -EFAULT);
	assert_int_equal(error->errnum, EFAULT);
	assert_int_equal(error->stage, TIMENS_STAGE_ARGS);
	assert_string_equal(error->subject, sentence);
	memset(error, 0, sizeof *error);
}

/* Each that a function needs; the first it has is told. */
static void null_pointers(void **state)
{
	struct timens_spawn_args args = {.argv = ARGV("true")};
	struct timens_timespec span = {1, 0};
	struct timens_error e = {0};

	assert_efault(timens_spawn(NULL, sizeof args, NULL, &e), &e, "spawn_args is NULL");
	assert_efault(timens_spawn(&args, sizeof args, NULL, &e), &e, "process is NULL");
	assert_efault(timens_wait(NULL, &span, NULL, &e), &e, "process is NULL");
	assert_efault(timens_kill(NULL, 0, &e), &e, "process is NULL");
	assert_efault(timens_clone3(NULL, 64, NULL, 0, &e), &e, "clone_args is NULL");
	assert_efault(timens_enter(NULL, sizeof asked, 0, &e), &e, "offsets is NULL");
	assert_efault(timens_read(0, NULL, sizeof asked, &e), &e, "offsets is NULL");
	assert_efault(timens_support(NULL, 32, &e), &e, "support is NULL");
	assert_efault(timens_parse(NULL, &span, NULL, &e), &e, "text is NULL");
	assert_efault(timens_parse("1s", NULL, NULL, &e), &e, "span is NULL");
	assert_efault(timens_offset_to(CLOCK_BOOTTIME, &span, NULL, &e), &e, "offset is NULL");
	assert_efault(timens_offset_to(CLOCK_BOOTTIME, NULL, &span, &e), &e, "reading is NULL");
	/* With no error to say it in; without a size there need be no buffer. */
	assert_int_equal(timens_format(NULL, NULL, 0), -EFAULT);
	assert_int_equal(timens_format(&span, NULL, 1), -EFAULT);
	assert_int_equal(timens_format(&span, NULL, 0), 2);
	assert_int_equal(timens_error_text(NULL, NULL, 0), -EFAULT);
	assert_int_equal(timens_error_text(&e, NULL, 1), -EFAULT);
	assert_int_equal(timens_error_text(&e, NULL, 0), 8);
	assert_int_equal(timens_error_hint(NULL, NULL, 0), -EFAULT);
	assert_int_equal(timens_error_hint(&e, NULL, 1), -EFAULT);
	assert_int_equal(timens_error_hint(&e, NULL, 0), 0);
	assert_non_null(timens_points(NULL));
}

static void unknown_flags(void **state)
{
	struct timens_spawn_args args = {.argv = ARGV("true"), .flags = UINT64_C(1) << 40};
	struct timens_error error;

	assert_int_equal(timens_enter(&asked, sizeof asked, 8, &error), -EINVAL);
	assert_string_equal(error.subject, "flags 0x8 are unknown");

	assert_contains(assert_fails(&args, TIMENS_STAGE_ARGS, EINVAL),
			"flags 0x10000000000 are unknown");
	args = (struct timens_spawn_args){.argv = ARGV("true"), .userns = 3};
	assert_contains(assert_fails(&args, TIMENS_STAGE_ARGS, EINVAL), "userns 3");
	args = (struct timens_spawn_args){.argv = ARGV("true"), .route = 4};
	assert_contains(assert_fails(&args, TIMENS_STAGE_ARGS, EINVAL), "route 4");
}

static void empty_argv(void **state)
{
	struct timens_spawn_args args = {.file = "/bin/true"};
	static const char *const none[] = {NULL};

	assert_contains(assert_fails(&args, TIMENS_STAGE_ARGS, EINVAL), "argv is empty");
	args.argv = none;
	assert_contains(assert_fails(&args, TIMENS_STAGE_ARGS, EINVAL), "argv is empty");
}

static void assert_names(const char *list, const char *(*name_of)(int))
{
	json_t *rows = assert_vectors("stages.json", list), *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		const char *name = json_string_value(json_object_get(row, "name"));
		json_int_t number = json_integer_value(json_object_get(row, "number"));

		assert_non_null(name);
		assert_string_equal(name_of((int)number), name);
	}
	/* A closed list: nothing lies past its end. */
	assert_string_equal(
		name_of((int)json_integer_value(json_object_get(
				json_array_get(rows, json_array_size(rows) - 1), "number")) +
			1),
		"?");
	assert_string_equal(name_of(-1), "?");
	json_decref(rows);
}

static const char *route_name(int route)
{
	return timens_route_name((unsigned)route);
}

static void stage_names(void **state)
{
	assert_names("stages", timens_stage_name);
	assert_names("routes", route_name);
	assert_string_equal(timens_stage_name(TIMENS_STAGE_NONE), "?");
}

/* -- Nothing left behind -- */

static atomic_int sigchld_seen;

static void count_sigchld(int sig)
{
	atomic_fetch_add(&sigchld_seen, 1);
}

/* One start for each stage that a child of ours can fail at. */
static void fail_once(unsigned route)
{
	struct timens_fd fds[] = {{.target = 3, .source = 1}};
	struct timens_spawn_args args = {.argv = ARGV("/no/such/program"),
					 WITH(&asked),
					 .fds = fds,
					 .fds_count = 1,
					 .route = route};

	assert_fails(&args, TIMENS_STAGE_EXEC, ENOENT);
	args.cwd = "/no/such/folder";
	assert_fails(&args, TIMENS_STAGE_CWD, ENOENT);
}

/* What time_namespaces(7), user_namespaces(7) and the kernel's source say can happen, each with the
 * word that leads out of it: a setting, a capability, a profile. */
static void every_failure_has_a_remedy(void **state)
{
	static const struct {
		int stage, errnum;
		const char *word;
	} rows[] = {
		{TIMENS_STAGE_UNSHARE, EINVAL, "CONFIG_TIME_NS"},
		{TIMENS_STAGE_UNSHARE, EPERM, "seccomp"},
		{TIMENS_STAGE_UNSHARE, EPERM, "CAP_SYS_ADMIN"},
		{TIMENS_STAGE_UNSHARE, ENOSPC, "user.max_time_namespaces"},
		{TIMENS_STAGE_CLONE, ENOSPC, "user.max_user_namespaces"},
		{TIMENS_STAGE_CLONE, EPERM, "kernel.unprivileged_userns_clone"},
		{TIMENS_STAGE_CLONE, EACCES, "AppArmor"},
		{TIMENS_STAGE_UNSHARE, EACCES, "AppArmor"},
		{TIMENS_STAGE_CLONE, EUSERS, "nested too deep"},
		{TIMENS_STAGE_CLONE, EAGAIN, "pids.max"},
		{TIMENS_STAGE_CLONE, ENOSYS, "seccomp"},
		{TIMENS_STAGE_CLONE, E2BIG, "newer"},
		{TIMENS_STAGE_MAP, EPERM, "kernel.apparmor_restrict_unprivileged_userns"},
		{TIMENS_STAGE_MAP, EACCES, "kernel.apparmor_restrict_unprivileged_userns"},
		{TIMENS_STAGE_MAP, EINVAL, "overlap"},
		{TIMENS_STAGE_MAP, ENOENT, "/proc"},
		{TIMENS_STAGE_WRITE, EPERM, "CAP_SYS_TIME"},
		{TIMENS_STAGE_WRITE, EACCES, "dumpable"},
		{TIMENS_STAGE_WRITE, ENOENT, "/proc"},
		{TIMENS_STAGE_WRITE, EROFS, "read-only"},
		{TIMENS_STAGE_WRITE, ERANGE, "146 years"},
		{TIMENS_STAGE_WRITE, ESRCH, "/proc"},
		{TIMENS_STAGE_ENTER, EPERM, "CAP_SYS_ADMIN"},
		{TIMENS_STAGE_ENTER, EBUSY, "one thread"},
		{TIMENS_STAGE_ENTER, EBUSY, "memory with no other process"},
		{TIMENS_STAGE_JOIN, EBUSY, "memory with no other process"},
		{TIMENS_STAGE_PREPARE, ENOENT, "/proc"},
		{TIMENS_STAGE_PREPARE, EMFILE, "ulimit -n"},
		{TIMENS_STAGE_CGROUP, EACCES, "cgroup.procs"},
		{TIMENS_STAGE_CREDENTIALS, EPERM, "CAP_SETUID"},
		{TIMENS_STAGE_EXEC, E2BIG, "ulimit -s"},
		{TIMENS_STAGE_EXEC, ENOEXEC, "#!"},
		{TIMENS_STAGE_READ, EACCES, "ptrace"},
		{TIMENS_STAGE_JOIN, EPERM, "CAP_SYS_ADMIN"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct timens_error error = {.stage = rows[i].stage, .errnum = rows[i].errnum};
		char hint[TIMENS_ERROR_TEXT_MAX], text[TIMENS_ERROR_TEXT_MAX];

		assert_in_range(timens_error_hint(&error, hint, sizeof hint), 1, sizeof hint - 1);
		assert_contains(hint, rows[i].word);
		assert_in_range(timens_error_text(&error, text, sizeof text), 1, sizeof text - 1);
		assert_contains(text, hint);
	}
}

static void failed_start_leaves_nothing(void **state)
{
	struct sigaction seen = {.sa_handler = count_sigchld}, old;
	struct routes routes = routes_here();
	int fds = count_fds(), children = count_children();

	assert_int_equal(sigaction(SIGCHLD, &seen, &old), 0);
	for (int i = 0; i < 10; i++)
		for (unsigned r = 0; r < routes.count; r++)
			fail_once(routes.route[r]);
	sigaction(SIGCHLD, &old, NULL);
	assert_int_equal(atomic_load(&sigchld_seen), 0);
	assert_int_equal(count_fds(), fds);
	assert_int_equal(count_children(), children);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(program_not_found),
		cmocka_unit_test(not_executable),
		cmocka_unit_test(not_a_program),
		cmocka_unit_test(bad_cwd),
		cmocka_unit_test(nanoseconds_of_a_billion),
		cmocka_unit_test(negative_nanoseconds),
		cmocka_unit_test(clock_would_be_negative),
		cmocka_unit_test(clock_past_its_limit),
		cmocka_unit_test(ten_to_the_20_seconds),
		cmocka_unit_test(offsets_too_short),
		cmocka_unit_test(offsets_long_with_zero_tail),
		cmocka_unit_test(offsets_long_with_dirty_tail),
		cmocka_unit_test(offsets_over_a_page),
		cmocka_unit_test(wrong_options),
		cmocka_unit_test(null_pointers),
		cmocka_unit_test(unknown_flags),
		cmocka_unit_test(empty_argv),
		cmocka_unit_test(stage_names),
		cmocka_unit_test(every_failure_has_a_remedy),
		cmocka_unit_test(failed_start_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, need_programs, NULL);
}
