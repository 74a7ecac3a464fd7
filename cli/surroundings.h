/* SPDX-License-Identifier: MIT */
/* What else decides here about namespaces. */
#ifndef TIMENS_CLI_SURROUNDINGS_H
#define TIMENS_CLI_SURROUNDINGS_H

#include <stdbool.h>

/* A setting that shuts user namespaces off from users without privilege. */
struct userns_lock {
	const char *file;
	char locked; /* the file's first character then */
	const char *why, *command;
};

struct surroundings {
	const char *container; /* "docker", …; "none" */
	bool seccomp;
	char apparmor[128];		       /* our profile; "": none */
	const struct userns_lock *userns_lock; /* NULL: none */
};

void surroundings_look(struct surroundings *surroundings);

#endif
