/* SPDX-License-Identifier: MIT */
#include "sweep_child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "file.h"
#include "message.h"
#include "text.h"
#include "times.h"

/* Between SIGTERM and SIGKILL. */
#define GRACE_NSEC (2 * NSEC_PER_SEC)
/* For what others of the group still have to say once the program itself has ended. */
#define DRAIN_NSEC (NSEC_PER_SEC / 2)

/* For a killed process to be gone, and how often we look. */
#define GONE_NSEC      NSEC_PER_SEC
#define GONE_STEP_NSEC (NSEC_PER_SEC / 500)

extern char **environ;

/* -- The environment -- */

static const char *const variables[] = {"TIMENS_POINT", "TIMENS_LEAD", "TIMENS_READING"};
#define VARIABLE_COUNT (sizeof variables / sizeof variables[0])

struct environment {
	const char **all;
	char own[VARIABLE_COUNT][128];
};

static bool is_ours(const char *word)
{
	for (size_t i = 0; i < VARIABLE_COUNT; i++)
		if (!strncmp(word, variables[i], strlen(variables[i])) &&
		    word[strlen(variables[i])] == '=')
			return true;
	return false;
}

static void set_own(struct environment *env, const struct sweep_case *c)
{
	struct timens_timespec now = time_reading(CLOCK_BOOTTIME);
	char lead[48], reading[48];

	time_decimal(&c->lead, lead, sizeof lead);
	time_decimal(case_is_control(c) ? &now : &c->start, reading, sizeof reading);
	snprintf(env->own[0], sizeof env->own[0], "%s=%s", variables[0], c->name);
	snprintf(env->own[1], sizeof env->own[1], "%s=%s", variables[1], lead);
	snprintf(env->own[2], sizeof env->own[2], "%s=%s", variables[2], reading);
}

static int make_environment(struct environment *env, const struct sweep_case *c)
{
	size_t count = 0, n = 0;

	while (environ[count])
		count++;
	env->all = calloc(count + VARIABLE_COUNT + 1, sizeof *env->all);
	if (!env->all)
		return -1;
	set_own(env, c);
	for (size_t i = 0; i < count; i++)
		if (!is_ours(environ[i]))
			env->all[n++] = environ[i];
	for (size_t i = 0; i < VARIABLE_COUNT; i++)
		env->all[n++] = env->own[i];
	return 0;
}

/* -- The start -- */

/* As late as can be: the clocks go on. The control's are zero, so that it differs from a point in
 * nothing but what the clocks read. */
static int set_offsets(const struct sweep_case *c, struct timens_offsets *offsets,
		       struct timens_error *error)
{
	int r;

	memset(offsets, 0, sizeof *offsets);
	if (case_is_control(c))
		return 0;
	r = timens_offset_to(CLOCK_BOOTTIME, &c->start, &offsets->clock_boottime, error);
	if (r == 0)
		r = timens_offset_to(CLOCK_MONOTONIC, &c->start, &offsets->clock_monotonic, error);
	return r;
}

/* A session of its own: nothing asks the terminal for a password while twelve of it run. As `run`
 * does it, what is no program is taken for a script of the shell's. */
static int spawn(const struct sweep_settings *settings, char **argv, int out, struct child *child,
		 struct timens_error *error)
{
	const struct timens_fd fds[] = {{0, TIMENS_FD_NULL}, {1, out}, {2, out}};
	struct environment env;
	struct timens_offsets offsets;
	struct timens_spawn_args args = {
		.argv = (const char *const *)argv,
		.offsets = &offsets,
		.offsets_size = sizeof offsets,
		.fds = fds,
		.fds_count = sizeof fds / sizeof fds[0],
		.flags = TIMENS_SPAWN_SETSID | TIMENS_SPAWN_KILL_WITH_PARENT | TIMENS_SPAWN_SHELL,
		.userns = settings->userns,
	};
	int r;

	if (make_environment(&env, child->c) < 0) {
		*error = (struct timens_error){.errnum = ENOMEM, .stage = TIMENS_STAGE_PREPARE};
		return -ENOMEM;
	}
	args.env = env.all;
	r = set_offsets(child->c, &offsets, error);
	if (r == 0)
		r = timens_spawn(&args, sizeof args, &child->process, error);
	free(env.all);
	return r;
}

static int complain_start(const struct command *self, const struct timens_error *error)
{
	complain_error(self, error);
	if (error->stage != TIMENS_STAGE_EXEC)
		return EXIT_TIMENS_FAILED;
	return error->errnum == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
}

/* The file that takes all of the output. */
static int open_keep(const struct command *self, const struct sweep_settings *settings,
		     struct child *child)
{
	char lead[TIMENS_SPAN_TEXT_MAX];

	child->keep = -1;
	if (!settings->keep_output)
		return 0;
	timens_format(&child->c->lead, lead, sizeof lead);
	if (asprintf(&child->run->kept_at, "%s/%s-%s-%u.log", settings->keep_output, child->c->name,
		     lead, child->run->repeat) < 0)
		return complain(self, "not enough memory");
	child->keep = open(child->run->kept_at, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (child->keep < 0)
		return complain(self, "--keep-output: %s: %s", child->run->kept_at,
				strerror(errno));
	return 0;
}

static int open_output(const struct command *self, const struct sweep_settings *settings,
		       struct child *child, int *out)
{
	int ends[2], status = open_keep(self, settings, child);

	if (status)
		return status;
	child->tail = malloc(2 * TAIL_SIZE);
	if (!child->tail)
		return complain(self, "not enough memory");
	if (pipe2(ends, O_CLOEXEC) < 0)
		return complain(self, "pipe for the output: %s", strerror(errno));
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	child->pipe = ends[0];
	*out = ends[1];
	return 0;
}

static int close_if_open(int *fd)
{
	int r = *fd >= 0 ? close(*fd) : 0;

	*fd = -1;
	return r < 0 ? -errno : 0;
}

static void set_keep_error(struct child *child, int r)
{
	if (r < 0 && !child->keep_errnum)
		child->keep_errnum = -r;
}

/* A file system that writes later, as one on a net, may tell so only at the close. */
void child_release(struct child *child)
{
	close_if_open(&child->pipe);
	set_keep_error(child, close_if_open(&child->keep));
	free(child->tail);
	child->tail = NULL;
}

int child_check_kept(const struct command *self, const struct child *child)
{
	struct run *run = child->run;

	if (!child->keep_errnum)
		return 0;
	complain(self, "--keep-output: %s: %s; it is not all of the output", run->kept_at,
		 strerror(child->keep_errnum));
	free(run->kept_at);
	run->kept_at = NULL;
	return EXIT_TIMENS_FAILED;
}

int child_start(const struct command *self, const struct sweep_settings *settings, char **argv,
		const struct sweep_case *c, struct run *run, struct child *child)
{
	struct timens_error error;
	int out = -1, status;

	*child = (struct child){.c = c, .run = run, .pipe = -1, .keep = -1};
	status = open_output(self, settings, child, &out);
	child->started = time_now_ns();
	if (status == 0 && spawn(settings, argv, out, child, &error) < 0)
		status = complain_start(self, &error);
	close_if_open(&out);
	if (status)
		child_release(child);
	else if (settings->timeout.given)
		child->deadline = child->started + time_to_ns(&settings->timeout.value);
	return status;
}

/* -- Output -- */

static void take(struct child *child, const char *text, size_t length)
{
	/* After a hole nothing more is written: what is there is the output up to the error. */
	if (child->keep >= 0 && !child->keep_errnum)
		set_keep_error(child, file_write_all(child->keep, text, length));
	if (child->tail_length + length > 2 * TAIL_SIZE) {
		memmove(child->tail, child->tail + child->tail_length - TAIL_SIZE, TAIL_SIZE);
		child->tail_length = TAIL_SIZE;
	}
	memcpy(child->tail + child->tail_length, text, length);
	child->tail_length += length;
}

/* Not more than a few at once: one that writes without end must not keep us from its deadline. */
void child_read(struct child *child)
{
	char buf[TAIL_SIZE];
	ssize_t n = -1;

	for (int i = 0; i < 4 && child->pipe >= 0; i++) {
		n = read(child->pipe, buf, sizeof buf);
		if (n <= 0)
			break;
		take(child, buf, (size_t)n);
	}
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		close_if_open(&child->pipe);
}

static char *last_output(const struct child *child)
{
	size_t skip = child->tail_length > TAIL_SIZE ? child->tail_length - TAIL_SIZE : 0;

	return text_to_plain(child->tail + skip, child->tail_length - skip);
}

/* -- The end -- */

/* Until it is reaped, nobody else can have its number, not even as a group's. After that the group
 * has had its SIGKILL, and the number may be another's. */
static void kill_group(const struct child *child, int sig)
{
	if (!child->gone_by)
		kill(-child->process.pid, sig);
}

void child_terminate(struct child *child)
{
	kill_group(child, SIGTERM);
	/* One that is stopped does not hear the other. */
	kill_group(child, SIGCONT);
	child->deadline = 0;
	if (!child->kill_at)
		child->kill_at = time_now_ns() + GRACE_NSEC;
}

void child_kill(struct child *child)
{
	kill_group(child, SIGKILL);
	child->kill_at = INT64_MAX;
}

void child_drain(struct child *child)
{
	child_read(child);
	child->deadline = 0;
	child->drained_at = time_now_ns() + DRAIN_NSEC;
}

int64_t child_due(const struct child *child)
{
	int64_t due = child->deadline ? child->deadline : INT64_MAX;

	if (child->gone_by)
		return time_now_ns() + GONE_STEP_NSEC;
	if (child->kill_at && child->kill_at < due)
		due = child->kill_at;
	return child->drained_at && child->drained_at < due ? child->drained_at : due;
}

void child_act(struct child *child, int64_t now)
{
	if (child->kill_at && now >= child->kill_at)
		child_kill(child);
	if (child->deadline && now >= child->deadline) {
		child->timed_out = true;
		child_terminate(child);
	}
}

bool child_is_done(const struct child *child, int64_t now)
{
	return !child->gone_by && child->drained_at &&
	       (child->pipe < 0 || now >= child->drained_at);
}

static void describe_status(struct run *run, int status)
{
	const char *name = WIFSIGNALED(status) ? sigabbrev_np(WTERMSIG(status)) : NULL;

	if (name)
		snprintf(run->how, sizeof run->how, "killed by SIG%s", name);
	else if (WIFSIGNALED(status))
		snprintf(run->how, sizeof run->how, "killed by signal %d", WTERMSIG(status));
	else if (WEXITSTATUS(status))
		snprintf(run->how, sizeof run->how, "exit status %d", WEXITSTATUS(status));
}

/* What we did to it goes before what became of it. What could not be waited for, r < 0, has no
 * status, and must not have passed. */
static void set_outcome(const struct child *child, int r, int status)
{
	struct run *run = child->run;

	if (child->interrupted) {
		run->outcome = OUTCOME_NOT_RUN;
		strcpy(run->how, "interrupted");
	} else if (child->timed_out) {
		run->outcome = OUTCOME_TIMED_OUT;
		strcpy(run->how, "timed out");
	} else if (r < 0) {
		run->outcome = OUTCOME_FAILED;
		strcpy(run->how, "could not be waited for");
	} else {
		run->outcome = status == 0 ? OUTCOME_PASSED : OUTCOME_FAILED;
		describe_status(run, status);
	}
}

void child_reap(struct child *child)
{
	int status = 0, r;

	kill_group(child, SIGKILL);
	child_read(child);
	do
		r = timens_wait(&child->process, NULL, &status, NULL);
	while (r == -EINTR);
	child->run->seconds = time_since(child->started);
	child->run->output = last_output(child);
	set_outcome(child, r, status);
	child->gone_by = time_now_ns() + GONE_NSEC;
}

/* Those whose parents have ended are our children, and zombies until we reap them. */
bool child_is_gone(const struct child *child, int64_t now)
{
	pid_t group = child->process.pid;

	if (!child->gone_by)
		return false;
	while (waitpid(-group, NULL, WNOHANG) > 0)
		;
	return kill(-group, 0) < 0 || now >= child->gone_by;
}
