/* SPDX-License-Identifier: MIT */
/* Each way in is forced, and the answer says which one was taken: a route that is silently never
 * taken would pass every other test. */
#include "helpers.h"

static const struct timens_offsets asked = {{86400, 1}, {172800, 2}};

static void assert_forced(unsigned route)
{
	struct timens_spawn_args args = {WITH(&asked), .route = route};
	struct capture c;

	assert_route_here(route);
	assert_clocks(&args, &c, own_offsets());
	assert_string_equal(timens_route_name(c.process.route), timens_route_name(route));
}

static void clone3_forced(void **state)
{
	assert_forced(TIMENS_ROUTE_CLONE3);
}

static void vfork_forced(void **state)
{
	assert_forced(TIMENS_ROUTE_VFORK);
}

static void fork_forced(void **state)
{
	assert_forced(TIMENS_ROUTE_FORK);
}

static void auto_takes_clone3_here(void **state)
{
	struct timens_support support;
	struct timens_error error;
	struct capture c;

	assert_int_equal(timens_support(&support, sizeof support, &error), 0);
	if (support.exec_enters != 1 || support.clone3 != 1)
		skip_because("exec does not enter a pending time namespace, or clone3 is refused");
	assert_clocks(&(struct timens_spawn_args){WITH(&asked)}, &c, own_offsets());
	assert_string_equal(timens_route_name(c.process.route), "clone3");
	assert_string_equal(timens_route_name(support.route), "clone3");
}

static void failure_on_each_route(void **state)
{
	struct timens_spawn_args args = {.argv = ARGV("/no/such/program"), WITH(&asked)};
	struct routes routes = routes_here();
	char first[TIMENS_ERROR_TEXT_MAX] = "";

	for (unsigned i = 0; i < routes.count; i++) {
		const char *text;

		args.route = routes.route[i];
		text = assert_fails(&args, TIMENS_STAGE_EXEC, ENOENT);
		assert_contains(text, "/no/such/program");
		if (i == 0)
			snprintf(first, sizeof first, "%s", text);
		assert_string_equal(text, first);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(clone3_forced),	 cmocka_unit_test(vfork_forced),
		cmocka_unit_test(fork_forced),		 cmocka_unit_test(auto_takes_clone3_here),
		cmocka_unit_test(failure_on_each_route),
	};

	return cmocka_run_group_tests(tests, need_programs, NULL);
}
