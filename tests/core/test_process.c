/* SPDX-License-Identifier: MIT */
/* What can be done with a started program. */

/* One case has the name of a libc function, and it has it in every language. */
#define kill kill_of_libc
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#undef kill

#include <fcntl.h>

#include "helpers.h"

static const struct timens_offsets asked = {{86400, 1}, {172800, 2}};

static int status_of_script(const char *script)
{
	struct timens_spawn_args args = {.argv = ARGV("sh", "-c", script), WITH(&asked)};
	struct timens_process process;
	struct timens_error error;
	int status = -1;

	assert_int_equal(timens_spawn(&args, sizeof args, &process, &error), 0);
	assert_true(process.pid > 0);
	assert_int_equal(fcntl(process.pidfd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(timens_wait(&process, NULL, &status, &error), 0);
	assert_int_equal(process.pidfd, -1);
	return status;
}

static void exit_status(void **state)
{
	static const int codes[] = {0, 1, 7, 127, 255};
	char script[32];

	for (size_t i = 0; i < COUNT(codes); i++) {
		int status;

		snprintf(script, sizeof script, "exit %d", codes[i]);
		status = status_of_script(script);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), codes[i]);
	}
}

static void killed_by_signal(void **state)
{
	int status = status_of_script("kill -TERM $$");

	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGTERM);
	status = status_of_script("ulimit -c 0; kill -ABRT $$");
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
	assert_false(WCOREDUMP(status));
}

static void assert_wait_fails(struct timens_process *process, struct timens_timespec timeout,
			      int stage, int errnum)
{
	struct timens_process before = *process;
	struct timens_error error;
	int status = -12345;

	assert_int_equal(timens_wait(process, &timeout, &status, &error), -errnum);
	assert_int_equal(error.errnum, errnum);
	assert_string_equal(timens_stage_name(error.stage), timens_stage_name(stage));
	assert_int_equal(status, -12345);
	assert_memory_equal(process, &before, sizeof before);
}

static void wait_times_out(void **state)
{
	struct timens_process process;

	assert_sleeper(&process, &asked);
	assert_wait_fails(&process, (struct timens_timespec){0, 0}, TIMENS_STAGE_WAIT, ETIMEDOUT);
	assert_wait_fails(&process, (struct timens_timespec){0, 10000000}, TIMENS_STAGE_WAIT,
			  ETIMEDOUT);
	assert_wait_fails(&process, (struct timens_timespec){-1, 0}, TIMENS_STAGE_ARGS, EINVAL);
	assert_wait_fails(&process, (struct timens_timespec){0, 1000000000}, TIMENS_STAGE_ARGS,
			  EINVAL);
	assert_ended(&process);
}

static void wait_after_timeout(void **state)
{
	struct timens_timespec hour = {3600, 0};
	struct timens_process process;
	struct timens_error error;
	int status = 0;

	assert_sleeper(&process, &asked);
	assert_wait_fails(&process, (struct timens_timespec){0, 0}, TIMENS_STAGE_WAIT, ETIMEDOUT);
	assert_int_equal(timens_kill(&process, SIGKILL, &error), 0);
	assert_int_equal(timens_wait(&process, &hour, &status, &error), 0);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(process.pidfd, -1);
}

static void wait_twice(void **state)
{
	struct timens_process process;

	assert_sleeper(&process, &asked);
	assert_ended(&process);
	assert_wait_fails(&process, (struct timens_timespec){0, 0}, TIMENS_STAGE_WAIT, EBADF);
}

static void kill(void **state)
{
	struct timens_process process;
	struct timens_error error;
	int status = 0;

	assert_sleeper(&process, &asked);
	/* Signal 0 asks only whether it is there. */
	assert_int_equal(timens_kill(&process, 0, &error), 0);
	assert_int_equal(timens_kill(&process, SIGTERM, &error), 0);
	assert_int_equal(timens_wait(&process, NULL, &status, &error), 0);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGTERM);
}

static void assert_kill_fails(const struct timens_process *process, int sig, int errnum)
{
	char text[TIMENS_ERROR_TEXT_MAX], pid[16];
	struct timens_error error;

	assert_int_equal(timens_kill(process, sig, &error), -errnum);
	assert_int_equal(error.errnum, errnum);
	assert_string_equal(timens_stage_name(error.stage), "kill");
	snprintf(pid, sizeof pid, "%d", process->pid);
	timens_error_text(&error, text, sizeof text);
	assert_contains(text, pid);
}

static void kill_after_wait(void **state)
{
	struct timens_process process;

	assert_sleeper(&process, &asked);
	assert_ended(&process);
	assert_kill_fails(&process, SIGTERM, EBADF);
}

static void kill_bad_signal(void **state)
{
	struct timens_process process;

	assert_sleeper(&process, &asked);
	assert_kill_fails(&process, 65, EINVAL);
	assert_kill_fails(&process, -1, EINVAL);
	assert_ended(&process);
}

static void reaped_by_others(void **state)
{
	struct timens_process process;
	struct timens_error error;
	int status;

	assert_sleeper(&process, &asked);
	assert_int_equal(timens_kill(&process, SIGKILL, &error), 0);
	assert_int_equal(waitpid(process.pid, &status, 0), process.pid);
	assert_wait_fails(&process, (struct timens_timespec){0, 0}, TIMENS_STAGE_WAIT, ECHILD);
	assert_kill_fails(&process, SIGTERM, ESRCH);
	close(process.pidfd);
}

/* Follows the program, and reaps it only when it is told to. */
__attribute__((noreturn)) static void trace(pid_t pid, int ready, int go)
{
	char byte = ptrace(PTRACE_SEIZE, pid, NULL, NULL) == 0 ? 'y' : 'n';

	if (write(ready, &byte, 1) == 1 && read(go, &byte, 1) == 0) {
		/* It runs on where the test has failed to kill it, and we would wait for ever. */
		syscall(SYS_kill, pid, SIGKILL);
		waitpid(pid, NULL, __WALL);
	}
	_exit(0);
}

static pid_t assert_tracer(pid_t pid, int *go)
{
	int ready[2], ends[2];
	char byte;
	pid_t tracer;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	tracer = fork();
	assert_true(tracer >= 0);
	if (tracer == 0) {
		close(ends[1]);
		trace(pid, ready[1], ends[0]);
	}
	close(ends[0]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	close(ready[1]);
	*go = ends[1];
	return byte == 'y' ? tracer : 0;
}

/* It waited until the tracer had done so, whatever the timeout. */
static void traced_program(void *arg)
{
	struct timens_timespec minute = {60, 0};
	struct timens_process process;
	struct timens_error error;
	pid_t tracer;
	int go, status;

	assert_sleeper(&process, &asked);
	tracer = assert_tracer(process.pid, &go);
	assert_int_equal(timens_kill(&process, SIGKILL, &error), 0);
	if (!tracer)
		skip_because("this machine lets nobody trace a program that is not its child");
	/* The test ends here if they wait for the tracer. */
	alarm(30);
	assert_wait_fails(&process, (struct timens_timespec){0, 50000000}, TIMENS_STAGE_WAIT,
			  ETIMEDOUT);
	assert_wait_fails(&process, (struct timens_timespec){0, 0}, TIMENS_STAGE_WAIT, ETIMEDOUT);
	close(go);
	assert_int_equal(timens_wait(&process, &minute, &status, &error), 0);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(waitpid(tracer, &status, 0), tracer);
}

static void wait_of_a_traced_program(void **state)
{
	in_child(traced_program, NULL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(exit_status),	    cmocka_unit_test(killed_by_signal),
		cmocka_unit_test(wait_times_out),   cmocka_unit_test(wait_after_timeout),
		cmocka_unit_test(wait_twice),	    cmocka_unit_test(kill),
		cmocka_unit_test(kill_after_wait),  cmocka_unit_test(kill_bad_signal),
		cmocka_unit_test(reaped_by_others), cmocka_unit_test(wait_of_a_traced_program),
	};

	return cmocka_run_group_tests(tests, need_programs, NULL);
}
