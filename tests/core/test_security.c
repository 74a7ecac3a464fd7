/* SPDX-License-Identifier: MIT */
/*
 * What a program gets that nobody has asked for: nothing. What a start lends to a caller without
 * privilege: nothing either. And who calls a set-uid program does not lead it by the environment.
 * SECURITY.md has it in words.
 */
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "helpers.h"

static char program[PATH_MAX];

static int find_program(void **state)
{
	int r = need_programs(state);

	snprintf(program, sizeof program, "%s", test_program("surroundings"));
	return r;
}

/* -- Descriptors and environment -- */

/* All of them close-on-exec, as a careful caller has them. */
static void open_all_kinds(void)
{
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	assert_true(memfd_create("secret", MFD_CLOEXEC) >= 0);
	assert_true(eventfd(0, EFD_CLOEXEC) >= 0);
	assert_true(open("/proc/self/maps", O_RDONLY | O_CLOEXEC) >= 0);
	assert_true(fcntl(0, F_DUPFD_CLOEXEC, 1000) >= 0);
}

/* Those that begin with `start` are just these. */
static void assert_lines(const char *out, const char *start, const char *const *expected)
{
	char line[4200];
	const char *end;

	for (; (end = strchr(out, '\n')); out = end + 1) {
		snprintf(line, sizeof line, "%.*s", (int)(end - out), out);
		if (strncmp(line, start, strlen(start)) != 0)
			continue;
		if (!*expected)
			fail_msg("nobody has asked for '%s'", line);
		assert_string_equal(line, *expected++);
	}
	assert_null(*expected);
}

static void check_surroundings(struct timens_spawn_args *args)
{
	struct capture c;

	args->argv = ARGV(program);
	assert_runs(args, &c);
	assert_lines(c.out, "fd ", ARGV("fd 0", "fd 1", "fd 2"));
	assert_lines(c.out, "env ", ARGV("env CALLER=1"));
	args->env = ARGV("ONE=1", "ONE=2", "");
	assert_runs(args, &c);
	assert_lines(c.out, "fd ", ARGV("fd 0", "fd 1", "fd 2"));
	assert_lines(c.out, "env ", ARGV("env ONE=1", "env ONE=2", "env "));
}

static void check_surroundings_in_userns(struct timens_spawn_args *args)
{
	args->userns = TIMENS_USERNS_ALWAYS;
	check_surroundings(args);
}

static void look_around(void *arg)
{
	static char variable[] = "CALLER=1";

	assert_int_equal(syscall(SYS_close_range, 3, ~0U, 0), 0);
	open_all_kinds();
	clearenv();
	putenv(variable);
	on_each_route(check_surroundings);
	on_each_route(check_surroundings_in_userns);
}

static void nothing_reaches_the_program_unasked(void **state)
{
	in_child(look_around, NULL);
}

/* -- Privileges -- */

/* What the same caller's program has without this library. */
static void exec_quiet(const char *file, char out[4096])
{
	int ends[2], status;
	ssize_t n, length = 0;
	pid_t pid;

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		dup2(ends[1], 1);
		execl(file, file, "quiet", NULL);
		_exit(127);
	}
	close(ends[1]);
	while ((n = read(ends[0], out + length, 4095 - (size_t)length)) > 0)
		length += n;
	out[length] = '\0';
	close(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void check_as_by_exec(struct timens_spawn_args *args)
{
	struct timens_spawn_args plain = {.argv = ARGV(program, "quiet")};
	char expected[4096];
	struct capture c;

	exec_quiet(program, expected);
	assert_string_equal(assert_runs(&plain, &c), expected);
	args->argv = plain.argv;
	args->userns = TIMENS_USERNS_NEVER;
	assert_string_equal(assert_runs(args, &c), expected);
}

/* Capabilities that pass through exec, as a service manager hands them out. */
static void keep_ambient(void *arg)
{
	static const int kept[] = {CAP_SYS_ADMIN, CAP_SYS_TIME, CAP_NET_BIND_SERVICE};
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {{0}, {0}};

	for (size_t i = 0; i < COUNT(kept); i++)
		data[0].permitted |= 1U << kept[i];
	data[0].effective = data[0].inheritable = data[0].permitted;
	assert_int_equal(prctl(PR_SET_KEEPCAPS, 1), 0);
	assert_become_nobody();
	assert_int_equal(syscall(SYS_capset, &head, data), 0);
	for (size_t i = 0; i < COUNT(kept); i++)
		assert_int_equal(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, kept[i], 0, 0), 0);
	assert_int_equal(prctl(PR_SET_DUMPABLE, 1), 0);
	on_each_route(check_as_by_exec);
}

static void with_less(void *arg)
{
	assert_int_equal(prctl(PR_CAPBSET_DROP, CAP_SYS_RAWIO), 0);
	assert_int_equal(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	on_each_route(check_as_by_exec);
}

static void privileges_are_as_by_exec(void **state)
{
	need_root();
	on_each_route(check_as_by_exec);
	in_child(with_less, NULL);
	in_child(keep_ambient, NULL);
}

static void assert_no_power(const char *out)
{
	assert_contains(out, "\nsethostname EPERM\n");
	assert_contains(out, "\nsetpriority EACCES\n");
	assert_contains(out, "\nCapAmb:\t0000000000000000\n");
	assert_contains(out, "\nCapInh:\t0000000000000000\n");
	assert_contains(out, "\nsecurebits 0\n");
	assert_contains(out, "\nsecure 0\n");
}

static void check_no_gain(struct timens_spawn_args *args)
{
	struct capture c;

	args->argv = ARGV(program, "quiet");
	args->userns = TIMENS_USERNS_ALWAYS;
	assert_no_power(assert_runs(args, &c));
	if (geteuid() == 0)
		return;
	assert_contains(c.out, "\nCapPrm:\t0000000000000000\n");
	assert_contains(c.out, "\nCapEff:\t0000000000000000\n");
}

/* Its capabilities are over the new namespace, and over nothing outside of it. */
static void check_no_gain_as_root_inside(struct timens_spawn_args *args)
{
	struct timens_id_map uid = {0, geteuid(), 1}, gid = {0, getegid(), 1};

	args->uid_maps = &uid;
	args->gid_maps = &gid;
	args->uid_maps_count = args->gid_maps_count = 1;
	args->argv = ARGV(program, "quiet");
	assert_no_power(assert_runs(args, &(struct capture){0}));
}

static void on_each_route_no_gain(void *arg)
{
	on_each_route(check_no_gain);
	on_each_route(check_no_gain_as_root_inside);
}

static void nobody_gains_nothing(void *arg)
{
	assert_become_nobody();
	on_each_route_no_gain(NULL);
}

static void keep_ambient_in_userns(void *arg)
{
	keep_ambient(NULL);
	on_each_route_no_gain(NULL);
}

static void user_namespace_lends_nothing_outside(void **state)
{
	in_child(nobody_gains_nothing, NULL);
	if (geteuid() != 0)
		return;
	on_each_route_no_gain(NULL);
	in_child(keep_ambient_in_userns, NULL);
}

/* -- Set-uid -- */

/* A copy that belongs to root and is set-uid, in a folder that others can look into. */
static void make_setuid(const char *name, char path[PATH_MAX])
{
	char folder[32], parent[32], command[2 * PATH_MAX + 64];
	struct statvfs fs;

	need_root();
	make_folder(folder);
	snprintf(parent, sizeof parent, "%.*s", (int)(strrchr(folder, '/') - folder), folder);
	assert_int_equal(chmod(parent, 0755), 0);
	assert_int_equal(chmod(folder, 0755), 0);
	assert_int_equal(statvfs(folder, &fs), 0);
	if (fs.f_flag & ST_NOSUID)
		skip_because("/tmp is mounted nosuid");
	snprintf(path, PATH_MAX, "%s/%s", folder, name);
	snprintf(command, sizeof command, "cat '%s' >'%s'", test_program(name), path);
	assert_int_equal(system(command), 0);
	assert_int_equal(chmod(path, 04755), 0);
}

static const char *setuid_program;

static void check_setuid(struct timens_spawn_args *args)
{
	struct timens_spawn_args plain = {.argv = ARGV(setuid_program, "quiet")};
	struct capture c;

	args->argv = plain.argv;
	/* Without a namespace it is what it is on this machine. */
	assert_contains(assert_runs(&plain, &c), "Uid:\t65534\t0\t0\t0\n");
	plain.flags = args->flags = TIMENS_SPAWN_NO_NEW_PRIVS;
	assert_contains(assert_runs(&plain, &c), "Uid:\t65534\t65534\t65534\t65534\n");
	assert_runs(args, &c);
	assert_contains(c.out, "Uid:\t65534\t65534\t65534\t65534\n");
	assert_contains(c.out, "\nNoNewPrivs:\t1\n");
	args->flags = 0;
	assert_runs(args, &c);
	assert_contains(c.out, "Uid:\t65534\t65534\t65534\t65534\n");
	assert_no_power(c.out);
}

static void start_setuid(void *arg)
{
	assert_become_nobody();
	on_each_route(check_setuid);
}

/* So nobody chooses its clocks: its owner is no id of that namespace. */
static void setuid_program_has_no_effect_in_userns(void **state)
{
	char path[PATH_MAX];

	make_setuid("surroundings", path);
	setuid_program = path;
	in_child(start_setuid, NULL);
}

struct call {
	const char *starter, *path;
};

/* What `starter` says when it is called with this PATH. */
static const char *called(const struct call *call, const char *option, const char *name)
{
	static struct capture c;
	char path[PATH_MAX + 8];
	struct timens_spawn_args args = {.argv = ARGV(call->starter, option, name)};

	snprintf(path, sizeof path, "PATH=%s", call->path);
	args.env = ARGV(path);
	assert_int_equal(capture(&args, &c), 0);
	return c.out;
}

static void call_starter(void *arg)
{
	const struct call *call = arg;
	struct call plain = {test_program("starter"), call->path};

	assert_become_nobody();
	/* With no more rights than the caller's it finds what the caller says. */
	assert_contains(called(&plain, "search", "surroundings"), "\nCapEff:");
	assert_string_equal(called(call, "search", "surroundings"), "exec ENOENT\n");
	assert_string_equal(called(call, "search", "echo"), "quiet\n");
	/* An environment that it brings is its own word. */
	assert_string_equal(called(call, "own", "echo"), "quiet\n");
	assert_string_equal(called(call, "elsewhere", "echo"), "exec ENOENT\n");
}

static void setuid_caller_ignores_path(void **state)
{
	char path[PATH_MAX], folder[PATH_MAX];

	make_setuid("starter", path);
	snprintf(folder, sizeof folder, "%s", getenv("TIMENS_TEST_PROGRAMS"));
	if (access(folder, X_OK) < 0)
		skip_because("the programs are not there");
	in_child(call_starter, &(struct call){path, folder});
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_reaches_the_program_unasked),
		cmocka_unit_test(privileges_are_as_by_exec),
		cmocka_unit_test(user_namespace_lends_nothing_outside),
		cmocka_unit_test(setuid_program_has_no_effect_in_userns),
		cmocka_unit_test(setuid_caller_ignores_path),
	};

	return cmocka_run_group_tests(tests, find_program, NULL);
}
