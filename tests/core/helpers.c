/* SPDX-License-Identifier: MIT */
#include "helpers.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* -- The run -- */

int need_programs(void **state)
{
	if (getenv("TIMENS_TEST_PROGRAMS"))
		return 0;
	print_error("TIMENS_TEST_PROGRAMS is not set: the folder with the program `clocks`\n");
	return -1;
}

const char *test_program(const char *name)
{
	static char path[PATH_MAX];

	snprintf(path, sizeof path, "%s/%s", getenv("TIMENS_TEST_PROGRAMS"), name);
	return path;
}

/* -- Times -- */

struct timens_timespec now(clockid_t clock)
{
	struct timespec t = {0, 0};

	clock_gettime(clock, &t);
	return (struct timens_timespec){t.tv_sec, t.tv_nsec};
}

struct timens_timespec add_spans(struct timens_timespec a, struct timens_timespec b)
{
	struct timens_timespec sum = {a.tv_sec + b.tv_sec, a.tv_nsec + b.tv_nsec};

	if (sum.tv_nsec >= 1000000000) {
		sum.tv_nsec -= 1000000000;
		sum.tv_sec++;
	}
	return sum;
}

struct timens_timespec subtract_spans(struct timens_timespec a, struct timens_timespec b)
{
	struct timens_timespec minus_b = {-b.tv_sec, 0};

	if (b.tv_nsec) {
		minus_b.tv_sec--;
		minus_b.tv_nsec = 1000000000 - b.tv_nsec;
	}
	return add_spans(a, minus_b);
}

int compare_spans(struct timens_timespec a, struct timens_timespec b)
{
	if (a.tv_sec != b.tv_sec)
		return a.tv_sec < b.tv_sec ? -1 : 1;
	return (a.tv_nsec > b.tv_nsec) - (a.tv_nsec < b.tv_nsec);
}

struct timens_offsets add_offsets(struct timens_offsets a, struct timens_offsets b)
{
	return (struct timens_offsets){
		.clock_boottime = add_spans(a.clock_boottime, b.clock_boottime),
		.clock_monotonic = add_spans(a.clock_monotonic, b.clock_monotonic),
	};
}

struct timens_offsets own_offsets(void)
{
	struct timens_offsets own;
	struct timens_error error;

	assert_int_equal(timens_read(0, &own, sizeof own, &error), 0);
	return own;
}

void assert_offsets_equal(struct timens_offsets found, struct timens_offsets expected)
{
	assert_int_equal(found.clock_boottime.tv_sec, expected.clock_boottime.tv_sec);
	assert_int_equal(found.clock_boottime.tv_nsec, expected.clock_boottime.tv_nsec);
	assert_int_equal(found.clock_monotonic.tv_sec, expected.clock_monotonic.tv_sec);
	assert_int_equal(found.clock_monotonic.tv_nsec, expected.clock_monotonic.tv_nsec);
}

/* -- Starts -- */

static int read_all(int fd, char *buf, size_t size)
{
	size_t length = 0;
	ssize_t n;

	while ((n = read(fd, buf + length, size - 1 - length)) != 0) {
		if (n > 0)
			length += (size_t)n;
		else if (errno != EINTR)
			return -errno;
	}
	buf[length] = '\0';
	return 0;
}

/* The caller's map, and standard output to the pipe. */
static int spawn_into(int pipe_end, const struct timens_spawn_args *args, struct capture *c)
{
	struct timens_spawn_args with_pipe = *args;
	struct timens_fd fds[16] = {{.target = 1, .source = pipe_end}};

	if (args->fds_count >= COUNT(fds))
		return -E2BIG;
	if (args->fds_count)
		memcpy(fds + 1, args->fds, args->fds_count * sizeof *fds);
	with_pipe.fds = fds;
	with_pipe.fds_count = args->fds_count + 1;
	return timens_spawn(&with_pipe, sizeof with_pipe, &c->process, &c->error);
}

int capture(const struct timens_spawn_args *args, struct capture *c)
{
	int ends[2], r, waited;

	memset(c, 0, sizeof *c);
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	c->result = spawn_into(ends[1], args, c);
	close(ends[1]);
	if (c->result < 0) {
		close(ends[0]);
		return c->result;
	}
	r = read_all(ends[0], c->out, sizeof c->out);
	close(ends[0]);
	waited = timens_wait(&c->process, NULL, &c->status, &c->error);
	return r < 0 ? r : waited;
}

static const char *text_of(const struct timens_error *error)
{
	static char text[TIMENS_ERROR_TEXT_MAX];
	int length = timens_error_text(error, text, sizeof text);

	assert_in_range(length, 1, sizeof text - 1);
	return text;
}

const char *assert_runs(const struct timens_spawn_args *args, struct capture *c)
{
	int r = capture(args, c);

	if (r < 0)
		fail_msg("%s: %s", args->argv[0], text_of(&c->error));
	if (!WIFEXITED(c->status) || WEXITSTATUS(c->status))
		fail_msg("%s: wait status 0x%x, output '%s'", args->argv[0], (unsigned)c->status,
			 c->out);
	return c->out;
}

/* Presence first: the count of what was read, then the values. */
static void assert_readings(const char *out, struct timens_timespec *monotonic,
			    struct timens_timespec *boottime)
{
	const char *at = strstr(out, "reading ");
	int n;

	assert_non_null(at);
	n = sscanf(at, "reading monotonic %ld %ld reading boottime %ld %ld", &monotonic->tv_sec,
		   &monotonic->tv_nsec, &boottime->tv_sec, &boottime->tv_nsec);
	assert_int_equal(n, 4);
}

void assert_between(struct timens_timespec low, struct timens_timespec x,
		    struct timens_timespec high)
{
	if (compare_spans(x, low) < 0 || compare_spans(x, high) > 0)
		fail_msg("%ld.%09ld is not in %ld.%09ld to %ld.%09ld", x.tv_sec, x.tv_nsec,
			 low.tv_sec, low.tv_nsec, high.tv_sec, high.tv_nsec);
}

void assert_clocks(const struct timens_spawn_args *args, struct capture *c,
		   struct timens_offsets own)
{
	const struct timens_offsets *asked = args->offsets;
	struct timens_timespec monotonic, boottime, m = now(CLOCK_MONOTONIC),
						    b = now(CLOCK_BOOTTIME);
	struct timens_spawn_args clocks = *args;
	struct timens_offsets shown;

	clocks.argv = ARGV(test_program("clocks"));
	assert_runs(&clocks, c);
	assert_int_equal(parse_offsets(c->out, &shown), 0);
	assert_offsets_equal(shown, add_offsets(own, *asked));
	assert_readings(c->out, &monotonic, &boottime);
	assert_between(add_spans(m, asked->clock_monotonic), monotonic,
		       add_spans(now(CLOCK_MONOTONIC), asked->clock_monotonic));
	assert_between(add_spans(b, asked->clock_boottime), boottime,
		       add_spans(now(CLOCK_BOOTTIME), asked->clock_boottime));
}

const char *assert_fails(const struct timens_spawn_args *args, int stage, int errnum)
{
	const struct timens_process untouched = {.pid = -7, .pidfd = -8, .route = 9};
	struct timens_process process = untouched;
	struct timens_error error = {.stage = -1};
	int r = timens_spawn(args, sizeof *args, &process, &error);

	if (r == 0)
		fail_msg("the start of %s was to fail", args->argv ? args->argv[0] : "nothing");
	assert_int_equal(-r, errnum);
	assert_int_equal(error.errnum, errnum);
	assert_string_equal(timens_stage_name(error.stage), timens_stage_name(stage));
	assert_memory_equal(&process, &untouched, sizeof process);
	return text_of(&error);
}

void assert_sleeper(struct timens_process *process, const struct timens_offsets *offsets)
{
	/* cat ends with its input, so with us: the other end is never handed on. */
	static int ends[2] = {-1, -1};
	struct timens_fd input;
	struct timens_spawn_args args = {.argv = ARGV("cat"), .fds = &input, .fds_count = 1};
	struct timens_error error;

	if (ends[0] < 0)
		assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	input = (struct timens_fd){.target = 0, .source = ends[0]};
	args.offsets = offsets;
	args.offsets_size = offsets ? sizeof *offsets : 0;
	assert_int_equal(timens_spawn(&args, sizeof args, process, &error), 0);
}

void assert_ended(struct timens_process *process)
{
	struct timens_error error;
	int status;

	assert_int_equal(timens_kill(process, SIGKILL, &error), 0);
	assert_int_equal(timens_wait(process, NULL, &status, &error), 0);
	assert_true(WIFSIGNALED(status));
}

int parse_offsets(const char *text, struct timens_offsets *o)
{
	int n = sscanf(text, "monotonic %ld %ld boottime %ld %ld", &o->clock_monotonic.tv_sec,
		       &o->clock_monotonic.tv_nsec, &o->clock_boottime.tv_sec,
		       &o->clock_boottime.tv_nsec);

	return n == 4 ? 0 : -EINVAL;
}

struct routes routes_here(void)
{
	struct timens_support support;
	struct timens_error error;
	struct routes r = {0};

	assert_int_equal(timens_support(&support, sizeof support, &error), 0);
	if (!support.available)
		fail_msg("no time namespaces here: %s", text_of(&error));
	if (support.exec_enters == 1 && support.clone3 == 1)
		r.route[r.count++] = TIMENS_ROUTE_CLONE3;
	if (support.exec_enters == 1)
		r.route[r.count++] = TIMENS_ROUTE_VFORK;
	r.route[r.count++] = TIMENS_ROUTE_FORK;
	return r;
}

void assert_route_here(unsigned route)
{
	struct routes r = routes_here();

	for (unsigned i = 0; i < r.count; i++)
		if (r.route[i] == route)
			return;
	skip_because("on this kernel exec does not enter a pending time namespace, or clone3 is "
		     "refused");
}

void on_each_route(void (*check)(struct timens_spawn_args *args))
{
	static const struct timens_offsets asked = {{86400, 1}, {172800, 2}};
	struct routes routes = routes_here();

	for (unsigned i = 0; i < routes.count; i++) {
		struct timens_spawn_args args = {WITH(&asked), .route = routes.route[i]};

		check(&args);
	}
}

/* -- Looking around -- */

int count_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int count = 0;

	assert_non_null(dir);
	for (const struct dirent *e; (e = readdir(dir));)
		count += e->d_name[0] != '.';
	closedir(dir);
	return count - 1;
}

static int count_words(const char *path)
{
	FILE *file = fopen(path, "re");
	int count = 0;

	/* The thread may have ended meanwhile. */
	if (!file)
		return 0;
	while (fscanf(file, "%*s") != EOF)
		count++;
	fclose(file);
	return count;
}

int count_children(void)
{
	DIR *dir = opendir("/proc/self/task");
	char path[300];
	int count = 0;

	assert_non_null(dir);
	assert_int_equal(access("/proc/thread-self/children", R_OK), 0);
	for (const struct dirent *e; (e = readdir(dir));) {
		snprintf(path, sizeof path, "/proc/self/task/%s/children", e->d_name);
		if (e->d_name[0] != '.')
			count += count_words(path);
	}
	closedir(dir);
	return count;
}

const char *assert_link(const char *path, char buf[64])
{
	ssize_t n = readlink(path, buf, 63);

	assert_in_range(n, 1, 62);
	buf[n] = '\0';
	return buf;
}

uint64_t assert_status_mask(const char *status, const char *member)
{
	const char *at = strstr(status, member);
	unsigned long mask;

	assert_non_null(at);
	assert_int_equal(sscanf(at + strlen(member), ": %lx", &mask), 1);
	return mask;
}

json_t *assert_vectors(const char *file, const char *member)
{
	/* Elsewhere than at the build in another machine. */
	const char *folder = getenv("TIMENS_TEST_VECTORS");
	char path[PATH_MAX];
	json_error_t error;
	json_t *root, *list;

	snprintf(path, sizeof path, "%s/%s", folder ? folder : TEST_VECTORS, file);
	root = json_load_file(path, 0, &error);
	if (!root)
		fail_msg("%s:%d: %s", path, error.line, error.text);
	list = json_incref(json_object_get(root, member));
	json_decref(root);
	assert_true(json_is_array(list) && json_array_size(list) > 0);
	return list;
}

void assert_contains_at(const char *text, const char *part, const char *file, int line)
{
	if (strstr(text, part))
		return;
	print_error("'%s' is not in '%s'\n", part, text);
	_fail(file, line);
}

/* -- Files -- */

static char root[24];

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

void remove_folder(const char *path)
{
	nftw(path, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

static void remove_root(void)
{
	remove_folder(root);
}

/* All stand in one that goes away with the process: a failed assertion jumps over the end of its
 * test. Child processes of the suite leave by _exit, and so do not take it away. */
void make_folder(char path[32])
{
	if (!*root) {
		snprintf(root, sizeof root, "/tmp/timens-test-XXXXXX");
		assert_non_null(mkdtemp(root));
		assert_int_equal(atexit(remove_root), 0);
	}
	snprintf(path, 32, "%s/XXXXXX", root);
	assert_non_null(mkdtemp(path));
}

void make_file(const char *folder, const char *name, const char *text, unsigned mode)
{
	int dir = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
	close(dir);
}
