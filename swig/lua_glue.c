/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* pipe2, ppoll, O_PATH, pthread_sigmask */
#include "lua_glue.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434 /* on every architecture */
#endif

/* -- Arguments and failures -- */

const char *glue_take_bytes(lua_State *L, int index, const char *name, size_t *size)
{
	*size = 0;
	if (lua_isnoneornil(L, index))
		return NULL;
	if (lua_type(L, index) != LUA_TSTRING)
		luaL_error(L, "%s: expected a string, got %s", name, luaL_typename(L, index));
	return lua_tolstring(L, index, size);
}

const char *glue_take_string(lua_State *L, int index, const char *name)
{
	size_t size;
	const char *string = glue_take_bytes(L, index, name, &size);

	if (string && strlen(string) != size)
		luaL_error(L, "%s: has a zero byte inside", name);
	return string;
}

const char *const *glue_take_strings(lua_State *L, int index, const char *name)
{
	const char **array;
	size_t count;

	if (lua_isnoneornil(L, index))
		return NULL;
	luaL_checktype(L, index, LUA_TTABLE);
	count = lua_rawlen(L, index);
	luaL_argcheck(L, count < INT_MAX, index, "is too long");
	array = lua_newuserdatauv(L, (count + 1) * sizeof *array, 1);
	for (int i = 1; i <= (int)count; i++) {
		lua_rawgeti(L, index, i);
		if (lua_type(L, -1) != LUA_TSTRING)
			luaL_error(L, "%s: element %d is not a string but a %s", name, i,
				   luaL_typename(L, -1));
		array[i - 1] = glue_take_string(L, -1, name);
		lua_pop(L, 1);
	}
	array[count] = NULL;
	lua_pushvalue(L, index);
	lua_setiuservalue(L, -2, 1);
	lua_replace(L, index);
	return array;
}

int64_t glue_take_integer(lua_State *L, int index)
{
#if LUA_VERSION_NUM >= 503
	return luaL_checkinteger(L, index);
#else
	/* Their luaL_checkinteger cuts a fraction off, and gives anything for what does not fit. */
	const lua_Number limit = 9223372036854775808.0; /* 2^63 */
	lua_Number number = luaL_checknumber(L, index);

	luaL_argcheck(L,
		      number >= -limit && number < limit && number == (lua_Number)(int64_t)number,
		      index, "is no integer of 64 bits");
	return (int64_t)number;
#endif
}

int glue_push_failure(lua_State *L, const struct timens_error *error)
{
	char text[TIMENS_ERROR_TEXT_MAX];

	timens_error_text(error, text, sizeof text);
	lua_pushnil(L);
	lua_pushstring(L, text);
	lua_pushinteger(L, error->errnum);
	lua_pushstring(L, timens_stage_name(error->stage));
	return 4;
}

static int push_errno(lua_State *L)
{
	int errnum = errno;

	lua_pushnil(L);
	lua_pushstring(L, strerror(errnum));
	lua_pushinteger(L, errnum);
	return 3;
}

/* -- Numbers as the bytes of C structs -- */

/* A float only where it stands for "without limit". */
static uint64_t take_unsigned(lua_State *L, int index)
{
	if (lua_tonumber(L, index) == (lua_Number)INFINITY)
		return UINT64_MAX;
	return (uint64_t)glue_take_integer(L, index);
}

#define PACK_MAX 32

int glue_pack(lua_State *L)
{
	const char *format = luaL_checkstring(L, 1);
	char bytes[PACK_MAX * sizeof(uint64_t)], *at = bytes;

	luaL_argcheck(L, strlen(format) <= PACK_MAX, 1, "is too long");
	for (int i = 0; format[i]; i++) {
		uint64_t value = take_unsigned(L, i + 2);
		uint32_t half = (uint32_t)value;

		luaL_argcheck(L,
			      format[i] == '8' || (int64_t)value == half ||
				      (int64_t)value == (int32_t)half,
			      i + 2, "does not fit into 32 bits");
		memcpy(at, format[i] == '8' ? (void *)&value : &half, format[i] == '8' ? 8 : 4);
		at += format[i] == '8' ? 8 : 4;
	}
	lua_pushlstring(L, bytes, (size_t)(at - bytes));
	return 1;
}

int glue_pack_signals(lua_State *L)
{
	uint64_t set = 0;

	luaL_checktype(L, 1, LUA_TTABLE);
	for (int i = 1; i <= (int)lua_rawlen(L, 1); i++) {
		int64_t number;

		lua_rawgeti(L, 1, i);
		number = glue_take_integer(L, -1);
		luaL_argcheck(L, number >= 1 && number <= 64, 1, "has a number that is no signal");
		set |= UINT64_C(1) << (number - 1);
		lua_pop(L, 1);
	}
	lua_pushlstring(L, (const char *)&set, sizeof set);
	return 1;
}

/* -- SIGPIPE: a program that ended early must not end this one -- */

struct sigpipe {
	sigset_t mask;
	int was_pending;
};

static void hold_sigpipe(struct sigpipe *s)
{
	sigset_t set;

	sigpending(&set);
	s->was_pending = sigismember(&set, SIGPIPE);
	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &set, &s->mask);
}

/* Takes back the one that came meanwhile. Keeps errno. */
static void release_sigpipe(const struct sigpipe *s)
{
	const struct timespec now = {0, 0};
	int errnum = errno;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	if (!s->was_pending)
		while (sigtimedwait(&set, NULL, &now) < 0 && errno == EINTR)
			;
	pthread_sigmask(SIG_SETMASK, &s->mask, NULL);
	errno = errnum;
}

/* -- Pipes as Lua files -- */

/* Closing writes what is still in the buffer. */
static int close_stream(lua_State *L)
{
	luaL_Stream *stream = luaL_checkudata(L, 1, LUA_FILEHANDLE);
	FILE *file = stream->f;
	struct sigpipe sigpipe;
	int r;

	stream->f = NULL;
	hold_sigpipe(&sigpipe);
	r = fclose(file);
	release_sigpipe(&sigpipe);
	if (r != 0)
		return push_errno(L);
	lua_pushboolean(L, 1);
	return 1;
}

#if LUA_VERSION_NUM >= 502

/* A closed file, as long as it has no closef. */
static luaL_Stream *push_stream(lua_State *L)
{
	luaL_Stream *stream = lua_newuserdatauv(L, sizeof *stream, 1);

	stream->f = NULL;
	stream->closef = NULL;
	luaL_setmetatable(L, LUA_FILEHANDLE);
	return stream;
}

static int open_stream(luaL_Stream *stream, int fd, const char *mode)
{
	stream->f = fdopen(fd, mode);
	if (!stream->f)
		return -1;
	stream->closef = close_stream;
	return 0;
}

#else

static int is_luajit(lua_State *L)
{
	int yes;

	lua_getfield(L, LUA_REGISTRYINDEX, "_LOADED");
	lua_getfield(L, -1, "jit");
	yes = lua_istable(L, -1);
	lua_pop(L, 2);
	return yes;
}

/* What a file is beyond its stream only the interpreter's own io.open knows. In Lua 5.1 its
 * environment says how it is closed. */
static luaL_Stream *push_stream(lua_State *L)
{
	lua_getfield(L, LUA_REGISTRYINDEX, "_LOADED");
	lua_getfield(L, -1, LUA_IOLIBNAME);
	luaL_checktype(L, -1, LUA_TTABLE);
	lua_getfield(L, -1, "open");
	lua_pushliteral(L, "/dev/null");
	lua_call(L, 1, 1);
	luaL_checkudata(L, -1, LUA_FILEHANDLE);
	lua_replace(L, -3);
	lua_pop(L, 1);
	if (!is_luajit(L)) {
		lua_newtable(L);
		lua_pushcfunction(L, close_stream);
		lua_setfield(L, -2, "__close");
		lua_setfenv(L, -2);
	}
	return lua_touserdata(L, -1);
}

static int open_stream(luaL_Stream *stream, int fd, const char *mode)
{
	FILE *file = fdopen(fd, mode);

	if (!file)
		return -1;
	fclose(stream->f);
	stream->f = file;
	return 0;
}

#endif

/* The userdata come first: a lack of memory raises an error, and must not lose a descriptor. */
int glue_pipe(lua_State *L)
{
	luaL_Stream *reader = push_stream(L), *writer = push_stream(L);
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return push_errno(L);
	if (open_stream(reader, ends[0], "r") < 0) {
		close(ends[0]);
		close(ends[1]);
		return push_errno(L);
	}
	if (open_stream(writer, ends[1], "w") < 0) {
		close(ends[1]);
		return push_errno(L);
	}
#if LUA_VERSION_NUM < 502
	/* LuaJIT closes by itself, where nobody holds a SIGPIPE back for what is in a buffer. */
	if (is_luajit(L))
		setvbuf(writer->f, NULL, _IONBF, 0);
#endif
	return 2;
}

int glue_fileno(lua_State *L)
{
	luaL_Stream *stream = luaL_checkudata(L, 1, LUA_FILEHANDLE);

	if (glue_is_closed(stream))
		return luaL_error(L, "the file is closed");
	lua_pushinteger(L, fileno(stream->f));
	return 1;
}

int glue_close(lua_State *L)
{
	close((int)luaL_checkinteger(L, 1));
	return 0;
}

int glue_open_folder(lua_State *L)
{
	int fd = open(luaL_checkstring(L, 1), O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return push_errno(L);
	lua_pushinteger(L, fd);
	return 1;
}

/* -- Both ends of a conversation, without a deadlock -- */

int glue_poll(lua_State *L)
{
	struct pollfd fds[] = {
		{.fd = (int)luaL_checkinteger(L, 1), .events = POLLOUT},
		{.fd = (int)luaL_checkinteger(L, 2), .events = POLLIN},
		{.fd = (int)luaL_checkinteger(L, 3), .events = POLLIN},
	};
	int64_t left = glue_take_integer(L, 4);
	struct timespec limit = {left / 1000000000, left % 1000000000};
	int r = ppoll(fds, 3, left < 0 ? NULL : &limit, NULL);

	if (r < 0 && errno != EINTR)
		return push_errno(L);
	for (int i = 0; i < 3; i++)
		lua_pushboolean(L, r > 0 && fds[i].revents != 0);
	return 3;
}

#define READ_SIZE 65536 /* what a pipe holds at most, unless it was made larger */

int glue_read_some(lua_State *L)
{
	int fd = (int)luaL_checkinteger(L, 1);
	char *buffer = lua_newuserdatauv(L, READ_SIZE, 0);
	ssize_t n;

	do
		n = read(fd, buffer, READ_SIZE);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return push_errno(L);
	lua_pushlstring(L, buffer, (size_t)n);
	return 1;
}

int glue_write_some(lua_State *L)
{
	int fd = (int)luaL_checkinteger(L, 1);
	size_t length, start;
	const char *text = luaL_checklstring(L, 2, &length);
	struct sigpipe sigpipe;
	ssize_t n;

	start = (size_t)luaL_checkinteger(L, 3) - 1;
	luaL_argcheck(L, start < length, 3, "past the end of the text");
	length -= start;
	hold_sigpipe(&sigpipe);
	/* poll says "ready" when one page is free. */
	n = write(fd, text + start, length < PIPE_BUF ? length : PIPE_BUF);
	release_sigpipe(&sigpipe);
	if (n < 0 && errno != EPIPE)
		return push_errno(L);
	lua_pushinteger(L, n < 0 ? 0 : n);
	return 1;
}

/* -- Time, numbers by their names -- */

int glue_monotonic(lua_State *L)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	lua_pushinteger(L, (lua_Integer)now.tv_sec * 1000000000 + now.tv_nsec);
	return 1;
}

/* The numbers differ between architectures. */
struct name {
	const char *name;
	int number;
};

static const struct name signal_names[] = {
	{"HUP", SIGHUP},       {"INT", SIGINT},	  {"QUIT", SIGQUIT}, {"ILL", SIGILL},
	{"TRAP", SIGTRAP},     {"ABRT", SIGABRT}, {"BUS", SIGBUS},   {"FPE", SIGFPE},
	{"KILL", SIGKILL},     {"USR1", SIGUSR1}, {"SEGV", SIGSEGV}, {"USR2", SIGUSR2},
	{"PIPE", SIGPIPE},     {"ALRM", SIGALRM}, {"TERM", SIGTERM}, {"CHLD", SIGCHLD},
	{"CONT", SIGCONT},     {"STOP", SIGSTOP}, {"TSTP", SIGTSTP}, {"TTIN", SIGTTIN},
	{"TTOU", SIGTTOU},     {"URG", SIGURG},	  {"XCPU", SIGXCPU}, {"XFSZ", SIGXFSZ},
	{"VTALRM", SIGVTALRM}, {"PROF", SIGPROF}, {"IO", SIGIO},     {"PWR", SIGPWR},
	{"WINCH", SIGWINCH},   {"SYS", SIGSYS},
};

static const struct name limit_names[] = {
	{"AS", RLIMIT_AS},
	{"CORE", RLIMIT_CORE},
	{"CPU", RLIMIT_CPU},
	{"DATA", RLIMIT_DATA},
	{"FSIZE", RLIMIT_FSIZE},
	{"LOCKS", RLIMIT_LOCKS},
	{"MEMLOCK", RLIMIT_MEMLOCK},
	{"MSGQUEUE", RLIMIT_MSGQUEUE},
	{"NICE", RLIMIT_NICE},
	{"NOFILE", RLIMIT_NOFILE},
	{"NPROC", RLIMIT_NPROC},
	{"RSS", RLIMIT_RSS},
	{"RTPRIO", RLIMIT_RTPRIO},
	{"RTTIME", RLIMIT_RTTIME},
	{"SIGPENDING", RLIMIT_SIGPENDING},
	{"STACK", RLIMIT_STACK},
};

static int push_names(lua_State *L, const struct name *names, size_t count)
{
	lua_createtable(L, 0, (int)count);
	for (size_t i = 0; i < count; i++) {
		lua_pushinteger(L, names[i].number);
		lua_setfield(L, -2, names[i].name);
	}
	return 1;
}

int glue_signals(lua_State *L)
{
	return push_names(L, signal_names, sizeof signal_names / sizeof *signal_names);
}

int glue_limits(lua_State *L)
{
	return push_names(L, limit_names, sizeof limit_names / sizeof *limit_names);
}

/* -- This process -- */

int glue_getpid(lua_State *L)
{
	lua_pushinteger(L, getpid());
	return 1;
}

/* What C still has in its buffers would otherwise be written by both. */
int glue_fork(lua_State *L)
{
	pid_t pid;
	int pidfd;

	fflush(NULL);
	pid = fork();
	if (pid < 0)
		return push_errno(L);
	lua_pushinteger(L, pid);
	if (pid == 0) {
		if (lua_toboolean(L, 1))
			setpgid(0, 0);
		return 1;
	}
	pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (pidfd < 0) {
		int errnum = errno;

		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		errno = errnum;
		return push_errno(L);
	}
	lua_pushinteger(L, pidfd);
	return 2;
}

int glue_kill_group(lua_State *L)
{
	kill(-(pid_t)luaL_checkinteger(L, 1), SIGKILL);
	return 0;
}

/* Without what exit(3) would do for the process this one is a copy of. */
int glue_leave(lua_State *L)
{
	fflush(NULL);
	_exit((int)luaL_checkinteger(L, 1));
}

/* -- The module -- */

/* SWIG links its static tables when the first interpreter opens the module; two of them at once, in
 * threads, would link them twice. An error must not leave the lock behind, so it is caught here. */
int luaopen_timens_core(lua_State *L)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	int failed;

	lua_pushcfunction(L, glue_open_module);
	pthread_mutex_lock(&lock);
	failed = lua_pcall(L, 0, 1, 0);
	pthread_mutex_unlock(&lock);
	return failed ? lua_error(L) : 1;
}
