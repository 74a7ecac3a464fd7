/* SPDX-License-Identifier: MIT */
/* Starts from many threads without pause, while others fork, open files, change the environment,
 * and signals fly. */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "load.h"

#define STARTERS     64
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static atomic_int stopped;
static atomic_long starts[4], wrong, forks, files, settings, signals;
static _Atomic(int) first_wrong;

static void on_signal(int sig)
{
	(void)sig;
	atomic_fetch_add_explicit(&signals, 1, memory_order_relaxed);
}

/* Of four, two take the route of `auto`; the others the other ones. */
static void *start_programs(void *arg)
{
	static const unsigned routes[] = {TIMENS_ROUTE_AUTO, TIMENS_ROUTE_VFORK, TIMENS_ROUTE_FORK,
					  TIMENS_ROUTE_AUTO};
	unsigned route = routes[(uintptr_t)arg % COUNT(routes)];
	struct timens_error error = {0};
	struct start s;
	int r;

	while (!stopped) {
		make_start(&s, 1 + (int)(uintptr_t)arg, -1, -1);
		r = run_start(&s, route, &error);
		starts[route]++;
		if (r == 0)
			continue;
		wrong++;
		first_wrong = r;
		if (r < 0)
			fprintf(stderr, "load: route %s: stage %s: %s\n", timens_route_name(route),
				timens_stage_name(error.stage), strerror(error.errnum));
	}
	return NULL;
}

/* Its child holds copies of all descriptors for a moment, those of starts under way among them. */
static void *fork_children(void *arg)
{
	(void)arg;
	while (!stopped) {
		pid_t pid = fork();

		if (pid == 0) {
			usleep(1000);
			_exit(0);
		}
		/* The handler runs here as well. */
		while (pid > 0 && waitpid(pid, NULL, 0) != pid)
			;
		forks += pid > 0;
	}
	return NULL;
}

/* Without close-on-exec, as careless libraries do. */
static void *open_files(void *arg)
{
	int ends[2], fd;

	(void)arg;
	while (!stopped) {
		fd = open("/dev/null", O_RDWR);
		if (pipe(ends) == 0) {
			close(ends[0]);
			close(ends[1]);
		}
		close(fd);
		files++;
	}
	return NULL;
}

/* The starts bring an environment of their own: timens.h. */
static void *change_environment(void *arg)
{
	char name[32], value[512];

	(void)arg;
	memset(value, 'x', sizeof value - 1);
	value[sizeof value - 1] = '\0';
	for (int i = 0; !stopped; i++) {
		snprintf(name, sizeof name, "LOAD_%d", i % 100);
		setenv(name, value, 1);
		unsetenv(name);
		settings++;
	}
	return NULL;
}

static void *send_signals(void *arg)
{
	(void)arg;
	while (!stopped) {
		kill(getpid(), SIGUSR1);
		usleep(50);
	}
	return NULL;
}

static void begin(pthread_t *thread, void *(*run)(void *), uintptr_t arg)
{
	if (pthread_create(thread, NULL, run, (void *)arg) != 0)
		abort();
}

void load_threads(int seconds)
{
	static void *(*const others[])(void *) = {fork_children, fork_children,	     open_files,
						  open_files,	 change_environment, send_signals};
	const struct sigaction act = {.sa_handler = on_signal};
	pthread_t threads[STARTERS + COUNT(others)];
	double end = seconds_now() + seconds;
	int fds = count_fds();

	sigaction(SIGUSR1, &act, NULL);
	for (size_t i = 0; i < STARTERS; i++)
		begin(&threads[i], start_programs, i);
	for (size_t i = 0; i < COUNT(others); i++)
		begin(&threads[STARTERS + i], others[i], i);
	while (seconds_now() < end)
		usleep(100000);
	stopped = 1;
	for (size_t i = 0; i < COUNT(threads); i++)
		pthread_join(threads[i], NULL);
	row(wrong == 0 && count_fds() == fds && !has_children() && starts[TIMENS_ROUTE_AUTO] > 0,
	    "threads that start without pause",
	    "%d for %d s: %ld starts by auto, %ld by vfork, %ld by fork, meanwhile %ld forks, "
	    "%ld opened files and pipes, %ld changes of the environment, %ld signals; wrong %ld "
	    "(%d), descriptors left %d",
	    STARTERS, seconds, starts[TIMENS_ROUTE_AUTO], starts[TIMENS_ROUTE_VFORK],
	    starts[TIMENS_ROUTE_FORK], forks, files, settings, signals, wrong, first_wrong,
	    count_fds() - fds);
}
