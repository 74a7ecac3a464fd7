/* SPDX-License-Identifier: MIT */
/* The caller moves into a namespace that exists, by either kind of descriptor. */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "helpers.h"

static const struct timens_offsets asked = {{86400, 1}, {172800, 2}};

static void assert_joins(int fd, const struct timens_offsets *expected)
{
	char before[64], after[64];
	struct capture c;

	assert_link("/proc/self/ns/time", before);
	assert_int_equal(timens_join(fd, NULL), 0);
	assert_string_not_equal(assert_link("/proc/self/ns/time", after), before);
	assert_offsets_equal(own_offsets(), *expected);
	/* And the next start knows. */
	assert_clocks(&(struct timens_spawn_args){WITH(&asked)}, &c, *expected);
}

static void through_pidfd(void *arg)
{
	struct timens_offsets expected = add_offsets(own_offsets(), asked);
	struct timens_process process;
	struct capture c;

	need_root();
	assert_clocks(&(struct timens_spawn_args){WITH(&asked)}, &c, own_offsets());
	assert_sleeper(&process, &asked);
	assert_joins(process.pidfd, &expected);
	assert_ended(&process);
}

/* To join it at once would be to stay, with no error. */
static void through_pidfd_of_a_late_one(void *arg)
{
	struct timens_offsets expected = add_offsets(own_offsets(), asked);
	pid_t pid = assert_late_mover(&asked, 20);
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	assert_true(fd >= 0);
	assert_joins(fd, &expected);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void by_pidfd(void **state)
{
	in_child(through_pidfd, NULL);
	in_child(through_pidfd_of_a_late_one, NULL);
}

static void through_file(void *arg)
{
	struct timens_offsets expected = add_offsets(own_offsets(), asked), its;
	struct timens_process process;
	char path[64];
	int fd;

	need_root();
	assert_sleeper(&process, &asked);
	/* It is there: see start_is_given_time_to_move. */
	assert_int_equal(timens_read(process.pid, &its, sizeof its, NULL), 0);
	snprintf(path, sizeof path, "/proc/%d/ns/time", process.pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_joins(fd, &expected);
	assert_ended(&process);
}

static void by_namespace_descriptor(void **state)
{
	in_child(through_file, NULL);
}

static void assert_refused(int fd, int errnum, const char *part)
{
	struct timens_error error = {.stage = -1};
	char text[TIMENS_ERROR_TEXT_MAX];

	assert_int_equal(timens_join(fd, &error), -errnum);
	assert_string_equal(timens_stage_name(error.stage), "join");
	timens_error_text(&error, text, sizeof text);
	assert_contains(text, part);
}

static void wrong(void *arg)
{
	int other = open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC);
	struct timens_process process;

	assert_refused(-1, EBADF, "descriptor -1");
	assert_refused(other, EINVAL, "/proc/PID/ns/time");
	close(other);
	need_root();
	assert_sleeper(&process, &asked);
	assert_become_nobody();
	assert_refused(process.pidfd, EPERM, "CAP_SYS_ADMIN");
}

static void wrong_descriptors(void **state)
{
	in_child(wrong, NULL);
}

static void *wait_for(void *ends)
{
	char byte;

	return (void *)(intptr_t)read(((const int *)ends)[0], &byte, 1);
}

static void threads_are_refused(void **state)
{
	int ends[2], own;
	pthread_t thread;

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	own = open("/proc/self/ns/time", O_RDONLY | O_CLOEXEC);
	assert_int_equal(pthread_create(&thread, NULL, wait_for, ends), 0);
	assert_refused(own, EBUSY, "one thread");
	close(ends[1]);
	assert_int_equal(pthread_join(thread, NULL), 0);
	close(ends[0]);
	close(own);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_pidfd),
		cmocka_unit_test(by_namespace_descriptor),
		cmocka_unit_test(wrong_descriptors),
		cmocka_unit_test(threads_are_refused),
	};

	return cmocka_run_group_tests(tests, need_programs, NULL);
}
