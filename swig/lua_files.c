/* SPDX-License-Identifier: MIT */
/* Pipes as Lua files, and what goes through them. */
#define _GNU_SOURCE /* pipe2, ppoll, O_PATH, pthread_sigmask */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <time.h>
#include <unistd.h>

#include "lua_glue.h"

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
		return glue_push_errno(L);
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

static void drop_stream(luaL_Stream *stream)
{
	(void)stream;
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
 * environment says how it is closed. NULL, with errno, if there is no descriptor left. */
static luaL_Stream *push_stream(lua_State *L)
{
	lua_getfield(L, LUA_REGISTRYINDEX, "_LOADED");
	lua_getfield(L, -1, LUA_IOLIBNAME);
	luaL_checktype(L, -1, LUA_TTABLE);
	lua_getfield(L, -1, "open");
	lua_pushliteral(L, "/dev/null");
	lua_call(L, 1, 1);
	if (lua_isnil(L, -1))
		return NULL;
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

/* What stands there for a file would be open until it is collected. */
static void drop_stream(luaL_Stream *stream)
{
	fclose(stream->f);
	stream->f = NULL;
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

	if (!reader || !writer || pipe2(ends, O_CLOEXEC) < 0)
		return glue_push_errno(L);
	if (open_stream(reader, ends[0], "r") < 0) {
		close(ends[0]);
		close(ends[1]);
		return glue_push_errno(L);
	}
	if (open_stream(writer, ends[1], "w") < 0) {
		close(ends[1]);
		return glue_push_errno(L);
	}
#if LUA_VERSION_NUM < 502
	/* LuaJIT closes by itself, where nobody holds a SIGPIPE back for what is in a buffer. */
	if (is_luajit(L))
		setvbuf(writer->f, NULL, _IONBF, 0);
#endif
	return 2;
}

static FILE *take_file(lua_State *L)
{
	luaL_Stream *stream = luaL_checkudata(L, 1, LUA_FILEHANDLE);

	luaL_argcheck(L, !glue_is_closed(stream), 1, "the file is closed");
	return stream->f;
}

int glue_fileno(lua_State *L)
{
	lua_pushinteger(L, fileno(take_file(L)));
	return 1;
}

int glue_flush(lua_State *L)
{
	FILE *file = take_file(L);
	struct sigpipe sigpipe;
	int r;

	hold_sigpipe(&sigpipe);
	r = fflush(file);
	release_sigpipe(&sigpipe);
	if (r != 0)
		return glue_push_errno(L);
	lua_pushboolean(L, 1);
	return 1;
}

int glue_pending(lua_State *L)
{
	lua_pushinteger(L, (lua_Integer)__fpending(take_file(L)));
	return 1;
}

/* C has no call for it. */
static size_t buffered_input(FILE *file)
{
#ifdef __GLIBC__
	return (size_t)(file->_IO_read_end - file->_IO_read_ptr);
#else
	return __freadahead(file); /* musl */
#endif
}

int glue_read_ahead(lua_State *L)
{
	FILE *file = take_file(L);
	size_t size = buffered_input(file);
	char *buffer = lua_newuserdatauv(L, size, 0);

	/* All of it is there, so nothing is read from the pipe. */
	lua_pushlstring(L, buffer, fread(buffer, 1, size, file));
	return 1;
}

int glue_unblock(lua_State *L)
{
	int fd = fileno(take_file(L));

	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	return 0;
}

int glue_open_folder(lua_State *L)
{
	const char *path = glue_need_string(L, 1, "path");
	luaL_Stream *folder = push_stream(L);
	int fd, r;

	if (!folder)
		return glue_push_errno(L);
	fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0 && open_stream(folder, fd, "r") == 0)
		return 1;
	r = glue_push_errno(L);
	if (fd >= 0)
		close(fd);
	drop_stream(folder);
	return r;
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
		return glue_push_errno(L);
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
		return glue_push_errno(L);
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
	n = write(fd, text + start, length);
	release_sigpipe(&sigpipe);
	/* poll says "ready" by its own lights. */
	if (n < 0 && errno != EAGAIN)
		return glue_push_errno(L);
	lua_pushinteger(L, n < 0 ? 0 : n);
	return 1;
}
