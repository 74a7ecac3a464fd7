/* SPDX-License-Identifier: MIT */
/* What timens_support says is what then happens. */
#include "helpers.h"

static const struct timens_offsets asked = {{86400, 1}, {172800, 2}};

static void says_yes_here(void **state)
{
	struct {
		struct timens_support known;
		unsigned char tail[8];
	} support;
	int fds = count_fds(), children = count_children();
	struct capture c;

	memset(&support, 0xff, sizeof support);
	assert_int_equal(timens_support(&support.known, sizeof support, NULL), 0);
	assert_int_equal(count_fds(), fds);
	assert_int_equal(count_children(), children);
	if (!support.known.available)
		skip_because("no time namespaces for this user on this machine");
	assert_in_range(support.known.exec_enters, 0, 1);
	assert_int_equal(support.known.error_errno, 0);
	assert_int_equal(support.known.error_stage, TIMENS_STAGE_NONE);
	assert_int_equal(support.known.reserved, 0);
	assert_int_equal(support.tail[0], 0);
	assert_clocks(&(struct timens_spawn_args){WITH(&asked)}, &c, own_offsets());
	assert_int_equal(c.process.route, support.known.route);
	assert_int_equal(c.process.userns, support.known.userns);
	assert_int_equal(timens_support(&support.known, 31, NULL), -EINVAL);
}

static void without_user_namespaces(void *arg)
{
	struct timens_spawn_args args = {.argv = ARGV("true"), WITH(&asked)};
	struct timens_support support;
	struct timens_error error;
	char text[TIMENS_ERROR_TEXT_MAX];

	assert_new_user_namespace();
	assert_set_limit("max_user_namespaces", "0");
	assert_keep_capabilities(0);
	assert_int_equal(timens_support(&support, sizeof support, &error), 0);
	assert_int_equal(support.available, 0);
	assert_int_equal(support.error_errno, ENOSPC);
	assert_string_equal(timens_stage_name(support.error_stage), "clone");
	assert_int_equal(support.exec_enters, 2);
	assert_int_equal(error.errnum, ENOSPC);
	timens_error_text(&error, text, sizeof text);
	assert_contains(text, "user.max_user_namespaces");
	assert_fails(&args, support.error_stage, support.error_errno);
}

static void says_why_not(void **state)
{
	in_child(without_user_namespaces, NULL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		/* First: a fork knows what its parent has found out about the kernel. */
		cmocka_unit_test(says_why_not),
		cmocka_unit_test(says_yes_here),
	};

	return cmocka_run_group_tests(tests, need_programs, NULL);
}
