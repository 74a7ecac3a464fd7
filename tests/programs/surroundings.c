/* SPDX-License-Identifier: MIT */
/*
 * Prints what a program gets without asking for it: descriptors, environment, ids, privileges; and
 * what it may do to the machine outside of its user namespace. A line each. `quiet` leaves out
 * descriptors and environment.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#define LOOK_AT 4096

extern char **environ;

/* It asks for each number: reading /proc/self/fd would add a descriptor of its own. */
static void print_descriptors(void)
{
	for (int fd = 0; fd < LOOK_AT; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			printf("fd %d\n", fd);
}

static void print_status(void)
{
	static const char *const members[] = {
		"Uid:",	   "Gid:",    "Groups:", "CapInh:",	"CapPrm:",
		"CapEff:", "CapBnd:", "CapAmb:", "NoNewPrivs:", "Seccomp:"};
	char line[4096];
	FILE *file = fopen("/proc/self/status", "re");

	if (!file)
		return;
	while (fgets(line, sizeof line, file))
		for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
			if (!strncmp(line, members[i], strlen(members[i])))
				fputs(line, stdout);
	fclose(file);
}

static const char *answer(int r)
{
	return r < 0 ? strerrorname_np(errno) : "works";
}

/* Each takes a capability over the initial user namespace, and changes nothing. */
static void print_powers(void)
{
	struct utsname names;
	int priority = getpriority(PRIO_PROCESS, 0);

	uname(&names);
	printf("sethostname %s\n", answer(sethostname(names.nodename, strlen(names.nodename))));
	printf("setpriority %s\n", answer(setpriority(PRIO_PROCESS, 0, priority - 1)));
}

int main(int argc, char **argv)
{
	if (argc < 2 || strcmp(argv[1], "quiet")) {
		print_descriptors();
		for (char **variable = environ; *variable; variable++)
			printf("env %s\n", *variable);
	}
	print_status();
	printf("securebits %#x\n", prctl(PR_GET_SECUREBITS));
	printf("secure %lu\n", getauxval(AT_SECURE));
	print_powers();
	return 0;
}
