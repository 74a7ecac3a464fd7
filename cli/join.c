/* SPDX-License-Identifier: MIT */
/* timens join: this process moves into the time namespace of another one and becomes the program.
 */
#include <errno.h>
#include <sched.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "become.h"
#include "message.h"
#include "pid.h"

struct settings {
	struct become become;
};

static const struct option_row options[] = {
	BECOME_OPTIONS(struct settings, become),
	OPTIONS_END,
};

/* A time namespace that was made without privilege belongs to a user namespace, and whoever has no
 * right over that from outside gets it by going in. */
static int join(int pidfd, struct timens_error *error)
{
	int r = timens_join(pidfd, error);

	if (r == -EPERM && setns(pidfd, CLONE_NEWUSER) == 0)
		r = timens_join(pidfd, error);
	return r;
}

static int join_process(const struct command *self, pid_t pid)
{
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0), r;
	char text[TIMENS_ERROR_TEXT_MAX];
	struct timens_error error = {0};

	if (pidfd < 0)
		return complain(self, "process %d: %s", pid, strerror(errno));
	r = join(pidfd, &error);
	close(pidfd);
	timens_error_text(&error, text, sizeof text);
	return r < 0 ? complain(self, "process %d: %s", pid, text) : 0;
}

/* Only returns if the program could not be started. */
static int start(const struct command *self, struct become *become, char **words)
{
	int status;
	pid_t pid;

	if (!*words)
		return complain(self, "no process id given: %s %s", self->name, self->usage);
	pid = pid_parse(*words);
	if (pid == 0)
		return complain_pid(self, *words);
	words++;
	if (*words && !strcmp(*words, "--"))
		words++;
	else if (*words && **words == '-')
		return complain(self,
				"'%s' stands after the process id; options go before it, and "
				"a program of that name after --",
				*words);
	if (!*words)
		return complain(self, "no program given: %s %s", self->name, self->usage);
	status = become_prepare(self, become);
	if (status == 0)
		status = join_process(self, pid);
	return status ? status : become_program(self, become, words);
}

static int main_join(const struct command *self, int argc, char **argv, FILE *out)
{
	struct settings settings = {0};
	char **words;
	int status;

	if (options_parse(self, argc, argv, &settings, out, &words, &status))
		status = start(self, &settings.become, words);
	free(settings.become.env.items);
	return status;
}

const struct command command_join = {
	.name = "timens join",
	.usage = "[OPTION...] PID [--] CMD [ARG...]",
	.summary = "Becomes program CMD, with the uptime clocks of process PID",
	.main = main_join,
	.options = options,
	.stops_at_word = true,
	.program = 2,
	.notes =
		"It takes CAP_SYS_ADMIN, or that process PID is yours and in a user namespace of\n"
		"its own, as one that 'timens run' started without privilege. Then CMD is put\n"
		"into that one too.\n\n"
		"Exit status: that of CMD; 125 timens itself failed, 126 CMD was found but is not\n"
		"executable, 127 CMD was not found.",
};
