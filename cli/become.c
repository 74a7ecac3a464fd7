/* SPDX-License-Identifier: MIT */
#include "become.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "execute.h"
#include "message.h"

/* -- The environment -- */

static int check_variable(const struct command *self, const char *word)
{
	if (*word == '=' || !*word)
		return complain(self, "--env: '%s' has no name; use NAME=VALUE or NAME", word);
	if (!strchr(word, '=') && !getenv(word))
		return complain(self, "--env: there is no variable '%s' to keep; use %s=VALUE",
				word, word);
	return 0;
}

/* The kept ones are looked up in the environment as it was, so before it is cleared. Nothing is
 * freed: the process becomes another program, or ends. */
static int set_environment(const struct command *self, const struct become *become)
{
	const struct words *env = &become->env;
	char *text;

	for (size_t i = 0; i < env->count; i++) {
		if (strchr(env->items[i], '='))
			continue;
		if (asprintf(&text, "%s=%s", env->items[i], getenv(env->items[i])) < 0)
			return complain(self, "not enough memory");
		env->items[i] = text;
	}
	if (become->clear_env)
		clearenv();
	for (size_t i = 0; i < env->count; i++)
		putenv((char *)env->items[i]);
	return 0;
}

/* -- The session -- */

/* The kernel sends SIGHUP to the group in front then, which may be our own. */
static int give_up_terminal(const struct command *self)
{
	int tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC), r;
	struct sigaction ignore = {.sa_handler = SIG_IGN}, before;

	if (tty < 0)
		return 0; /* there is none */
	sigaction(SIGHUP, &ignore, &before);
	r = ioctl(tty, TIOCNOTTY);
	sigaction(SIGHUP, &before, NULL);
	if (r < 0)
		complain_stage(self, TIMENS_STAGE_SESSION, errno, "");
	close(tty);
	return r < 0 ? EXIT_TIMENS_FAILED : 0;
}

/* Who leads a session may not begin another, and need not, but for its terminal.
 *
 * A program that a shell with job control starts leads a process group and may not begin a session.
 * setsid(1) forks then, and so loses the process id and the exit status; moving to the parent's
 * group for a moment keeps both. */
static int new_session(const struct command *self)
{
	if (getsid(0) == getpid())
		return give_up_terminal(self);
	if (setsid() >= 0)
		return 0;
	setpgid(0, getpgid(getppid()));
	if (setsid() >= 0)
		return 0;
	return complain(self, "--new-session: the process leads a group with other members; start "
			      "it outside of a pipeline");
}

/* The signal is not sent for a parent that had ended before we asked for it. */
static int tie_to_parent(const struct command *self, pid_t parent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return complain_stage(self, TIMENS_STAGE_PARENT, errno, "");
	return getppid() == parent ? 0 : complain_stage(self, TIMENS_STAGE_PARENT, ESRCH, "");
}

int become_prepare(const struct command *self, struct become *become)
{
	int status = 0;

	become->parent = getppid();
	for (size_t i = 0; i < become->env.count && status == 0; i++)
		status = check_variable(self, become->env.items[i]);
	return status;
}

int become_program(const struct command *self, const struct become *become, char **argv)
{
	int status = set_environment(self, become), errnum;

	if (status == 0 && become->new_session)
		status = new_session(self);
	if (status == 0 && become->kill_with_parent)
		status = tie_to_parent(self, become->parent);
	if (status)
		return status;
	if (become->cwd && chdir(become->cwd) < 0)
		return complain_stage(self, TIMENS_STAGE_CWD, errno, become->cwd);
	/* Whoever started us may have it ignored, as Python does; then `CMD | head` never ends. */
	signal(SIGPIPE, SIG_DFL);
	errnum = execute(argv);
	complain_stage(self, TIMENS_STAGE_EXEC, errnum, argv[0]);
	return errnum == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
}
