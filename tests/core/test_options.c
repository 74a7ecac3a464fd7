/* SPDX-License-Identifier: MIT */
/* The options of a start beyond file, env, cwd and descriptors, each on each route. */
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>

#include "helpers.h"

#define SHELL(script) ARGV("/bin/sh", "-c", script)

static void assert_output(struct timens_spawn_args *args, const char *expected)
{
	struct capture c;

	assert_string_equal(assert_runs(args, &c), expected);
}

/* -- Pipes -- */

static void check_pipes(struct timens_spawn_args *args)
{
	static const struct timens_fd fds[] = {
		{1, TIMENS_FD_PIPE_OUT}, {2, TIMENS_FD_NULL}, {0, TIMENS_FD_PIPE_IN}};
	int32_t pipes[3] = {-7, -7, -7};
	struct timens_process process;
	char text[16] = "";
	int status, before = count_fds();

	args->argv = ARGV("cat");
	args->fds = fds;
	args->fds_count = 3;
	args->pipes = pipes;
	args->flags = TIMENS_SPAWN_CLOSE_FDS;
	assert_int_equal(timens_spawn(args, sizeof *args, &process, NULL), 0);
	assert_int_equal(pipes[1], -1);
	assert_int_equal(fcntl(pipes[0], F_GETFD), FD_CLOEXEC);
	assert_int_equal(fcntl(pipes[2], F_GETFD), FD_CLOEXEC);
	assert_int_equal(count_fds(), before + 3);
	assert_int_equal(write(pipes[2], "through", 7), 7);
	close(pipes[2]);
	assert_int_equal(read(pipes[0], text, sizeof text), 7);
	assert_string_equal(text, "through");
	/* Its end comes when the program is gone: nobody else holds the other side. */
	assert_int_equal(read(pipes[0], text, sizeof text), 0);
	close(pipes[0]);
	assert_int_equal(timens_wait(&process, NULL, &status, NULL), 0);
	assert_int_equal(status, 0);
	assert_int_equal(count_fds(), before);
}

static void pipes_of_the_library(void **state)
{
	on_each_route(check_pipes);
}

static void check_failed_pipes(struct timens_spawn_args *args)
{
	static const struct timens_fd fds[] = {{0, TIMENS_FD_PIPE_IN}, {1, TIMENS_FD_PIPE_OUT}};
	int32_t pipes[2] = {-7, -7};
	int before = count_fds();

	args->argv = ARGV("/no/such/program");
	args->fds = fds;
	args->fds_count = 2;
	args->pipes = pipes;
	assert_fails(args, TIMENS_STAGE_EXEC, ENOENT);
	assert_int_equal(pipes[0], -7);
	assert_int_equal(pipes[1], -7);
	assert_int_equal(count_fds(), before);
}

static void pipes_of_a_failed_start(void **state)
{
	on_each_route(check_failed_pipes);
}

/* Every number that a descriptor of the library could have is a target: those of the report's pipe
 * among them. */
static void check_all_targets(struct timens_spawn_args *args)
{
	struct timens_fd fds[64];

	for (int i = 0; i < (int)COUNT(fds); i++)
		fds[i] = (struct timens_fd){i + 3, TIMENS_FD_NULL};
	args->argv = ARGV("/no/such/program");
	args->fds = fds;
	args->fds_count = COUNT(fds);
	assert_fails(args, TIMENS_STAGE_EXEC, ENOENT);
	args->fds_count = 15; /* what capture takes */
	args->argv = SHELL("test -c /proc/self/fd/3 && test -c /proc/self/fd/17 && echo all");
	assert_output(args, "all\n");
}

/* It was told to be about the descriptors to be closed. */
static void no_place_for_the_channel(void *arg)
{
	struct timens_fd fds[64];
	int first = open("/dev/null", O_RDONLY | O_CLOEXEC);
	/* The two ends of the pipe, and the pidfd. */
	struct rlimit limit = {(unsigned)first + 3, (unsigned)first + 3};
	struct timens_spawn_args args = {.argv = ARGV("true"),
					 .fds = fds,
					 .fds_count = (unsigned)first,
					 .flags = TIMENS_SPAWN_CLOSE_FDS,
					 .route = TIMENS_ROUTE_FORK};

	assert_in_range(first, 3, COUNT(fds));
	close(first);
	for (int i = 0; i < first; i++)
		fds[i] = (struct timens_fd){i + 3, TIMENS_FD_NULL};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_contains(assert_fails(&args, TIMENS_STAGE_FDS, EMFILE), "descriptor of the report");
}

static void report_channel_as_target(void **state)
{
	on_each_route(check_all_targets);
	in_child(no_place_for_the_channel, NULL);
}

/* -- Groups, sessions, terminals -- */

static void check_pgroup(struct timens_spawn_args *args)
{
	struct timens_process leader, member, other;
	char text[32];
	int status;

	args->argv = ARGV("sleep", "60");
	args->flags = TIMENS_SPAWN_SETSID;
	assert_int_equal(timens_spawn(args, sizeof *args, &other, NULL), 0);
	args->flags = TIMENS_SPAWN_SET_PGROUP;
	assert_int_equal(timens_spawn(args, sizeof *args, &leader, NULL), 0);
	args->pgroup = leader.pid;
	assert_int_equal(timens_spawn(args, sizeof *args, &member, NULL), 0);
	assert_int_equal(getpgid(leader.pid), leader.pid);
	assert_int_equal(getpgid(member.pid), leader.pid);
	assert_int_equal(kill(-leader.pid, SIGKILL), 0);
	assert_int_equal(timens_wait(&leader, NULL, &status, NULL), 0);
	assert_int_equal(timens_wait(&member, NULL, &status, NULL), 0);
	/* Nobody joins a group of another session. */
	args->pgroup = other.pid;
	snprintf(text, sizeof text, "process group %d", (int)other.pid);
	assert_contains(assert_fails(args, TIMENS_STAGE_PGROUP, EPERM), text);
	assert_ended(&other);
}

static void process_group(void **state)
{
	on_each_route(check_pgroup);
}

/* The two sides of a new pseudo-terminal. */
static int open_terminal(int *slave)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	assert_true(master >= 0);
	assert_int_equal(grantpt(master), 0);
	assert_int_equal(unlockpt(master), 0);
	*slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(*slave >= 0);
	return master;
}

static void check_terminal(struct timens_spawn_args *args)
{
	struct timens_process process;
	char text[32] = "";
	int slave, master = open_terminal(&slave), status;

	args->argv = SHELL("echo seen >/dev/tty");
	args->flags = TIMENS_SPAWN_SETSID | TIMENS_SPAWN_SET_TTY;
	args->tty = slave;
	assert_int_equal(timens_spawn(args, sizeof *args, &process, NULL), 0);
	assert_int_equal(timens_wait(&process, NULL, &status, NULL), 0);
	assert_int_equal(status, 0);
	assert_in_range(read(master, text, sizeof text - 1), 4, sizeof text - 1);
	assert_contains(text, "seen");
	close(slave);
	close(master);
	args->tty = open("/dev/null", O_RDWR | O_CLOEXEC);
	assert_contains(assert_fails(args, TIMENS_STAGE_TTY, ENOTTY), "terminal");
	close(args->tty);
	/* The next number that the library opens, which then was "no terminal". */
	assert_contains(assert_fails(args, TIMENS_STAGE_TTY, EBADF), "as the terminal");
	args->flags = TIMENS_SPAWN_FOREGROUND;
	assert_fails(args, TIMENS_STAGE_TTY, EBADF);
}

static void controlling_terminal(void **state)
{
	on_each_route(check_terminal);
}

static void check_foreground(struct timens_spawn_args *args)
{
	struct timens_process process;

	args->argv = ARGV("sleep", "60");
	args->flags = TIMENS_SPAWN_FOREGROUND;
	assert_int_equal(timens_spawn(args, sizeof *args, &process, NULL), 0);
	assert_int_equal(getpgid(process.pid), process.pid);
	assert_int_equal(tcgetpgrp(args->tty), process.pid);
	assert_ended(&process);
	/* A start that fails gives the terminal back; a member without its flag means nothing. */
	assert_int_equal(tcsetpgrp(args->tty, getpgrp()), 0);
	args->argv = ARGV("/no/such/program");
	args->pgroup = 1;
	assert_fails(args, TIMENS_STAGE_EXEC, ENOENT);
	assert_int_equal(tcgetpgrp(args->tty), getpgrp());
}

static int own_terminal;

static void check_foreground_there(struct timens_spawn_args *args)
{
	args->tty = own_terminal;
	check_foreground(args);
}

static void on_a_terminal(void *arg)
{
	int master;

	assert_true(setsid() > 0);
	master = open_terminal(&own_terminal);
	assert_int_equal(ioctl(own_terminal, TIOCSCTTY, 0), 0);
	/* From the background, where we are after the first, tcsetpgrp would stop us. */
	signal(SIGTTOU, SIG_IGN);
	on_each_route(check_foreground_there);
	/* Hanging up would end us. */
	signal(SIGHUP, SIG_IGN);
	close(master);
}

static void foreground(void **state)
{
	in_child(on_a_terminal, NULL);
}

/* -- Credentials -- */

static int is_dumpable(void)
{
	return prctl(PR_GET_DUMPABLE);
}

static void change_ids(void *arg)
{
	static const uint32_t groups[] = {7, 4711};
	static const struct timens_offsets asked = {{86400, 1}, {172800, 2}};
	struct timens_spawn_args args = {.argv = SHELL("id -u; id -g; id -G"),
					 WITH(&asked),
					 .flags = TIMENS_SPAWN_SET_UID | TIMENS_SPAWN_SET_GID |
						  TIMENS_SPAWN_SET_GROUPS,
					 .uid = 1234,
					 .gid = 2345,
					 .groups = groups,
					 .groups_count = 2};
	struct routes routes = routes_here();
	struct capture c;

	assert_int_equal(is_dumpable(), 1);
	assert_string_equal(assert_runs(&args, &c), "1234\n2345\n2345 7 4711\n");
	assert_string_equal(timens_route_name(c.process.route), "fork");
	for (unsigned i = 0; i < routes.count; i++) {
		args.route = routes.route[i];
		if (args.route == TIMENS_ROUTE_FORK)
			assert_output(&args, "1234\n2345\n2345 7 4711\n");
		else
			assert_contains(assert_fails(&args, TIMENS_STAGE_ROUTE, EINVAL),
					"use route auto or fork");
	}
	/* As root: the file is judged as the new user. */
	args.route = TIMENS_ROUTE_AUTO;
	args.argv = ARGV("/proc/1/exe");
	assert_fails(&args, TIMENS_STAGE_EXEC, EACCES);
	assert_int_equal(is_dumpable(), 1);
}

static void uid_gid_and_groups(void **state)
{
	need_root();
	in_child(change_ids, NULL);
}

static void check_groups(struct timens_spawn_args *args)
{
	static const uint32_t groups[] = {7, 4711};

	args->argv = ARGV("id", "-G");
	args->flags = TIMENS_SPAWN_SET_GROUPS;
	assert_output(args, "0\n");
	args->groups = groups;
	args->groups_count = 2;
	assert_output(args, "0 7 4711\n");
	assert_int_equal(is_dumpable(), 1);
}

static void groups_alone(void **state)
{
	need_root();
	on_each_route(check_groups);
}

static void as_nobody(void *arg)
{
	static const struct timens_offsets asked = {{86400, 1}, {172800, 2}};
	struct timens_spawn_args args = {
		.argv = ARGV("true"), .flags = TIMENS_SPAWN_SET_UID, .uid = 1};

	assert_become_nobody();
	assert_contains(assert_fails(&args, TIMENS_STAGE_CREDENTIALS, EPERM), "CAP_SETUID");
	/* The user namespace that makes this one possible has no such id. */
	args.offsets = &asked;
	args.offsets_size = sizeof asked;
	assert_contains(assert_fails(&args, TIMENS_STAGE_CREDENTIALS, EPERM), "CAP_SETUID");
}

static void credentials_refused(void **state)
{
	in_child(as_nobody, NULL);
}

static void check_no_new_privs(struct timens_spawn_args *args)
{
	struct capture c;

	args->argv = ARGV("cat", "/proc/self/status");
	args->flags = TIMENS_SPAWN_NO_NEW_PRIVS;
	assert_contains(assert_runs(args, &c), "NoNewPrivs:\t1");
	assert_int_equal(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 0);
}

static void no_new_privs(void **state)
{
	on_each_route(check_no_new_privs);
}

/* -- Limits -- */

static void check_umask(struct timens_spawn_args *args)
{
	mode_t before = umask(022);

	args->argv = SHELL("umask");
	args->flags = TIMENS_SPAWN_SET_UMASK;
	args->umask = 027;
	assert_output(args, "0027\n");
	args->umask = 0;
	assert_output(args, "0000\n");
	assert_int_equal(umask(before), 022);
}

static void file_mode_mask(void **state)
{
	on_each_route(check_umask);
}

static void check_rlimits(struct timens_spawn_args *args)
{
	struct timens_rlimit limits[] = {
		{.resource = RLIMIT_NOFILE, .soft = 20, .hard = 37},
		{.resource = RLIMIT_CORE, .soft = 0, .hard = 0},
		{.resource = 4711, .soft = 0, .hard = 0},
	};
	static const struct timens_fd past = {30, TIMENS_FD_NULL};
	struct rlimit own;

	args->argv = SHELL("ulimit -Sn; ulimit -Hn; ulimit -c; test -c /proc/self/fd/30");
	args->rlimits = limits;
	args->rlimits_count = 2;
	/* Past the limit, which therefore must come after it. */
	args->fds = &past;
	args->fds_count = 1;
	assert_output(args, "20\n37\n0\n");
	args->rlimits_count = 3;
	assert_contains(assert_fails(args, TIMENS_STAGE_RLIMITS, EINVAL), "resource 4711");
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &own), 0);
	assert_int_not_equal(own.rlim_cur, 20);
}

static void resource_limits(void **state)
{
	on_each_route(check_rlimits);
}

static void check_nice(struct timens_spawn_args *args)
{
	char expected[16];
	int own = getpriority(PRIO_PROCESS, 0);

	snprintf(expected, sizeof expected, "%d\n", own + 3);
	args->argv = ARGV("nice");
	args->nice = 3;
	assert_output(args, expected);
	assert_int_equal(getpriority(PRIO_PROCESS, 0), own);
}

static void niceness(void **state)
{
	on_each_route(check_nice);
}

/* -- Signals -- */

static uint64_t bit(int sig)
{
	return UINT64_C(1) << (sig - 1);
}

static void check_signals(struct timens_spawn_args *args)
{
	struct capture c;

	args->argv = ARGV("cat", "/proc/self/status");
	args->flags = TIMENS_SPAWN_SET_SIGMASK;
	args->sigmask = bit(SIGUSR1) | bit(64);
	args->sigignore = bit(SIGUSR2) | bit(SIGPIPE);
	assert_runs(args, &c);
	assert_int_equal(assert_status_mask(c.out, "SigBlk"), bit(SIGUSR1) | bit(64));
	assert_int_equal(assert_status_mask(c.out, "SigIgn") & (bit(SIGUSR2) | bit(SIGPIPE)),
			 bit(SIGUSR2) | bit(SIGPIPE));
}

static void signal_mask_and_ignored_set(void **state)
{
	on_each_route(check_signals);
}

/* -- cgroup -- */

static char cgroup_path[64];
static int cgroup;

static void check_cgroup(struct timens_spawn_args *args)
{
	struct capture c;

	args->argv = ARGV("cat", "/proc/self/cgroup");
	args->flags = TIMENS_SPAWN_SET_CGROUP;
	args->cgroup = cgroup;
	assert_contains(assert_runs(args, &c), strrchr(cgroup_path, '/'));
}

/* A folder with a file of the right name is none; -100 is the working directory to the kernel. */
static void check_no_cgroup(struct timens_spawn_args *args)
{
	char folder[32];

	make_folder(folder);
	make_file(folder, "cgroup.procs", "", 0644);
	args->argv = ARGV("true");
	args->flags = TIMENS_SPAWN_SET_CGROUP;
	args->cgroup = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_contains(assert_fails(args, TIMENS_STAGE_CGROUP, EBADF), "cgroup v2");
	close(args->cgroup);
	args->cgroup = -100;
	assert_contains(assert_fails(args, TIMENS_STAGE_CGROUP, EBADF), "descriptor -100");
	remove_folder(folder);
}

static void in_a_cgroup(void *arg)
{
	cgroup = assert_make_cgroup(cgroup_path);
	on_each_route(check_cgroup);
	on_each_route(check_no_cgroup);
	/* It is empty a moment after its last process has been reaped. */
	for (int i = 0; i < 100 && rmdir(cgroup_path) < 0; i++)
		poll(NULL, 0, 10);
}

static void cgroup_by_descriptor(void **state)
{
	in_child(in_a_cgroup, NULL);
}

/* -- Life and death -- */

static int lifeline;

/* A program that holds the pipe's end until it dies, started by a process that is about to. */
static void check_kill_with_parent(struct timens_spawn_args *args)
{
	struct timens_fd fd = {1, lifeline};
	struct timens_process process;

	args->argv = ARGV("sleep", "60");
	args->flags = TIMENS_SPAWN_KILL_WITH_PARENT;
	args->fds = &fd;
	args->fds_count = 1;
	assert_int_equal(timens_spawn(args, sizeof *args, &process, NULL), 0);
}

static void start_and_die(void *arg)
{
	on_each_route(check_kill_with_parent);
}

static void kill_with_parent(void **state)
{
	struct pollfd p = {.events = POLLIN};
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	lifeline = ends[1];
	in_child(start_and_die, NULL);
	close(ends[1]);
	p.fd = ends[0];
	/* Programs that lived on would hold it open for a minute. */
	assert_int_equal(poll(&p, 1, 20000), 1);
	assert_int_equal(p.revents, POLLHUP);
	close(ends[0]);
}

/* -- A script without a first line -- */

static void check_shell(struct timens_spawn_args *args)
{
	char folder[32], path[64], expected[128];

	make_folder(folder);
	make_file(folder, "script", "echo \"$0 $1 $2\"\n", 0755);
	snprintf(path, sizeof path, "%s/script", folder);
	snprintf(expected, sizeof expected, "%s one two\n", path);
	args->file = path;
	args->argv = ARGV("name", "one", "two");
	args->flags = TIMENS_SPAWN_SHELL;
	assert_output(args, expected);
	args->flags = 0;
	assert_fails(args, TIMENS_STAGE_EXEC, ENOEXEC);
	remove_folder(folder);
}

static void shell_for_scripts(void **state)
{
	on_each_route(check_shell);
}

/* -- A child that is killed on the way -- */

static void check_killed(struct timens_spawn_args *args)
{
	int fds = count_fds(), children = count_children();
	const char *text;

	args->argv = ARGV("true");
	args->flags = TIMENS_SPAWN_SET_UMASK | TIMENS_SPAWN_SETSID;
	/* Only where memory is shared is the step known. */
	text = assert_fails(
		args, args->route == TIMENS_ROUTE_FORK ? TIMENS_STAGE_CLONE : TIMENS_STAGE_NICE,
		EINTR);
	assert_contains(text, "killed from outside");
	assert_int_equal(count_fds(), fds);
	assert_int_equal(count_children(), children);
}

static void killed_at_umask(void *arg)
{
	assert_deadly_filter(SYS_umask);
	on_each_route(check_killed);
}

static void killed_on_the_way(void **state)
{
	in_child(killed_at_umask, NULL);
}

/* -- Id maps -- */

static void check_maps(struct timens_spawn_args *args)
{
	static const struct timens_id_map uids[] = {{0, 0, 1}, {10, 1000, 20}};
	static const struct timens_id_map gids[] = {{0, 0, 5}};
	unsigned at[6] = {0};
	struct capture c;

	args->argv = ARGV("cat", "/proc/self/uid_map", "/proc/self/timens_offsets");
	args->uid_maps = uids;
	args->uid_maps_count = 2;
	args->gid_maps = gids;
	args->gid_maps_count = 1;
	assert_runs(args, &c);
	assert_int_equal(c.process.userns, 1);
	assert_int_equal(c.process.route, args->route);
	assert_int_equal(
		sscanf(c.out, "%u %u %u %u %u %u", &at[0], &at[1], &at[2], &at[3], &at[4], &at[5]),
		6);
	assert_int_equal(at[3], 10);
	assert_int_equal(at[4], 1000);
	assert_int_equal(at[5], 20);
	assert_contains(c.out, "monotonic ");
	args->argv = ARGV("cat", "/proc/self/gid_map");
	assert_runs(args, &c);
	assert_int_equal(sscanf(c.out, "%u %u %u", &at[0], &at[1], &at[2]), 3);
	assert_int_equal(at[2], 5);
	assert_int_equal(is_dumpable(), 1);
}

static void own_id_maps(void **state)
{
	int before = count_fds(), children = count_children();

	need_root();
	on_each_route(check_maps);
	assert_int_equal(count_fds(), before);
	assert_int_equal(count_children(), children);
}

static void id_maps_over_a_page(void **state)
{
	struct timens_id_map maps[340];
	struct timens_spawn_args args = {
		.argv = ARGV("true"), .uid_maps = maps, .uid_maps_count = COUNT(maps)};

	for (unsigned i = 0; i < COUNT(maps); i++)
		maps[i] = (struct timens_id_map){1000000000 + i, 2000000000 + i, 1};
	assert_contains(assert_fails(&args, TIMENS_STAGE_ARGS, E2BIG), "over a page");
}

/* Somebody without privilege becomes root in there. */
static void check_root_inside(struct timens_spawn_args *args)
{
	struct timens_id_map uid = {0, geteuid(), 1}, gid = {0, getegid(), 1};

	args->argv = ARGV("id", "-u");
	args->uid_maps = &uid;
	args->uid_maps_count = 1;
	args->gid_maps = &gid;
	args->gid_maps_count = 1;
	assert_output(args, "0\n");
	uid.outside++;
	assert_contains(assert_fails(args, TIMENS_STAGE_MAP, EPERM), "id maps");
}

static void nobody_maps(void *arg)
{
	assert_become_nobody();
	on_each_route(check_root_inside);
}

static void map_to_root_without_privilege(void **state)
{
	in_child(nobody_maps, NULL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(pipes_of_the_library),
		cmocka_unit_test(pipes_of_a_failed_start),
		cmocka_unit_test(report_channel_as_target),
		cmocka_unit_test(process_group),
		cmocka_unit_test(controlling_terminal),
		cmocka_unit_test(foreground),
		cmocka_unit_test(uid_gid_and_groups),
		cmocka_unit_test(groups_alone),
		cmocka_unit_test(credentials_refused),
		cmocka_unit_test(no_new_privs),
		cmocka_unit_test(file_mode_mask),
		cmocka_unit_test(resource_limits),
		cmocka_unit_test(niceness),
		cmocka_unit_test(signal_mask_and_ignored_set),
		cmocka_unit_test(cgroup_by_descriptor),
		cmocka_unit_test(kill_with_parent),
		cmocka_unit_test(shell_for_scripts),
		cmocka_unit_test(killed_on_the_way),
		cmocka_unit_test(own_id_maps),
		cmocka_unit_test(id_maps_over_a_page),
		cmocka_unit_test(map_to_root_without_privilege),
	};

	return cmocka_run_group_tests(tests, need_programs, NULL);
}
