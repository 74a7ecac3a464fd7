/* SPDX-License-Identifier: MIT */
/* Offsets are relative to the caller's clocks, wherever the caller is. */
#include <pthread.h>

#include "helpers.h"

static const struct timens_offsets a = {{86400, 600000000}, {172800, 999999999}};
/* Less than any machine that runs tests has been up. */
static const struct timens_offsets b = {{-2, 500000000}, {1000, 1}};
static const struct timens_offsets pending = {{700000, 7}, {800000, 8}};

/* `own`: what the caller's own namespace has. Also before the caller is moved, since a start keeps
 * what it learns about the caller. */
static void assert_b_on_top_of(struct timens_offsets own, unsigned route)
{
	struct capture c;

	assert_clocks(&(struct timens_spawn_args){WITH(&b), .route = route}, &c, own);
}

static void inside(void *arg)
{
	struct timens_offsets outer = own_offsets();

	assert_b_on_top_of(outer, TIMENS_ROUTE_AUTO);
	assert_move_into(&a);
	assert_b_on_top_of(add_offsets(outer, a), TIMENS_ROUTE_AUTO);
}

static void inside_a_shifted_namespace(void **state)
{
	in_child(inside, NULL);
}

static void with_pending(void *arg)
{
	struct timens_offsets outer = own_offsets();

	assert_leave_pending(&pending);
	assert_b_on_top_of(outer, TIMENS_ROUTE_AUTO);
	assert_b_on_top_of(outer, TIMENS_ROUTE_AUTO);
}

static void with_pending_after_a_start(void *arg)
{
	struct timens_offsets outer = own_offsets();

	assert_b_on_top_of(outer, TIMENS_ROUTE_AUTO);
	assert_leave_pending(&pending);
	assert_b_on_top_of(outer, TIMENS_ROUTE_AUTO);
}

static void pending_namespace(void **state)
{
	in_child(with_pending, NULL);
	in_child(with_pending_after_a_start, NULL);
}

static void with_pending_inside(void *arg)
{
	struct timens_offsets outer = own_offsets();

	assert_move_into(&a);
	assert_leave_pending(&pending);
	assert_b_on_top_of(add_offsets(outer, a), TIMENS_ROUTE_AUTO);
	assert_b_on_top_of(add_offsets(outer, a), TIMENS_ROUTE_FORK);
}

static void pending_in_a_shifted_namespace(void **state)
{
	in_child(with_pending_inside, NULL);
}

static void nested_on_each_route(void *arg)
{
	struct timens_offsets outer = own_offsets();
	struct routes routes = routes_here();

	assert_move_into(&a);
	for (unsigned i = 0; i < routes.count; i++)
		assert_b_on_top_of(add_offsets(outer, a), routes.route[i]);
}

static void each_route_when_nested(void **state)
{
	in_child(nested_on_each_route, NULL);
}

static void refused(void *arg)
{
	struct routes routes = routes_here();
	struct timens_spawn_args args = {.argv = ARGV("true"), WITH(&b)};

	assert_move_into(&a);
	assert_leave_pending(&pending);
	for (unsigned i = 0; i < routes.count; i++) {
		const char *text;

		args.route = routes.route[i];
		if (args.route == TIMENS_ROUTE_FORK)
			continue;
		text = assert_fails(&args, TIMENS_STAGE_ROUTE, EBUSY);
		assert_contains(text, timens_route_name(args.route));
		assert_contains(text, "use route auto or fork");
	}
}

static void forced_route_refused_when_pending_and_shifted(void **state)
{
	assert_route_here(TIMENS_ROUTE_VFORK);
	in_child(refused, NULL);
}

static void *start_and_leave(void *arg)
{
	struct timens_offsets expected = add_offsets(*(const struct timens_offsets *)arg, b), shown;
	struct timens_spawn_args args = {.argv = ARGV(test_program("clocks")), WITH(&b)};
	struct capture c;

	/* Until the leading thread has ended. */
	for (int i = 0; i < 1000 && access("/proc/self/ns/time", F_OK) == 0; i++)
		usleep(1000);
	_exit(capture(&args, &c) == 0 && parse_offsets(c.out, &shown) == 0 &&
			      !memcmp(&shown, &expected, sizeof shown)
		      ? 0
		      : 1);
}

/* /proc/self shows nothing then, and is not to be taken for a kernel without namespaces. */
static void leader_ends(void *arg)
{
	static struct timens_offsets own;
	pthread_t thread;

	own = add_offsets(own_offsets(), a);
	assert_move_into(&a);
	assert_int_equal(pthread_create(&thread, NULL, start_and_leave, &own), 0);
	pthread_exit(NULL);
}

static void leading_thread_has_ended(void **state)
{
	in_child(leader_ends, NULL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(inside_a_shifted_namespace),
		cmocka_unit_test(pending_namespace),
		cmocka_unit_test(pending_in_a_shifted_namespace),
		cmocka_unit_test(leading_thread_has_ended),
		cmocka_unit_test(each_route_when_nested),
		cmocka_unit_test(forced_route_refused_when_pending_and_shifted),
	};

	return cmocka_run_group_tests(tests, need_programs, NULL);
}
