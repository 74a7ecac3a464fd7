/* SPDX-License-Identifier: MIT */
/* With and without privilege. Who the caller is, is changed in child processes only. */
#include "helpers.h"

static const struct timens_offsets asked = {{86400, 1}, {172800, 2}};

/* Each id to itself, and no other. */
static void assert_map(const struct timens_spawn_args *like, const char *file, unsigned id)
{
	struct timens_spawn_args args = *like;
	unsigned inside, outside, length;
	struct capture c;

	args.argv = ARGV("cat", file);
	assert_runs(&args, &c);
	assert_int_equal(sscanf(c.out, "%u %u %u", &inside, &outside, &length), 3);
	assert_int_equal(inside, id);
	assert_int_equal(outside, id);
	assert_int_equal(length, 1);
}

static void assert_works_in_userns(const struct timens_spawn_args *like)
{
	struct timens_spawn_args args = *like;
	struct timens_offsets shown;
	struct capture c;

	args.argv = ARGV("cat", "/proc/self/timens_offsets");
	assert_runs(&args, &c);
	assert_int_equal(c.process.userns, 1);
	assert_int_equal(parse_offsets(c.out, &shown), 0);
	assert_offsets_equal(shown, add_offsets(own_offsets(), asked));
	assert_map(&args, "/proc/self/uid_map", geteuid());
	assert_map(&args, "/proc/self/gid_map", getegid());
}

static void as_nobody_auto(void *arg)
{
	struct routes routes;

	assert_become_nobody();
	assert_works_in_userns(&(struct timens_spawn_args){WITH(&asked)});
	routes = routes_here();
	for (unsigned i = 0; i < routes.count; i++)
		assert_works_in_userns(
			&(struct timens_spawn_args){WITH(&asked), .route = routes.route[i]});
}

static void unprivileged_auto(void **state)
{
	in_child(as_nobody_auto, NULL);
}

static void as_nobody_never(void *arg)
{
	struct timens_spawn_args args = {
		.argv = ARGV("true"), WITH(&asked), .userns = TIMENS_USERNS_NEVER};

	assert_become_nobody();
	assert_contains(assert_fails(&args, TIMENS_STAGE_UNSHARE, EPERM), "CAP_SYS_ADMIN");
	/* Nor when the first answer, which says what kernel this is, is known. */
	assert_fails(&args, TIMENS_STAGE_UNSHARE, EPERM);
}

static void as_nobody_never_after_auto(void *arg)
{
	struct timens_spawn_args args = {
		.argv = ARGV("true"), WITH(&asked), .userns = TIMENS_USERNS_NEVER};
	struct routes routes;

	assert_become_nobody();
	routes = routes_here();
	for (unsigned i = 0; i < routes.count; i++) {
		args.route = routes.route[i];
		assert_fails(&args, TIMENS_STAGE_UNSHARE, EPERM);
	}
}

static void without_sys_time(void *arg)
{
	struct timens_spawn_args args = {
		.argv = ARGV("true"), WITH(&asked), .userns = TIMENS_USERNS_NEVER};
	struct routes routes;

	assert_drop_sys_time();
	routes = routes_here();
	for (unsigned i = 0; i < routes.count; i++) {
		args.route = routes.route[i];
		assert_contains(assert_fails(&args, TIMENS_STAGE_WRITE, EPERM), "CAP_SYS_TIME");
	}
	assert_works_in_userns(&(struct timens_spawn_args){WITH(&asked)});
}

static void unprivileged_never(void **state)
{
	in_child(without_sys_time, NULL);
	in_child(as_nobody_never, NULL);
	in_child(as_nobody_never_after_auto, NULL);
}

static void without_user_namespaces(void *arg)
{
	struct timens_spawn_args args = {.argv = ARGV("true"), WITH(&asked)};

	assert_new_user_namespace();
	assert_set_limit("max_user_namespaces", "0");
	assert_keep_capabilities(0);
	assert_contains(assert_fails(&args, TIMENS_STAGE_CLONE, ENOSPC),
			"user.max_user_namespaces");
}

static void unprivileged_without_user_namespaces(void **state)
{
	in_child(without_user_namespaces, NULL);
}

static void always_as_root(void **state)
{
	if (geteuid() != 0)
		skip_because("this is not root");
	assert_works_in_userns(
		&(struct timens_spawn_args){WITH(&asked), .userns = TIMENS_USERNS_ALWAYS});
}

static void without_time_namespaces(void *arg)
{
	struct timens_spawn_args args = {.argv = ARGV("true"), WITH(&asked)};

	assert_new_user_namespace();
	assert_set_limit("max_time_namespaces", "0");
	assert_contains(assert_fails(&args, TIMENS_STAGE_UNSHARE, ENOSPC),
			"user.max_time_namespaces");
}

/* The kernel is known already, and so the start itself runs into the limit. */
static void time_namespaces_taken_away(void *arg)
{
	struct timens_spawn_args args = {.argv = ARGV("true"), WITH(&asked)};
	struct routes routes;

	assert_new_user_namespace();
	routes = routes_here();
	assert_set_limit("max_time_namespaces", "0");
	for (unsigned i = 0; i < routes.count; i++) {
		args.route = routes.route[i];
		assert_fails(&args, TIMENS_STAGE_UNSHARE, ENOSPC);
	}
}

static void time_namespaces_used_up(void **state)
{
	in_child(without_time_namespaces, NULL);
	in_child(time_namespaces_taken_away, NULL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(unprivileged_auto),
		cmocka_unit_test(unprivileged_never),
		cmocka_unit_test(unprivileged_without_user_namespaces),
		cmocka_unit_test(always_as_root),
		cmocka_unit_test(time_namespaces_used_up),
	};

	return cmocka_run_group_tests(tests, need_programs, NULL);
}
