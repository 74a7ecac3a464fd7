/* SPDX-License-Identifier: MIT */
/* What `run` and `join` share: this process becomes the program. */
#ifndef TIMENS_BECOME_H
#define TIMENS_BECOME_H

#include "options.h"

struct become {
	const char *cwd;
	struct words env; /* NAME=VALUE, or NAME for the caller's own value */
	bool clear_env;
	bool new_session;
	bool kill_with_parent;
	pid_t parent; /* as it was at the beginning: become_prepare */
};

/* The rows of a table, for a struct become `member` of the settings. */
#define BECOME_OPTIONS(type, member)                                                               \
	OPTION("cwd", "DIR", option_set_text, offsetof(type, member.cwd),                          \
	       "change to directory DIR before the start"),                                        \
		OPTION("env", "NAME[=VALUE]", option_add_word, offsetof(type, member.env),         \
		       "set a variable; without = keep the caller's"),                             \
		OPTION("clear-env", NULL, option_set_flag, offsetof(type, member.clear_env),       \
		       "start with no variables but those of --env"),                              \
		OPTION("new-session", NULL, option_set_flag, offsetof(type, member.new_session),   \
		       "a new session, without a terminal"),                                       \
		OPTION("kill-with-parent", NULL, option_set_flag,                                  \
		       offsetof(type, member.kill_with_parent), "SIGKILL when the caller ends")

/* What can be found wrong before the process is changed. 0, or the exit status. */
int become_prepare(const struct command *self, struct become *become);

/* Only returns, with the exit status, if the program could not be started. */
int become_program(const struct command *self, const struct become *become, char **argv);

#endif
