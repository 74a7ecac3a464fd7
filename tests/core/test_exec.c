/* SPDX-License-Identifier: MIT */
/* Which program is found, and in what state it starts. */
#include <limits.h>
#include <signal.h>
#include <sys/stat.h>

#include "helpers.h"

static const struct timens_offsets asked = {{86400, 1}, {172800, 2}};

/* -- Directory and environment -- */

static void check_cwd(struct timens_spawn_args *args)
{
	char folder[32], expected[40];
	struct capture c;

	make_folder(folder);
	snprintf(expected, sizeof expected, "%s\n", folder);
	args->argv = ARGV("readlink", "/proc/self/cwd");
	args->cwd = folder;
	assert_string_equal(assert_runs(args, &c), expected);
	remove_folder(folder);
}

static void cwd(void **state)
{
	char before[PATH_MAX], after[PATH_MAX];

	assert_non_null(getcwd(before, sizeof before));
	on_each_route(check_cwd);
	assert_non_null(getcwd(after, sizeof after));
	assert_string_equal(after, before);
}

static void check_env(struct timens_spawn_args *args)
{
	struct capture c;

	args->argv = ARGV("/usr/bin/env");
	args->env = ARGV("A=1", "B=two words");
	assert_string_equal(assert_runs(args, &c), "A=1\nB=two words\n");
	args->env = NULL;
	assert_contains(assert_runs(args, &c), "TIMENS_TEST_PROGRAMS=");
}

static void env(void **state)
{
	on_each_route(check_env);
}

/* -- The search -- */

/* FOLDER/a/tool and FOLDER/b/tool, scripts that tell where they are. */
static void make_tools(char folder[32], unsigned mode_a, unsigned mode_b)
{
	char sub[40];

	make_folder(folder);
	snprintf(sub, sizeof sub, "%s/a", folder);
	assert_int_equal(mkdir(sub, 0755), 0);
	make_file(sub, "timens-tool", "#!/bin/sh\necho a\n", mode_a);
	snprintf(sub, sizeof sub, "%s/b", folder);
	assert_int_equal(mkdir(sub, 0755), 0);
	make_file(sub, "timens-tool", "#!/bin/sh\necho b\n", mode_b);
}

struct search {
	char folder[32], path[128];
	struct timens_spawn_args args;
};

/* A start of timens-tool with this PATH, in which %s stands for the folder. */
static void search_by(struct search *s, const char *format)
{
	static const char *tool[] = {"timens-tool", NULL}, *env_of_child[2];

	snprintf(s->path, sizeof s->path, format, s->folder, s->folder);
	env_of_child[0] = s->path;
	s->args.argv = tool;
	s->args.env = env_of_child;
	s->args.offsets = &asked;
	s->args.offsets_size = sizeof asked;
}

static void path_of_the_child(void **state)
{
	struct search s = {0};
	struct capture c;
	const char *path = getenv("PATH");
	char *callers = strdup(path ? path : ""), a[48];

	assert_non_null(callers);
	make_tools(s.folder, 0755, 0755);
	search_by(&s, "PATH=/no/such/folder:%s/b:%s/a");
	assert_string_equal(assert_runs(&s.args, &c), "b\n");
	/* Now only the caller's has it. */
	snprintf(a, sizeof a, "%s/a", s.folder);
	setenv("PATH", a, 1);
	search_by(&s, "PATH=/no/such/folder");
	assert_fails(&s.args, TIMENS_STAGE_EXEC, ENOENT);
	setenv("PATH", callers, 1);
	free(callers);
	remove_folder(s.folder);
}

static void path_relative_to_cwd(void **state)
{
	struct search s = {0};
	struct capture c;

	make_tools(s.folder, 0755, 0755);
	search_by(&s, "PATH=b");
	s.args.cwd = s.folder;
	assert_string_equal(assert_runs(&s.args, &c), "b\n");
	s.args.argv = ARGV("./a/timens-tool");
	assert_string_equal(assert_runs(&s.args, &c), "a\n");
	remove_folder(s.folder);
}

static void empty_path_element(void **state)
{
	static const char *const paths[] = {"PATH=/no/such/folder:", "PATH=:/no/such/folder",
					    "PATH=/no/such::/no/such/folder", "PATH="};
	char sub[48];
	struct search s = {0};
	struct capture c;

	make_tools(s.folder, 0755, 0755);
	snprintf(sub, sizeof sub, "%s/a", s.folder);
	for (size_t i = 0; i < COUNT(paths); i++) {
		search_by(&s, "%.0s%.0s");
		snprintf(s.path, sizeof s.path, "%s", paths[i]);
		s.args.cwd = sub;
		assert_string_equal(assert_runs(&s.args, &c), "a\n");
	}
	remove_folder(s.folder);
}

static void eacces_remembered(void **state)
{
	struct search s = {0};
	struct capture c;

	make_tools(s.folder, 0644, 0755);
	search_by(&s, "PATH=%s/a:/no/such/folder");
	assert_contains(assert_fails(&s.args, TIMENS_STAGE_EXEC, EACCES), "timens-tool");
	search_by(&s, "PATH=%s/a:%s/b");
	assert_string_equal(assert_runs(&s.args, &c), "b\n");
	remove_folder(s.folder);
}

static void argv0_differs_from_file(void **state)
{
	struct timens_spawn_args args = {
		.file = "/bin/sh", .argv = ARGV("another-name", "-c", "echo $0"), WITH(&asked)};
	struct capture c;

	assert_string_equal(assert_runs(&args, &c), "another-name\n");
	args.file = "sh";
	assert_string_equal(assert_runs(&args, &c), "another-name\n");
}

/* -- Signals -- */

static uint64_t bit(int sig)
{
	return UINT64_C(1) << (sig - 1);
}

/* A member of the child's /proc/self/status. */
static uint64_t mask_in_child(struct timens_spawn_args *args, const char *member)
{
	struct capture c;

	args->argv = ARGV("cat", "/proc/self/status");
	return assert_status_mask(assert_runs(args, &c), member);
}

static void check_sigpipe(struct timens_spawn_args *args)
{
	assert_false(mask_in_child(args, "SigIgn") & bit(SIGPIPE));
	args->flags = TIMENS_SPAWN_KEEP_SIGPIPE;
	assert_true(mask_in_child(args, "SigIgn") & bit(SIGPIPE));
}

static void ignore_sigpipe(void *arg)
{
	signal(SIGPIPE, SIG_IGN);
	on_each_route(check_sigpipe);
}

static void sigpipe_is_default(void **state)
{
	in_child(ignore_sigpipe, NULL);
}

static void check_signal_mask(struct timens_spawn_args *args)
{
	assert_int_equal(mask_in_child(args, "SigBlk"), 0);
	args->flags = TIMENS_SPAWN_KEEP_SIGMASK;
	assert_int_equal(mask_in_child(args, "SigBlk"), bit(SIGUSR1) | bit(SIGRTMAX));
}

static void block_signals(void *arg)
{
	sigset_t set, after;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGRTMAX);
	assert_int_equal(sigprocmask(SIG_SETMASK, &set, NULL), 0);
	on_each_route(check_signal_mask);
	/* And the caller's own is what it was. */
	assert_int_equal(sigprocmask(SIG_SETMASK, NULL, &after), 0);
	for (int sig = 1; sig <= SIGRTMAX; sig++)
		assert_int_equal(sigismember(&after, sig), sigismember(&set, sig));
}

static void signal_mask_is_empty(void **state)
{
	in_child(block_signals, NULL);
}

static void check_ignored(struct timens_spawn_args *args)
{
	uint64_t both = bit(SIGUSR1) | bit(SIGUSR2);

	assert_int_equal(mask_in_child(args, "SigIgn") & both, both);
	args->sigdefault = bit(SIGUSR2);
	assert_int_equal(mask_in_child(args, "SigIgn") & both, bit(SIGUSR1));
}

static void ignore_signals(void *arg)
{
	signal(SIGUSR1, SIG_IGN);
	signal(SIGUSR2, SIG_IGN);
	on_each_route(check_ignored);
}

static void ignored_signals_stay_ignored(void **state)
{
	in_child(ignore_signals, NULL);
}

static void handle(int sig) {}

static void check_handlers(struct timens_spawn_args *args)
{
	assert_int_equal(mask_in_child(args, "SigCgt"), 0);
	assert_int_equal(mask_in_child(args, "SigIgn") & bit(SIGUSR1), 0);
}

static void handle_signals(void *arg)
{
	struct sigaction seen = {.sa_handler = handle}, still;

	assert_int_equal(sigaction(SIGUSR1, &seen, NULL), 0);
	on_each_route(check_handlers);
	/* The child's defaults are not the caller's. */
	assert_int_equal(sigaction(SIGUSR1, NULL, &still), 0);
	assert_ptr_equal(still.sa_handler, handle);
}

static void handlers_are_default(void **state)
{
	in_child(handle_signals, NULL);
}

/* -- Sizes -- */

static void check_too_large(struct timens_spawn_args *args)
{
	static char large[4 << 20];

	memset(large, 'x', sizeof large - 1);
	args->argv = ARGV("true", large);
	assert_contains(assert_fails(args, TIMENS_STAGE_EXEC, E2BIG), "ulimit -s");
}

static void argv_too_large(void **state)
{
	on_each_route(check_too_large);
}

static void check_no_path(struct timens_spawn_args *args)
{
	struct capture c;

	args->argv = ARGV("echo", "found");
	args->env = ARGV("A=1");
	assert_string_equal(assert_runs(args, &c), "found\n");
}

static void no_path_in_the_environment(void **state)
{
	on_each_route(check_no_path);
}

/* -- Session -- */

static void check_session(struct timens_spawn_args *args)
{
	int pid, group, session;
	struct capture c;

	args->argv = ARGV("cat", "/proc/self/stat");
	assert_runs(args, &c);
	assert_int_equal(sscanf(c.out, "%d (cat) %*c %*d %d %d", &pid, &group, &session), 3);
	assert_int_equal(session, getsid(0));
	args->flags = TIMENS_SPAWN_SETSID;
	assert_runs(args, &c);
	assert_int_equal(sscanf(c.out, "%d (cat) %*c %*d %d %d", &pid, &group, &session), 3);
	assert_int_equal(pid, c.process.pid);
	assert_int_equal(group, pid);
	assert_int_equal(session, pid);
}

static void new_session(void **state)
{
	on_each_route(check_session);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(cwd),
		cmocka_unit_test(env),
		cmocka_unit_test(path_of_the_child),
		cmocka_unit_test(path_relative_to_cwd),
		cmocka_unit_test(empty_path_element),
		cmocka_unit_test(eacces_remembered),
		cmocka_unit_test(argv0_differs_from_file),
		cmocka_unit_test(sigpipe_is_default),
		cmocka_unit_test(signal_mask_is_empty),
		cmocka_unit_test(ignored_signals_stay_ignored),
		cmocka_unit_test(handlers_are_default),
		cmocka_unit_test(argv_too_large),
		cmocka_unit_test(no_path_in_the_environment),
		cmocka_unit_test(new_session),
	};

	return cmocka_run_group_tests(tests, need_programs, NULL);
}
