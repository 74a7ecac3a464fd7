/* SPDX-License-Identifier: MIT */
/*
 * A program as it was built at a release: it is compiled with that release's header, and run with
 * the library of today. It uses each function, and looks at each member that is handed out.
 */
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "timens.h"

#define CHECK(what)                                                                                \
	((what) ? (void)0 : (fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #what), _exit(1)))

/* Past the struct that this program knows the library must not write. */
#define GUARD 0xa5

#define WITH_GUARD(type)                                                                           \
	struct {                                                                                   \
		struct type it;                                                                    \
		unsigned char past[64];                                                            \
	}

static void check_guard(const unsigned char past[64])
{
	for (int i = 0; i < 64; i++)
		CHECK(past[i] == GUARD);
}

#define FILL(guarded) memset(&(guarded), GUARD, sizeof(guarded))

static const char *const argv_true[] = {"/bin/true", NULL};
static const char *const argv_sleep[] = {"/bin/sleep", "60", NULL};
static const struct timens_offsets asked = {{86400, 1}, {172800, 2}};

/* Each member in front of the last is set to what would do harm in another's place. */
static void start_and_read(void)
{
	WITH_GUARD(timens_process) process;
	WITH_GUARD(timens_offsets) own, its;
	struct timens_spawn_args args = {.argv = argv_sleep,
					 .offsets = &asked,
					 .offsets_size = sizeof asked,
					 .flags = TIMENS_SPAWN_CLOSE_FDS | TIMENS_SPAWN_SET_UMASK,
					 .umask = 027,
					 .nice = 1};
	struct timens_error error;
	int status;

	FILL(process);
	FILL(own);
	FILL(its);
	CHECK(timens_read(0, &own.it, sizeof own.it, &error) == 0);
	CHECK(timens_spawn(&args, sizeof args, &process.it, &error) == 0);
	CHECK(timens_read(process.it.pid, &its.it, sizeof its.it, &error) == 0);
	CHECK(its.it.clock_boottime.tv_sec == own.it.clock_boottime.tv_sec + 86400);
	CHECK(its.it.clock_monotonic.tv_sec == own.it.clock_monotonic.tv_sec + 172800);
	CHECK(process.it.route >= TIMENS_ROUTE_CLONE3 && process.it.route <= TIMENS_ROUTE_FORK);
	CHECK(process.it.reserved[0] == 0 && process.it.reserved[1] == 0);
	CHECK(timens_kill(&process.it, SIGTERM, &error) == 0);
	CHECK(timens_wait(&process.it, NULL, &status, &error) == 0);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM && process.it.pidfd == -1);
	check_guard(process.past);
	check_guard(own.past);
	check_guard(its.past);
}

static void fail_and_tell(void)
{
	const char *const argv[] = {"/no/such/program", NULL};
	struct timens_spawn_args args = {.argv = argv};
	struct timens_process process;
	WITH_GUARD(timens_error) error;
	char text[TIMENS_ERROR_TEXT_MAX];

	FILL(error);
	CHECK(timens_spawn(&args, sizeof args, &process, &error.it) < 0);
	CHECK(error.it.errnum == 2 && error.it.stage == TIMENS_STAGE_EXEC);
	CHECK(!strcmp(error.it.subject, argv[0]));
	CHECK(!strcmp(timens_stage_name(error.it.stage), "exec"));
	CHECK(!strcmp(timens_route_name(TIMENS_ROUTE_FORK), "fork"));
	CHECK(timens_error_text(&error.it, text, sizeof text) > 0 && strstr(text, argv[0]));
	CHECK(timens_error_hint(&error.it, text, sizeof text) >= 0);
	check_guard(error.past);
}

static void look_at_the_machine(void)
{
	WITH_GUARD(timens_support) support;
	struct timens_error error;
	const struct timens_point *points;
	size_t count;

	FILL(support);
	CHECK(timens_support(&support.it, sizeof support.it, &error) == 0);
	CHECK(support.it.available == 1 && support.it.error_errno == 0);
	check_guard(support.past);
	points = timens_points(&count);
	CHECK(count > 0);
	for (size_t i = 0; i < count; i++)
		CHECK(points[i].name[0] && points[i].reading.tv_sec >= 0 && points[i].counter[0] &&
		      points[i].effect && points[i].reported);
}

static void times_as_text(void)
{
	struct timens_timespec span, offset;
	struct timens_error error;
	char text[TIMENS_SPAN_TEXT_MAX];
	unsigned is_reading;

	CHECK(timens_parse("@49d17h", &span, &is_reading, &error) == 0 && is_reading == 1);
	CHECK(span.tv_sec == 4294800 && span.tv_nsec == 0);
	CHECK(timens_format(&span, text, sizeof text) == 6 && !strcmp(text, "49d17h"));
	CHECK(timens_offset_to(CLOCK_BOOTTIME, &span, &offset, &error) == 0);
	CHECK(timens_parse("3x", &span, NULL, &error) < 0 && error.column == 2);
}

static void in_a_clone(int join)
{
	struct clone_args args = {.exit_signal = SIGCHLD};
	struct timens_error error;
	int status;
	pid_t pid = timens_clone3(&args, CLONE_ARGS_SIZE_VER0, &asked, sizeof asked, &error);

	CHECK(pid >= 0);
	if (pid == 0) {
		CHECK(timens_enter(&asked, sizeof asked, TIMENS_USERNS_AUTO, &error) == 0);
		CHECK(timens_join(join, &error) < 0 && error.stage == TIMENS_STAGE_JOIN);
		_exit(0);
	}
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
}

int main(void)
{
	struct timens_spawn_args args = {.argv = argv_true};
	struct timens_process process;

	CHECK(timens_spawn(&args, TIMENS_SPAWN_ARGS_SIZE_VER0, &process, NULL) == 0);
	CHECK(timens_wait(&process, NULL, NULL, NULL) == 0);
	start_and_read();
	fail_and_tell();
	look_at_the_machine();
	times_as_text();
	in_a_clone(STDIN_FILENO);
	return 0;
}
