/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* pipe2, ppoll */
#include "lua_glue.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

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
	lua_Integer count;

	if (lua_isnoneornil(L, index))
		return NULL;
	luaL_checktype(L, index, LUA_TTABLE);
	count = luaL_len(L, index);
	array = lua_newuserdatauv(L, ((size_t)count + 1) * sizeof *array, 0);
	for (lua_Integer i = 1; i <= count; i++) {
		lua_rawgeti(L, index, i);
		if (lua_type(L, -1) != LUA_TSTRING)
			luaL_error(L, "%s: element %d is not a string but a %s", name, (int)i,
				   luaL_typename(L, -1));
		array[i - 1] = glue_take_string(L, -1, name);
		lua_pop(L, 1);
	}
	array[count] = NULL;
	return array;
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
	struct sigpipe sigpipe;
	int r;

	hold_sigpipe(&sigpipe);
	r = fclose(stream->f);
	release_sigpipe(&sigpipe);
	return luaL_fileresult(L, r == 0, NULL);
}

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
	return 2;
}

int glue_fileno(lua_State *L)
{
	luaL_Stream *stream = luaL_checkudata(L, 1, LUA_FILEHANDLE);

	if (!stream->closef)
		return luaL_error(L, "the file is closed");
	lua_pushinteger(L, fileno(stream->f));
	return 1;
}

int glue_close(lua_State *L)
{
	close((int)luaL_checkinteger(L, 1));
	return 0;
}

/* -- Both ends of a conversation, without a deadlock -- */

int glue_poll(lua_State *L)
{
	struct pollfd fds[] = {
		{.fd = (int)luaL_checkinteger(L, 1), .events = POLLOUT},
		{.fd = (int)luaL_checkinteger(L, 2), .events = POLLIN},
		{.fd = (int)luaL_checkinteger(L, 3), .events = POLLIN},
	};
	lua_Integer left = luaL_checkinteger(L, 4);
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
	luaL_Buffer buffer;
	char *at = luaL_buffinitsize(L, &buffer, READ_SIZE);
	ssize_t n;

	do
		n = read(fd, at, READ_SIZE);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return push_errno(L);
	luaL_pushresultsize(&buffer, (size_t)n);
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

/* -- Time and signals -- */

int glue_monotonic(lua_State *L)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	lua_pushinteger(L, (lua_Integer)now.tv_sec * 1000000000 + now.tv_nsec);
	return 1;
}

/* The numbers differ between architectures. */
static const struct signal_name {
	const char *name;
	int number;
} signal_names[] = {
	{"HUP", SIGHUP},       {"INT", SIGINT},	  {"QUIT", SIGQUIT}, {"ILL", SIGILL},
	{"TRAP", SIGTRAP},     {"ABRT", SIGABRT}, {"BUS", SIGBUS},   {"FPE", SIGFPE},
	{"KILL", SIGKILL},     {"USR1", SIGUSR1}, {"SEGV", SIGSEGV}, {"USR2", SIGUSR2},
	{"PIPE", SIGPIPE},     {"ALRM", SIGALRM}, {"TERM", SIGTERM}, {"CHLD", SIGCHLD},
	{"CONT", SIGCONT},     {"STOP", SIGSTOP}, {"TSTP", SIGTSTP}, {"TTIN", SIGTTIN},
	{"TTOU", SIGTTOU},     {"URG", SIGURG},	  {"XCPU", SIGXCPU}, {"XFSZ", SIGXFSZ},
	{"VTALRM", SIGVTALRM}, {"PROF", SIGPROF}, {"IO", SIGIO},     {"PWR", SIGPWR},
	{"WINCH", SIGWINCH},   {"SYS", SIGSYS},
};

int glue_signals(lua_State *L)
{
	lua_newtable(L);
	for (size_t i = 0; i < sizeof signal_names / sizeof *signal_names; i++) {
		lua_pushinteger(L, signal_names[i].number);
		lua_setfield(L, -2, signal_names[i].name);
	}
	return 1;
}
