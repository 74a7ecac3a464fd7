/* SPDX-License-Identifier: MIT */
/* The sets of options that a start is tried with. */
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "job.h"

#define DAY	     86400
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define BIT(sig)     (UINT64_C(1) << ((sig)-1))

const struct timens_offsets job_offsets = {{10 * DAY, 1}, {20 * DAY, 2}};
int32_t job_pipes[PIPES_MAX] = {POISON, POISON, POISON, POISON, POISON, POISON, POISON, POISON};

static void plain(struct job *job)
{
	(void)job;
}

static void no_time(struct job *job)
{
	job->args.offsets = NULL;
	job->args.offsets_size = 0;
}

/* A descriptor of that number, which both caller and program have. */
static void put_file(int number, const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd < 0 || dup2(fd, number) != number)
		give_up("%s", path);
	if (fd != number)
		close(fd);
}

/* Every option that takes no privilege. */
static void full(struct job *job)
{
	static const struct timens_fd fds[] = {
		{0, TIMENS_FD_NULL},	{1, 1}, {5, 6}, {6, 5}, {7, TIMENS_FD_PIPE_IN},
		{8, TIMENS_FD_PIPE_OUT}};
	static const struct timens_rlimit limits[] = {{RLIMIT_CORE, 0, 0, 0},
						      {RLIMIT_NOFILE, 0, 64, 64}};
	static const char *env[] = {NULL, "LANG=C", NULL};
	static char path[512];

	put_file(5, "/dev/zero");
	put_file(6, "/dev/full");
	/* The second directory has it. */
	snprintf(path, sizeof path, "PATH=/nonexistent:%s", getenv("FAULTS_PROGRAMS"));
	env[0] = path;
	job->args.file = "observer";
	job->args.env = env;
	job->args.cwd = "/usr";
	job->args.fds = fds;
	job->args.fds_count = COUNT(fds);
	job->args.pipes = job_pipes;
	job->args.rlimits = limits;
	job->args.rlimits_count = COUNT(limits);
	job->args.nice = 1;
	job->args.umask = 027;
	job->args.sigignore = BIT(SIGUSR2);
	job->args.sigdefault = BIT(SIGWINCH);
	job->args.sigmask = BIT(SIGHUP);
	job->args.flags = TIMENS_SPAWN_CLOSE_FDS | TIMENS_SPAWN_SETSID | TIMENS_SPAWN_SET_UMASK |
			  TIMENS_SPAWN_SET_SIGMASK | TIMENS_SPAWN_NO_NEW_PRIVS |
			  TIMENS_SPAWN_KILL_WITH_PARENT | TIMENS_SPAWN_SHELL;
}

static void groups(struct job *job)
{
	static const uint32_t ids[] = {1, 2, 3};

	job->args.groups = ids;
	job->args.groups_count = COUNT(ids);
	job->args.pgroup = 0;
	job->args.flags = TIMENS_SPAWN_SET_GROUPS | TIMENS_SPAWN_SET_PGROUP |
			  TIMENS_SPAWN_KEEP_SIGMASK | TIMENS_SPAWN_KEEP_SIGPIPE;
}

static void ids(struct job *job)
{
	groups(job);
	job->args.uid = job->args.gid = 65534;
	job->args.flags |= TIMENS_SPAWN_SET_UID | TIMENS_SPAWN_SET_GID;
}

/* More than the caller's own id: written from outside, while a child holds the namespace. */
static void maps(struct job *job)
{
	static const struct timens_id_map map[] = {{0, 0, 1000}};

	job->args.uid_maps = job->args.gid_maps = map;
	job->args.uid_maps_count = job->args.gid_maps_count = COUNT(map);
}

static void terminal(struct job *job)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0)
		give_up("a pseudo-terminal");
	job->args.tty = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	job->args.flags = TIMENS_SPAWN_SETSID | TIMENS_SPAWN_SET_TTY | TIMENS_SPAWN_FOREGROUND;
}

/* A group of the folder that the campaign has mounted. */
static void cgroup(struct job *job)
{
	const char *path = getenv("FAULTS_CGROUP");

	job->args.cgroup = path ? open(path, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
	if (job->args.cgroup < 0)
		give_up("a cgroup of version 2");
	job->args.flags = TIMENS_SPAWN_SET_CGROUP;
}

/* Fails in any case, at the last step; with pipes, which must be gone again. */
static void missing(struct job *job)
{
	static const struct timens_fd fds[] = {{7, TIMENS_FD_PIPE_IN}, {8, TIMENS_FD_PIPE_OUT}};

	job->args.file = "/nonexistent/program";
	job->args.fds = fds;
	job->args.fds_count = COUNT(fds);
	job->args.pipes = job_pipes;
}

/* More than a start has room for on its stack: memory is allocated. */
static void big(struct job *job)
{
	static char path[65536 + 512];
	static const char *env[] = {path, NULL};

	/* By mmap, not out of what malloc has left over. */
	mallopt(M_MMAP_THRESHOLD, 16384);
	/* A directory whose name is too long for any. */
	memcpy(path, "PATH=/", 6);
	memset(path + 6, 'x', 65536);
	snprintf(path + 65536, 512, ":%s", getenv("FAULTS_PROGRAMS"));
	job->args.file = "observer";
	job->args.env = env;
}

/* The close of descriptors where there is no close_range. */
static void close_fds(struct job *job)
{
	put_file(5, "/dev/zero");
	put_file(9, "/dev/full");
	fcntl(9, F_SETFD, 0);
	job->args.flags = TIMENS_SPAWN_CLOSE_FDS;
}

void choose_options(struct job *job, const char *name)
{
	static const struct {
		const char *name;
		void (*fill_in)(struct job *job);
	} sets[] = {
		{"plain", plain},     {"notime", no_time},  {"full", full},    {"groups", groups},
		{"ids", ids},	      {"maps", maps},	    {"tty", terminal}, {"cgroup", cgroup},
		{"missing", missing}, {"close", close_fds}, {"big", big},
	};

	job->with = name;
	for (size_t i = 0; i < COUNT(sets); i++)
		if (!strcmp(name, sets[i].name))
			sets[i].fill_in(job);
}
