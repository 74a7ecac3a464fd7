/* SPDX-License-Identifier: MIT */
/*
 * driver CALL WORD...: makes one call of the library under the conditions that the words name, in
 * their order, and says in lines of JSON on standard output how it ended and what it left behind.
 * The program that a call starts writes there too.
 *
 *	route= userns= with=   the arguments
 *	warm                   one start before, so that what the library keeps is there
 *	hold                   says "ready" and waits for a byte on standard input before the call,
 *	                       says "called" and waits for another one after it
 *	burn=NR:COUNT          makes that system call so often, with arguments that are refused
 *	again                  one more start after it, without options: the call left no trap
 *	repeat=N               the call N times
 *	others                 conditions.c
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "job.h"
#include "observe.h"
#include "state.h"

#ifndef __WALL
#define __WALL 0x40000000
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ERRNO_BEFORE 4711
#define HOUR_NSEC    (INT64_C(3600) * 1000000000)

/* Between these two a trace shows the call; no other process makes them. */
#define MARK_BEGIN() syscall(SYS_sched_get_priority_max, 0x7e57)
#define MARK_END()   syscall(SYS_sched_get_priority_max, 0x7e58)

struct call {
	const char *name;
	void (*prepare)(struct job *job);
	int (*make)(struct job *job);
	/* Looks at what a success gave, at `result`, and tidies up after either. */
	void (*check)(struct job *job, int result, json_t *report, json_t *broken);
	/* What may differ in the caller after a success, and after an error. */
	const char *const *changes, *const *changes_on_error;
};

static const char *const nothing[] = {NULL};
static struct timens_error error;
static struct timens_process process;
static volatile sig_atomic_t sigchld_count;
static char program[512];

static void count_sigchld(int sig)
{
	(void)sig;
	sigchld_count++;
}

__attribute__((format(printf, 2, 3))) static void complain(json_t *broken, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	json_array_append_new(broken, json_vsprintf(format, args));
	va_end(args);
}

static int64_t read_clock(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static json_t *read_clocks(void)
{
	return json_pack("[I, I]", (json_int_t)read_clock(CLOCK_BOOTTIME),
			 (json_int_t)read_clock(CLOCK_MONOTONIC));
}

/* -- Children -- */

static int reap(int pid)
{
	int status = -1, r;

	do
		r = waitpid(pid, &status, __WALL);
	while (r < 0 && errno == EINTR);
	return r == pid ? status : -1;
}

/* That there is none, dead or alive. */
static void check_children(json_t *broken)
{
	siginfo_t info = {0};
	int r = waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT | __WALL);

	if (r == 0)
		complain(broken, "child left: %d (%s)", info.si_pid,
			 info.si_pid ? "zombie" : "running");
}

static void close_pipes(json_t *broken)
{
	for (size_t i = 0; i < PIPES_MAX; i++) {
		if (job_pipes[i] >= 0 && close(job_pipes[i]) < 0)
			complain(broken, "pipe %d is closed", job_pipes[i]);
		job_pipes[i] = POISON;
	}
}

static void check_untouched(const struct job *job, json_t *broken)
{
	if (process.pid != POISON || process.pidfd != POISON)
		complain(broken, "process written on failure");
	for (size_t i = 0; job->args.pipes && i < PIPES_MAX; i++)
		if (job_pipes[i] != POISON)
			complain(broken, "pipes[%zu] written on failure", i);
	if (sigchld_count)
		complain(broken, "SIGCHLD sent on failure");
}

/* -- spawn -- */

static int make_spawn(struct job *job)
{
	return timens_spawn(&job->args, sizeof job->args, &process, &error);
}

static void check_spawn(struct job *job, int result, json_t *report, json_t *broken)
{
	if (result < 0) {
		check_untouched(job, broken);
		return;
	}
	close_pipes(broken);
	json_object_set_new(report, "route", json_string(timens_route_name(process.route)));
	json_object_set_new(report, "status", json_integer(reap(process.pid)));
	if (close(process.pidfd) < 0)
		complain(broken, "pidfd is closed");
	process.pidfd = -1;
}

/* -- wait, kill -- */

static void start_helper(struct job *job, const char *argument)
{
	const char *argv[] = {program, argument, NULL};

	job->args.argv = argv;
	if (timens_spawn(&job->args, sizeof job->args, &process, &error) < 0)
		give_up("a program to look at");
}

static void prepare_wait(struct job *job)
{
	start_helper(job, NULL);
}

static int wait_status = POISON;

static int make_wait(struct job *job)
{
	static const struct timens_timespec limit = {60, 0};

	return timens_wait(&process, strcmp(job->with, "timeout") == 0 ? &limit : NULL,
			   &wait_status, &error);
}

/* After an error it must still be there to be waited for. */
static void check_wait(struct job *job, int result, json_t *report, json_t *broken)
{
	(void)job;
	if (result == 0) {
		if (process.pidfd != -1)
			complain(broken, "pidfd is %d after wait", process.pidfd);
		json_object_set_new(report, "status", json_integer(wait_status));
		return;
	}
	if (wait_status != POISON)
		complain(broken, "status written on failure");
	json_object_set_new(report, "status", json_integer(reap(process.pid)));
	if (process.pidfd < 0 || close(process.pidfd) < 0)
		complain(broken, "pidfd is %d after a failed wait", process.pidfd);
}

static void prepare_kill(struct job *job)
{
	start_helper(job, "wait");
}

static int make_kill(struct job *job)
{
	(void)job;
	return timens_kill(&process, SIGTERM, &error);
}

static void end_helper(void)
{
	kill(process.pid, SIGKILL);
	reap(process.pid);
	close(process.pidfd);
}

static void check_kill(struct job *job, int result, json_t *report, json_t *broken)
{
	(void)job;
	(void)report;
	if (result == 0) {
		int status = reap(process.pid);

		if (status != SIGTERM)
			complain(broken, "status 0x%x after SIGTERM", (unsigned)status);
	}
	end_helper();
}

/* -- clone3 -- */

static struct clone_args clone_args;
static int clone_pidfd = POISON;

static void prepare_clone3(struct job *job)
{
	static const struct {
		const char *name;
		uint64_t flags;
	} kinds[] = {
		{"plain", 0},
		{"pidfd", CLONE_PIDFD},
		{"files", CLONE_FILES},
		{"newuser", CLONE_NEWUSER | CLONE_PIDFD},
	};

	clone_args = (struct clone_args){.exit_signal = SIGCHLD, .pidfd = (uintptr_t)&clone_pidfd};
	for (size_t i = 0; i < COUNT(kinds); i++)
		if (!strcmp(job->with, kinds[i].name))
			clone_args.flags = kinds[i].flags;
}

__attribute__((noreturn)) static void be_child(void)
{
	static const char *const argv[] = {"child", NULL};

	MARK_END();
	observe(argv);
	_exit(0);
}

static int make_clone3(struct job *job)
{
	int r = timens_clone3(&clone_args, sizeof clone_args, job->args.offsets,
			      job->args.offsets_size, &error);

	if (r == 0)
		be_child();
	return r;
}

static void check_clone3(struct job *job, int result, json_t *report, json_t *broken)
{
	(void)job;
	if (result < 0) {
		if (clone_pidfd != POISON)
			complain(broken, "pidfd written on failure");
		return;
	}
	json_object_set_new(report, "status", json_integer(reap(result)));
	if (clone_args.flags & CLONE_PIDFD && close(clone_pidfd) < 0)
		complain(broken, "pidfd is closed");
	clone_pidfd = POISON;
}

/* -- enter, join -- */

static int64_t entered[3];

static void note_clocks(void)
{
	entered[0] = read_clock(CLOCK_BOOTTIME);
	entered[1] = read_clock(CLOCK_MONOTONIC);
}

/* Moved by what was asked, to within an hour; the shifts are days. */
static void check_moved(int inside, json_t *broken)
{
	const int64_t asked[2] = {job_offsets.clock_boottime.tv_sec * 1000000000,
				  job_offsets.clock_monotonic.tv_sec * 1000000000};
	int64_t moved[2] = {read_clock(CLOCK_BOOTTIME) - entered[0],
			    read_clock(CLOCK_MONOTONIC) - entered[1]};

	for (int i = 0; i < 2; i++) {
		int64_t off = moved[i] - (inside ? asked[i] : 0);

		if (off < -HOUR_NSEC || off > HOUR_NSEC)
			complain(broken, "clock %d moved by %" PRId64 " s", i,
				 moved[i] / 1000000000);
	}
}

static int make_enter(struct job *job)
{
	return timens_enter(job->args.offsets, job->args.offsets_size, job->userns, &error);
}

static char pending_before[64];

static void prepare_enter(struct job *job)
{
	(void)job;
	if (readlink("/proc/self/ns/time_for_children", pending_before, 63) < 0)
		*pending_before = '\0';
	note_clocks();
}

/* What timens.h promises: up to stage unshare nothing has changed, but that what was pending may
 * not be any more. */
static void check_enter(struct job *job, int result, json_t *report, json_t *broken)
{
	char own[64] = "", next[64] = "";

	(void)job;
	(void)report;
	check_moved(result == 0, broken);
	if (result == 0 || error.stage > TIMENS_STAGE_UNSHARE)
		return;
	if (readlink("/proc/self/ns/time", own, 63) > 0 &&
	    readlink("/proc/self/ns/time_for_children", next, 63) > 0 && strcmp(own, next) != 0 &&
	    strcmp(pending_before, next) != 0)
		complain(broken, "a time namespace is pending after stage %s",
			 timens_stage_name(error.stage));
}

static int join_fd = -1;

static void prepare_join(struct job *job)
{
	char path[64];

	start_helper(job, "wait");
	snprintf(path, sizeof path, "/proc/%d/ns/time", process.pid);
	join_fd = strcmp(job->with, "pidfd") == 0 ? dup(process.pidfd)
						  : open(path, O_RDONLY | O_CLOEXEC);
	if (join_fd < 0)
		give_up("%s", path);
	note_clocks();
}

static int make_join(struct job *job)
{
	(void)job;
	return timens_join(join_fd, &error);
}

static void check_join(struct job *job, int result, json_t *report, json_t *broken)
{
	(void)job;
	(void)report;
	check_moved(result == 0, broken);
	close(join_fd);
	end_helper();
}

/* -- read, support, offset_to -- */

static struct timens_offsets own_offsets, read_offsets;

static void prepare_read(struct job *job)
{
	/* Where they cannot be read they cannot be compared either. */
	if (timens_read(0, &own_offsets, sizeof own_offsets, &error) < 0)
		error.errnum = POISON;
	if (strcmp(job->with, "self") != 0)
		start_helper(job, "wait");
}

static int make_read(struct job *job)
{
	pid_t pid = strcmp(job->with, "self") != 0 ? process.pid : 0;

	return timens_read(pid, &read_offsets, sizeof read_offsets, &error);
}

static void check_read(struct job *job, int result, json_t *report, json_t *broken)
{
	int self = strcmp(job->with, "self") == 0;
	struct timens_offsets expected = own_offsets;

	(void)report;
	if (!self) {
		end_helper();
		expected.clock_boottime.tv_sec += job_offsets.clock_boottime.tv_sec;
		expected.clock_boottime.tv_nsec += job_offsets.clock_boottime.tv_nsec;
		expected.clock_monotonic.tv_sec += job_offsets.clock_monotonic.tv_sec;
		expected.clock_monotonic.tv_nsec += job_offsets.clock_monotonic.tv_nsec;
	}
	if (result == 0 && memcmp(&expected, &read_offsets, sizeof expected) != 0)
		complain(broken, "read boottime %" PRId64 " s", read_offsets.clock_boottime.tv_sec);
}

static struct timens_support support;

static int make_support(struct job *job)
{
	int r;

	(void)job;
	r = timens_support(&support, sizeof support, &error);
	/* What makes it unavailable is no failure of the call; here it counts as one. */
	return r < 0 || support.available ? r : -support.error_errno;
}

static void check_support(struct job *job, int result, json_t *report, json_t *broken)
{
	(void)job;
	json_object_set_new(report, "route", json_string(timens_route_name(support.route)));
	if (result == 0 && (support.route < TIMENS_ROUTE_CLONE3 || support.exec_enters > 2))
		complain(broken, "support: route %u, exec_enters %u", support.route,
			 support.exec_enters);
	if (result < 0 && support.available)
		complain(broken, "support: available, and an error");
}

static struct timens_timespec offset;

static int make_offset_to(struct job *job)
{
	static const struct timens_timespec reading = {1000000, 5};

	(void)job;
	return timens_offset_to(CLOCK_BOOTTIME, &reading, &offset, &error);
}

static void check_offset_to(struct job *job, int result, json_t *report, json_t *broken)
{
	int64_t off = read_clock(CLOCK_BOOTTIME) + offset.tv_sec * 1000000000 -
		      INT64_C(1000000) * 1000000000;

	(void)job;
	(void)report;
	if (result == 0 && (off < -HOUR_NSEC || off > HOUR_NSEC))
		complain(broken, "offset_to is off by %" PRId64 " ns", off);
}

static void prepare_nothing(struct job *job)
{
	(void)job;
}

static const char *const ns_changes[] = {
	"time", "time_for_children", "user", "capabilities", "cgroup", "groups", NULL};
/* It may be left in a user namespace without maps. */
static const char *const enter_changes[] = {
	"time_for_children", "user", "capabilities", "uid", "gid", "groups", NULL};
static const struct call calls[] = {
	{"spawn", prepare_nothing, make_spawn, check_spawn, nothing, nothing},
	{"wait", prepare_wait, make_wait, check_wait, nothing, nothing},
	{"kill", prepare_kill, make_kill, check_kill, nothing, nothing},
	{"clone3", prepare_clone3, make_clone3, check_clone3, nothing, nothing},
	{"enter", prepare_enter, make_enter, check_enter, ns_changes, enter_changes},
	{"join", prepare_join, make_join, check_join, ns_changes, nothing},
	{"read", prepare_read, make_read, check_read, nothing, nothing},
	{"support", prepare_nothing, make_support, check_support, nothing, nothing},
	{"offset_to", prepare_nothing, make_offset_to, check_offset_to, nothing, nothing},
};

/* -- Words -- */

static unsigned number_of(const char *value, const char *const *names, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (!strcmp(value, names[i]))
			return i;
	fprintf(stderr, "driver: '%s' is unknown\n", value);
	exit(2);
}

static void set_route(struct job *job, const char *value)
{
	static const char *const names[] = {"auto", "clone3", "vfork", "fork"};

	job->args.route = number_of(value, names, COUNT(names));
}

static void set_userns(struct job *job, const char *value)
{
	static const char *const names[] = {"auto", "never", "always"};

	job->userns = job->args.userns = number_of(value, names, COUNT(names));
}

static void warm_up(struct job *job, const char *value)
{
	const char *argv[] = {program, "warm", NULL};
	struct timens_spawn_args args = {.argv = argv,
					 .offsets = &job_offsets,
					 .offsets_size = sizeof job_offsets,
					 .userns = job->userns};
	static const struct timens_fd fds[] = {{1, TIMENS_FD_NULL}};

	(void)value;
	args.fds = fds;
	args.fds_count = 1;
	if (timens_spawn(&args, sizeof args, &process, &error) < 0 ||
	    timens_wait(&process, NULL, NULL, &error) < 0)
		give_up("a start");
}

static void set_hold(struct job *job, const char *value)
{
	(void)value;
	job->hold = 1;
}

static void set_again(struct job *job, const char *value)
{
	(void)value;
	job->again = 1;
}

static void set_repeat(struct job *job, const char *value)
{
	job->repeat = atoi(value);
}

static void set_burn(struct job *job, const char *value)
{
	job->burn_nr = atoi(value);
	job->burn_count = atoi(strchr(value, ':') + 1);
}

static void take_word(struct job *job, char *word)
{
	static const struct {
		const char *key;
		void (*take)(struct job *job, const char *value);
	} words[] = {
		{"route", set_route}, {"userns", set_userns}, {"with", choose_options},
		{"warm", warm_up},    {"hold", set_hold},     {"again", set_again},
		{"burn", set_burn},   {"repeat", set_repeat},
	};
	char *value = strchr(word, '=');

	if (value)
		*value++ = '\0';
	for (size_t i = 0; i < COUNT(words); i++) {
		if (strcmp(word, words[i].key) != 0)
			continue;
		words[i].take(job, value);
		return;
	}
	if (!set_condition(word, value)) {
		fprintf(stderr, "driver: word '%s' is unknown\n", word);
		exit(2);
	}
}

/* -- The run -- */

/* These two by calls that the library does not make: a fault for the child's first write would
 * meet the caller's first one too. */
static void say(const char *text)
{
	const struct iovec line = {(void *)text, strlen(text)};

	while (writev(1, &line, 1) < 0)
		if (errno != EINTR)
			_exit(2);
}

static void wait_for_go(void)
{
	const struct iovec byte = {(char[1]){0}, 1};
	fd_set in;

	do {
		FD_ZERO(&in);
		FD_SET(0, &in);
	} while (pselect(1, &in, NULL, NULL, NULL, NULL) < 0);
	if (readv(0, &byte, 1) < 0)
		_exit(2);
}

static void burn(const struct job *job)
{
	for (int i = 0; i < job->burn_count; i++)
		syscall(job->burn_nr, -1L, -1L, -1L, -1L, -1L, -1L);
}

static void check_error(int result, json_t *report, json_t *broken)
{
	char text[TIMENS_ERROR_TEXT_MAX] = "";

	if (result >= 0 && error.errnum != POISON)
		complain(broken, "error written on success");
	if (result >= 0 || error.errnum == POISON)
		return;
	if (error.errnum != -result)
		complain(broken, "result %d with errno %d", result, error.errnum);
	timens_error_text(&error, text, sizeof text);
	json_object_set_new(report, "stage", json_string(timens_stage_name(error.stage)));
	json_object_set_new(report, "text", json_string(text));
}

static void put_line(json_t *report)
{
	char *text = json_dumps(report, JSON_COMPACT), *line;

	if (asprintf(&line, "%s\n", text) < 0)
		_exit(2);
	say(line);
	free(line);
	free(text);
	json_decref(report);
}

static json_t *make_once(const struct call *call, struct job *job)
{
	json_t *broken = json_array(), *report = json_object(), *before, *after;
	siginfo_t ended;
	int result, kept;

	sigchld_count = 0;
	error.errnum = POISON;
	before = take_state();
	call->prepare(job);
	sigchld_count = 0;
	if (call->make == make_spawn)
		process = (struct timens_process){.pid = POISON, .pidfd = POISON};
	if (job->hold) {
		say("ready\n");
		wait_for_go();
	}
	burn(job);
	json_object_set_new(report, "before", read_clocks());
	set_limit(1);
	MARK_BEGIN();
	errno = ERRNO_BEFORE;
	result = call->make(job);
	kept = errno;
	MARK_END();
	set_limit(0);
	/* The child of clone3 goes on with what is left of the call. */
	if (result > 0)
		waitid(P_PID, (id_t)result, &ended, WEXITED | WNOWAIT | __WALL);
	if (job->hold) {
		say("called\n");
		wait_for_go();
	}
	json_object_set_new(report, "who", json_string("driver"));
	json_object_set_new(report, "result", json_integer(result));
	if (kept != ERRNO_BEFORE)
		complain(broken, "errno is %d", kept);
	check_error(result, report, broken);
	call->check(job, result, report, broken);
	json_object_set_new(report, "after", read_clocks());
	check_children(broken);
	after = take_state();
	compare_states(before, after, result < 0 ? call->changes_on_error : call->changes, broken);
	json_decref(before);
	json_decref(after);
	json_object_set_new(report, "broken", broken);
	return report;
}

/* A caller that has met a fault starts as before. */
static void start_again(const struct job *job)
{
	const char *argv[] = {program, "again", NULL};
	struct job next = {.with = "plain", .userns = job->userns};

	next.args = (struct timens_spawn_args){.argv = argv,
					       .offsets = &job_offsets,
					       .offsets_size = sizeof job_offsets,
					       .userns = job->userns};
	put_line(make_once(&calls[0], &next));
}

int main(int argc, char **argv)
{
	const struct sigaction on_sigchld = {.sa_handler = count_sigchld};
	const char *arguments[] = {program, "asked", NULL};
	struct job job = {.with = "plain", .repeat = 1};
	const struct call *call = calls;
	sigset_t mask;

	if (argc < 2 || !getenv("FAULTS_PROGRAMS"))
		return 2;
	while (call < calls + COUNT(calls) && strcmp(call->name, argv[1]) != 0)
		call++;
	if (call == calls + COUNT(calls))
		return 2;
	snprintf(program, sizeof program, "%s/observer", getenv("FAULTS_PROGRAMS"));
	sigaction(SIGCHLD, &on_sigchld, NULL);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&mask);
	sigaddset(&mask, SIGWINCH);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	/* A campaign that is killed leaves none behind. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* A tracer need not be our parent. */
	prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
	job.args = (struct timens_spawn_args){
		.argv = arguments, .offsets = &job_offsets, .offsets_size = sizeof job_offsets};
	for (int i = 2; i < argc; i++)
		take_word(&job, argv[i]);
	for (int i = 0; i < job.repeat; i++)
		put_line(make_once(call, &job));
	if (job.again)
		start_again(&job);
	return 0;
}
