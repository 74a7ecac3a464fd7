/* SPDX-License-Identifier: MIT */
/* The offsets of a running process. */
#include <signal.h>
#include <sys/wait.h>

#include "helpers.h"

static const struct timens_offsets asked = {{86400, 600000000}, {-1, 999999999}};

static struct timens_offsets offsets_of(pid_t pid)
{
	struct timens_offsets offsets;
	struct timens_error error;

	assert_int_equal(timens_read(pid, &offsets, sizeof offsets, &error), 0);
	return offsets;
}

/* Against the kernel's own file, which a process without a pending namespace may trust. */
static void assert_own(void)
{
	char text[256] = "";
	struct timens_offsets shown;
	FILE *file = fopen("/proc/self/timens_offsets", "re");

	assert_non_null(file);
	assert_in_range(fread(text, 1, sizeof text - 1, file), 1, sizeof text - 1);
	fclose(file);
	assert_int_equal(parse_offsets(text, &shown), 0);
	assert_offsets_equal(offsets_of(0), shown);
	assert_offsets_equal(offsets_of(getpid()), shown);
}

static void own_after_a_move(void *arg)
{
	struct timens_offsets before = offsets_of(0);

	assert_own();
	assert_move_into(&asked);
	assert_own();
	assert_offsets_equal(offsets_of(0), add_offsets(before, asked));
}

static void own_while_pending(void *arg)
{
	struct timens_offsets before = offsets_of(0), offsets;
	struct timens_error error;

	assert_leave_pending(&asked);
	assert_offsets_equal(offsets_of(0), before);
	/* Shifted as well, its own offsets are nowhere to be seen. */
	assert_move_into(&asked);
	assert_leave_pending(&asked);
	assert_int_equal(timens_read(0, &offsets, sizeof offsets, &error), -EBUSY);
	assert_string_equal(timens_stage_name(error.stage), "read");
}

static void own_process(void **state)
{
	in_child(own_after_a_move, NULL);
	in_child(own_while_pending, NULL);
}

static void child_equals_own_plus_asked(void **state)
{
	struct timens_process process;
	struct timens_offsets found;

	assert_sleeper(&process, &asked);
	found = offsets_of(process.pid);
	assert_ended(&process);
	assert_offsets_equal(found, add_offsets(own_offsets(), asked));
}

static void start_is_given_time_to_move(void **state)
{
	struct timens_offsets own = own_offsets(), found;
	pid_t pid = assert_late_mover(&asked, 20);

	found = offsets_of(pid);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_offsets_equal(found, add_offsets(own, asked));
}

static void no_such_process(void **state)
{
	struct timens_offsets offsets;
	struct timens_error error;
	char text[TIMENS_ERROR_TEXT_MAX];

	assert_int_equal(timens_read(INT32_MAX, &offsets, sizeof offsets, &error), -ESRCH);
	assert_int_equal(error.errnum, ESRCH);
	assert_string_equal(timens_stage_name(error.stage), "read");
	timens_error_text(&error, text, sizeof text);
	assert_contains(text, "process 2147483647");
	assert_int_equal(timens_read(-1, &offsets, sizeof offsets, &error), -EINVAL);
	assert_string_equal(timens_stage_name(error.stage), "args");
	assert_contains(error.subject, "pid -1");
}

static void larger(void *arg)
{
	struct {
		struct timens_offsets known;
		unsigned char tail[64];
	} offsets;
	static const unsigned char zero[64];
	struct timens_offsets expected = add_offsets(own_offsets(), asked);

	assert_move_into(&asked);
	memset(&offsets, 0xff, sizeof offsets);
	assert_int_equal(timens_read(0, &offsets.known, sizeof offsets, NULL), 0);
	assert_offsets_equal(offsets.known, expected);
	assert_memory_equal(offsets.tail, zero, sizeof zero);
}

static void smaller_and_larger_structs(void **state)
{
	struct timens_offsets offsets, before;
	struct timens_error error;

	memset(&offsets, 0xff, sizeof offsets);
	before = offsets;
	assert_int_equal(timens_read(0, &offsets, 31, &error), -EINVAL);
	assert_string_equal(timens_stage_name(error.stage), "args");
	assert_contains(error.subject, "offsets of 31 bytes");
	assert_memory_equal(&offsets, &before, sizeof before);
	assert_int_equal(timens_read(0, NULL, sizeof offsets, &error), -EFAULT);
	in_child(larger, NULL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(own_process),
		cmocka_unit_test(child_equals_own_plus_asked),
		cmocka_unit_test(start_is_given_time_to_move),
		cmocka_unit_test(no_such_process),
		cmocka_unit_test(smaller_and_larger_structs),
	};

	return cmocka_run_group_tests(tests, need_programs, NULL);
}
