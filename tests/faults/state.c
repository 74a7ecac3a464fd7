/* SPDX-License-Identifier: MIT */
#include "state.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LOOK_AT 256

static void set_number(json_t *state, const char *name, uint64_t value)
{
	json_object_set_new(state, name, json_sprintf("%llx", (unsigned long long)value));
}

static void set_link(json_t *state, const char *name, const char *path)
{
	char link[256];
	ssize_t n = readlink(path, link, sizeof link - 1);

	link[n < 0 ? 0 : n] = '\0';
	json_object_set_new(state, name, json_string(link));
}

static void set_namespaces(json_t *state)
{
	static const char *const names[] = {
		"time", "time_for_children", "user", "pid_for_children", "mnt", "cgroup"};
	char path[64];

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		snprintf(path, sizeof path, "/proc/self/ns/%s", names[i]);
		set_link(state, names[i], path);
	}
}

/* By number, kind and file. Asked for each: reading /proc/self/fd would take a /proc. */
static void set_descriptors(json_t *state)
{
	char name[32];
	struct stat st;

	for (int fd = 0; fd < LOOK_AT; fd++) {
		if (fstat(fd, &st) < 0)
			continue;
		snprintf(name, sizeof name, "descriptor %d", fd);
		json_object_set_new(state, name,
				    json_sprintf("%o %lx:%lu flags %x %x", st.st_mode, st.st_dev,
						 st.st_ino, fcntl(fd, F_GETFD),
						 fcntl(fd, F_GETFL)));
	}
}

static void set_signals(json_t *state)
{
	char name[32];
	sigset_t set;
	uint64_t bits = 0;

	sigprocmask(SIG_BLOCK, NULL, &set);
	memcpy(&bits, &set, sizeof bits);
	set_number(state, "signal mask", bits);
	sigpending(&set);
	memcpy(&bits, &set, sizeof bits);
	set_number(state, "pending signals", bits);
	for (int sig = 1; sig <= 64; sig++) {
		unsigned long act[4] = {0};

		/* The kernel's own, which has those that libc hides. */
		syscall(SYS_rt_sigaction, sig, NULL, act, 8);
		snprintf(name, sizeof name, "action of signal %d", sig);
		json_object_set_new(
			state, name,
			json_sprintf("%lx %lx %lx %lx", act[0], act[1], act[2], act[3]));
	}
}

static void set_limits(json_t *state)
{
	struct rlimit limit = {0, 0};
	char name[32];

	for (int resource = 0; resource < RLIM_NLIMITS; resource++) {
		getrlimit((enum __rlimit_resource)resource, &limit);
		snprintf(name, sizeof name, "limit %d", resource);
		json_object_set_new(state, name,
				    json_sprintf("%lx %lx", limit.rlim_cur, limit.rlim_max));
	}
}

static void set_ids(json_t *state)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct caps[2] = {{0}};
	uid_t r, e, s;

	getresuid(&r, &e, &s);
	json_object_set_new(state, "uid", json_sprintf("%u %u %u", r, e, s));
	getresgid(&r, &e, &s);
	json_object_set_new(state, "gid", json_sprintf("%u %u %u", r, e, s));
	set_number(state, "groups", (uint64_t)getgroups(0, NULL));
	syscall(SYS_capget, &head, caps);
	json_object_set_new(state, "capabilities",
			    json_sprintf("%x%x", caps[0].effective, caps[1].effective));
}

static void set_process(json_t *state)
{
	char cwd[256] = "";
	mode_t mask = umask(0);
	int death = 0, cancel = 0;

	umask(mask);
	set_number(state, "umask", mask);
	json_object_set_new(state, "cwd", json_string(getcwd(cwd, sizeof cwd) ? cwd : "?"));
	set_number(state, "niceness", (uint64_t)getpriority(PRIO_PROCESS, 0));
	set_number(state, "dumpable", (uint64_t)prctl(PR_GET_DUMPABLE));
	set_number(state, "no_new_privs", (uint64_t)prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	prctl(PR_GET_PDEATHSIG, &death);
	set_number(state, "death signal", (uint64_t)death);
	set_number(state, "session", (uint64_t)getsid(0));
	set_number(state, "group", (uint64_t)getpgid(0));
	pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &cancel);
	pthread_setcancelstate(cancel, NULL);
	set_number(state, "cancel state", (uint64_t)cancel);
}

json_t *take_state(void)
{
	json_t *state = json_object();

	set_namespaces(state);
	set_descriptors(state);
	set_signals(state);
	set_limits(state);
	set_ids(state);
	set_process(state);
	return state;
}

static int is_allowed(const char *name, const char *const *allowed)
{
	for (; *allowed; allowed++)
		if (!strcmp(name, *allowed))
			return 1;
	return 0;
}

static const char *text_of(const json_t *state, const char *name)
{
	const json_t *value = json_object_get(state, name);

	return value ? json_string_value(value) : "not there";
}

void compare_states(const json_t *before, const json_t *after, const char *const *allowed,
		    json_t *broken)
{
	json_t *all = json_copy((json_t *)before);
	const char *name, *was, *is;
	json_t *value;

	json_object_update_missing(all, (json_t *)after);
	json_object_foreach(all, name, value)
	{
		was = text_of(before, name);
		is = text_of(after, name);
		if (strcmp(was, is) != 0 && !is_allowed(name, allowed))
			json_array_append_new(broken,
					      json_sprintf("%s was %s and is %s", name, was, is));
	}
	json_decref(all);
}
