/* SPDX-License-Identifier: MIT */
/* Keeps `jobs` runs of a sweep going, and ends them all. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "message.h"
#include "sweep_child.h"
#include "sweep_strays.h"
#include "times.h"

#define TICK_NSEC (NSEC_PER_SEC / 10)

struct engine {
	const struct command *self;
	const struct sweep_settings *settings;
	char **argv;
	struct suite *suite;
	struct sweep_observer *observer;
	struct strays strays;
	size_t next_case, next_run;
	struct child *live;
	size_t live_count, live_max;
	struct pollfd *polled;
	struct live_view *views;
	int signals;  /* a signalfd */
	bool stopped; /* nothing more is started */
	int status;   /* what the sweep returns */
	int64_t next_tick;
};

/* -- Starting -- */

static struct run *next_run(struct engine *e, struct sweep_case **c)
{
	for (; e->next_case < e->suite->case_count; e->next_case++, e->next_run = 0) {
		*c = &e->suite->cases[e->next_case];
		if (e->next_run < (*c)->run_count)
			return &(*c)->runs[e->next_run++];
	}
	return NULL;
}

static void interrupt_all(struct engine *e)
{
	e->stopped = true;
	for (size_t i = 0; i < e->live_count; i++) {
		e->live[i].interrupted = !e->live[i].timed_out && !e->live[i].drained_at;
		child_terminate(&e->live[i]);
	}
}

static void start_some(struct engine *e)
{
	struct sweep_case *c;
	struct run *run;
	int status;

	while (!e->stopped && e->live_count < e->live_max) {
		run = next_run(e, &c);
		if (!run)
			return;
		/* Here no picture stands on the terminal that a complaint would get into: what
		 * made room for this start has wiped it. */
		status =
			child_start(e->self, e->settings, e->argv, c, run, &e->live[e->live_count]);
		if (status) {
			e->status = status;
			interrupt_all(e);
			return;
		}
		e->live_count++;
		e->next_tick = 0;
	}
}

/* -- Waiting -- */

static int64_t next_due(const struct engine *e)
{
	int64_t due = e->observer->tick ? e->next_tick : INT64_MAX, other;

	for (size_t i = 0; i < e->live_count; i++) {
		other = child_due(&e->live[i]);
		if (other < due)
			due = other;
	}
	return due;
}

static struct timespec until(int64_t due, int64_t now)
{
	int64_t left = due > now ? due - now : 0;

	return (struct timespec){left / NSEC_PER_SEC, left % NSEC_PER_SEC};
}

/* Those that are not waited for are -1, which poll leaves out. */
static void fill_polled(struct engine *e)
{
	e->polled[0] = (struct pollfd){.fd = e->signals, .events = POLLIN};
	for (size_t i = 0; i < e->live_count; i++) {
		e->polled[1 + 2 * i] =
			(struct pollfd){.fd = e->live[i].drained_at ? -1 : e->live[i].process.pidfd,
					.events = POLLIN};
		e->polled[2 + 2 * i] = (struct pollfd){.fd = e->live[i].pipe, .events = POLLIN};
	}
}

static void wait_for_events(struct engine *e)
{
	int64_t due = next_due(e);
	struct timespec left = until(due, time_now_ns());
	nfds_t count = (nfds_t)(1 + 2 * e->live_count);

	fill_polled(e);
	if (ppoll(e->polled, count, due == INT64_MAX ? NULL : &left, NULL) < 0)
		for (nfds_t i = 0; i < count; i++)
			e->polled[i].revents = 0;
}

/* -- What happened -- */

/* The second one does not wait for anybody. */
static void take_signal(struct engine *e)
{
	struct signalfd_siginfo info;

	if (read(e->signals, &info, sizeof info) != sizeof info)
		return;
	if (e->status == 0)
		e->status = 128 + (int)info.ssi_signo;
	if (!e->stopped) {
		interrupt_all(e);
		return;
	}
	for (size_t i = 0; i < e->live_count; i++)
		child_kill(&e->live[i]);
}

static void take_events(struct engine *e)
{
	if (e->polled[0].revents)
		take_signal(e);
	for (size_t i = 0; i < e->live_count; i++) {
		if (e->polled[2 + 2 * i].revents)
			child_read(&e->live[i]);
		if (e->polled[1 + 2 * i].revents)
			child_drain(&e->live[i]);
		child_act(&e->live[i], time_now_ns());
	}
}

/* The complaint comes when the picture is wiped. */
static void finish_one(struct engine *e, struct child *child)
{
	struct child ended = *child;
	const struct run *run = ended.run;
	int status;

	child_release(&ended);
	*child = e->live[--e->live_count];
	e->observer->finished(e->observer, ended.c, run);
	status = child_check_kept(e->self, &ended);
	if (e->status == 0)
		e->status = status;
	if (e->settings->fail_fast && !e->stopped &&
	    (run->outcome == OUTCOME_FAILED || run->outcome == OUTCOME_TIMED_OUT))
		interrupt_all(e);
}

static void finish_some(struct engine *e)
{
	for (size_t i = e->live_count; i-- > 0;) {
		if (child_is_done(&e->live[i], time_now_ns()))
			child_reap(&e->live[i]);
		if (child_is_gone(&e->live[i], time_now_ns()))
			finish_one(e, &e->live[i]);
	}
}

static void tick(struct engine *e)
{
	int64_t now = time_now_ns();

	if (!e->observer->tick || now < e->next_tick)
		return;
	for (size_t i = 0; i < e->live_count; i++)
		e->views[i] = (struct live_view){e->live[i].c, e->live[i].run,
						 (double)(now - e->live[i].started) /
							 (double)NSEC_PER_SEC};
	e->observer->tick(e->observer, e->views, e->live_count);
	e->next_tick = now + TICK_NSEC;
}

static bool is_live(const struct engine *e, pid_t pid)
{
	for (size_t i = 0; i < e->live_count; i++)
		if (e->live[i].process.pid == pid)
			return true;
	return false;
}

/* What left the session of its run and has ended became our child: a long sweep would fill the
 * table of processes with them. */
static void reap_others(const struct engine *e)
{
	siginfo_t info = {.si_pid = 0};

	while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid &&
	       !is_live(e, info.si_pid))
		waitpid(info.si_pid, NULL, WNOHANG);
}

static void loop(struct engine *e)
{
	start_some(e);
	while (e->live_count) {
		tick(e);
		wait_for_events(e);
		take_events(e);
		finish_some(e);
		if (e->live_count)
			reap_others(e);
		else
			strays_kill(&e->strays);
		start_some(e);
	}
}

/* -- The sweep -- */

/* What is ignored, as by nohup or in the background of a script, is left so: a blocked signal waits
 * for us to read it even then, and a hangup would end what was to outlive it. */
static void add_heard(sigset_t *set, int sig)
{
	struct sigaction action;

	if (sigaction(sig, NULL, &action) == 0 && action.sa_handler != SIG_IGN)
		sigaddset(set, sig);
}

static int open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	add_heard(&set, SIGINT);
	add_heard(&set, SIGTERM);
	add_heard(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	/* Ignored, as some callers have it, it would take our children's status away. */
	signal(SIGCHLD, SIG_DFL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static size_t count_all_runs(const struct suite *suite)
{
	size_t count = 0;

	for (size_t i = 0; i < suite->case_count; i++)
		count += suite->cases[i].run_count;
	return count;
}

static int open_engine(struct engine *e)
{
	size_t all = count_all_runs(e->suite);

	e->live_max = e->settings->jobs < all ? e->settings->jobs : all;
	e->live = calloc(e->live_max + 1, sizeof *e->live);
	e->views = calloc(e->live_max + 1, sizeof *e->views);
	e->polled = calloc(1 + 2 * e->live_max, sizeof *e->polled);
	e->signals = open_signals();
	return e->live && e->views && e->polled && e->signals >= 0 ? 0 : -1;
}

static void close_engine(struct engine *e)
{
	if (e->signals >= 0)
		close(e->signals);
	free(e->strays.before);
	free(e->live);
	free(e->views);
	free(e->polled);
}

int sweep_run(const struct command *self, const struct sweep_settings *settings, char **argv,
	      struct suite *suite, struct sweep_observer *observer)
{
	struct engine engine = {.self = self,
				.settings = settings,
				.argv = argv,
				.suite = suite,
				.observer = observer,
				.strays = strays_begin()};
	int64_t begin = time_now_ns();

	if (open_engine(&engine) < 0)
		engine.status = complain(self, "not enough memory or descriptors");
	else
		loop(&engine);
	close_engine(&engine);
	suite->seconds = time_since(begin);
	return engine.status;
}
