/* SPDX-License-Identifier: MIT */
/*
 * A start as subprocess.Popen asks for it. It could go through bind_spawn, as in the other
 * languages; but every object that Python makes on the way there is a part of what a start costs.
 * For the same reason there is no PyArg_ParseTuple.
 */
#include "python_glue.h"

#include <limits.h>
#include <signal.h>
#include <unistd.h>

/* The arguments of glue_start, in the order of _timens.pyi: a test compares the two. */
enum {
	FILE_NAME,
	ARGV,
	ENV,
	CWD,
	BOOTTIME,
	MONOTONIC,
	FDS,
	GROUPS,
	CLOSE_FDS,
	RESTORE_SIGNALS,
	GID,
	UID,
	UMASK,
	START_NEW_SESSION,
	PROCESS_GROUP,
	USERNS,
	ROUTE,
	COUNT
};

struct start {
	PyObject *given;
	/* What args points to. */
	PyObject *file, *argv, *env, *cwd;
	struct timens_offsets offsets;
	struct timens_spawn_args args;
};

static PyObject *get(const struct start *s, int index)
{
	return PyTuple_GetItem(s->given, index);
}

/* Here and below, the words for what is wrong are those of subprocess. */
static int refuse_int(long value)
{
	const char *text = Py_Version >= 0x030C0000 ? "Python int too large to convert to C int"
			   : value < 0		    ? "signed integer is less than minimum"
						    : "signed integer is greater than maximum";

	PyErr_SetString(PyExc_OverflowError, text);
	return -1;
}

static int take_int(PyObject *in, int *number)
{
	long value = PyLong_AsLong(in);

	if (value == -1 && PyErr_Occurred())
		return Py_Version >= 0x030C0000 && PyErr_ExceptionMatches(PyExc_OverflowError)
			       ? refuse_int(value)
			       : -1;
	if (value < INT_MIN || value > INT_MAX)
		return refuse_int(value);
	*number = (int)value;
	return 0;
}

static int take_timespec(PyObject *pair, struct timens_timespec *timespec)
{
	timespec->tv_sec = PyLong_AsLongLong(PyTuple_GetItem(pair, 0));
	timespec->tv_nsec = PyLong_AsLongLong(PyTuple_GetItem(pair, 1));
	return PyErr_Occurred() ? -1 : 0;
}

/* No clock at all: no time namespace either. */
static int take_offsets(struct start *s)
{
	if (get(s, BOOTTIME) == Py_None)
		return 0;
	s->args.offsets = &s->offsets;
	s->args.offsets_size = sizeof s->offsets;
	if (take_timespec(get(s, BOOTTIME), &s->offsets.clock_boottime) < 0)
		return -1;
	return take_timespec(get(s, MONOTONIC), &s->offsets.clock_monotonic);
}

static int take_flag(struct start *s, int index, uint64_t flag)
{
	int is_true = PyObject_IsTrue(get(s, index));

	if (is_true > 0)
		s->args.flags |= flag;
	return is_true;
}

static int take_flags(struct start *s)
{
	int restore = PyObject_IsTrue(get(s, RESTORE_SIGNALS));

	/* The signal mask stays the caller's, as in subprocess. */
	s->args.flags |= TIMENS_SPAWN_KEEP_SIGMASK;
	/* Python ignores these two; the core restores the first by itself. */
	if (!restore)
		s->args.flags |= TIMENS_SPAWN_KEEP_SIGPIPE;
	else
		s->args.sigdefault = UINT64_C(1) << (SIGXFSZ - 1);
	if (restore < 0 || take_flag(s, CLOSE_FDS, TIMENS_SPAWN_CLOSE_FDS) < 0)
		return -1;
	return take_flag(s, START_NEW_SESSION, TIMENS_SPAWN_SETSID);
}

/* None leaves it as it is; so does the number that means that to setreuid. */
static int take_id(struct start *s, int index, const char *name, uint64_t flag, uint32_t *id)
{
	PyObject *in = get(s, index);
	unsigned long long number;

	if (in == Py_None)
		return 0;
	number = PyLong_AsUnsignedLongLong(in);
	if (PyErr_Occurred() && !PyErr_ExceptionMatches(PyExc_OverflowError))
		return -1;
	if (PyErr_Occurred() || number > UINT32_MAX) {
		PyErr_Format(PyExc_OverflowError, "%s is greater than maximum", name);
		return -1;
	}
	if (number == UINT32_MAX)
		return 0;
	*id = (uint32_t)number;
	s->args.flags |= flag;
	return 0;
}

/* Negative leaves it as it is. */
static int take_positive(struct start *s, int index, uint64_t flag, int *number)
{
	if (take_int(get(s, index), number) < 0)
		return -1;
	if (*number >= 0)
		s->args.flags |= flag;
	else
		*number = 0;
	return 0;
}

static int take_ids(struct start *s)
{
	int umask = -1;

	if (take_id(s, UID, "uid", TIMENS_SPAWN_SET_UID, &s->args.uid) < 0 ||
	    take_id(s, GID, "gid", TIMENS_SPAWN_SET_GID, &s->args.gid) < 0 ||
	    take_positive(s, PROCESS_GROUP, TIMENS_SPAWN_SET_PGROUP, &s->args.pgroup) < 0 ||
	    take_positive(s, UMASK, TIMENS_SPAWN_SET_UMASK, &umask) < 0)
		return -1;
	s->args.umask = (uint32_t)umask & 0777;
	return 0;
}

static int take_choices(struct start *s)
{
	int userns = 0, route = 0;

	if (take_int(get(s, USERNS), &userns) < 0 || take_int(get(s, ROUTE), &route) < 0)
		return -1;
	s->args.userns = (uint32_t)userns;
	s->args.route = (uint32_t)route;
	return 0;
}

static int take_lists(struct start *s)
{
	struct timens_spawn_args *args = &s->args;
	const void *fds, *groups;

	if (glue_take_bytes(get(s, FDS), "fds", &fds, &args->fds_count) < 0 ||
	    glue_take_bytes(get(s, GROUPS), "groups", &groups, &args->groups_count) < 0)
		return -1;
	args->fds = fds;
	args->fds_count /= sizeof(struct timens_fd);
	args->groups = groups;
	args->groups_count /= sizeof(uint32_t);
	if (get(s, GROUPS) != Py_None)
		args->flags |= TIMENS_SPAWN_SET_GROUPS;
	return 0;
}

static int take_strings(struct start *s)
{
	if (glue_take_path(get(s, FILE_NAME), &s->file, &s->args.file) < 0 ||
	    glue_take_strings(get(s, ARGV), &s->argv, &s->args.argv) < 0 ||
	    glue_take_env(get(s, ENV), &s->env, &s->args.env) < 0)
		return -1;
	return glue_take_path(get(s, CWD), &s->cwd, &s->args.cwd);
}

static int take(struct start *s)
{
	if (PyTuple_Size(s->given) != COUNT) {
		PyErr_Format(PyExc_TypeError, "start: expected %d arguments", COUNT);
		return -1;
	}
	if (take_offsets(s) < 0 || take_flags(s) < 0 || take_ids(s) < 0 || take_choices(s) < 0 ||
	    take_lists(s) < 0)
		return -1;
	return take_strings(s);
}

/* A descriptor that is closed with the last reference to it: so a thread that waits on it never
 * looks at a number that another thread, which has reaped the program, set free for another file.
 * A pointer of a capsule is not NULL. */
static const char owned[] = "timens.pidfd";

static void close_owned(PyObject *capsule)
{
	close((int)(intptr_t)PyCapsule_GetPointer(capsule, owned) - 1);
}

PyObject *glue_own(int fd)
{
	PyObject *capsule = PyCapsule_New((void *)((intptr_t)fd + 1), owned, close_owned);

	if (!capsule)
		close(fd);
	return capsule;
}

int glue_number(PyObject *capsule)
{
	return (int)(intptr_t)PyCapsule_GetPointer(capsule, owned) - 1;
}

static PyObject *start(const struct start *s)
{
	struct timens_process process;
	struct timens_error error;
	PyThreadState *thread = PyEval_SaveThread();
	int r = timens_spawn(&s->args, sizeof s->args, &process, &error);

	PyEval_RestoreThread(thread);
	if (r < 0) {
		glue_raise(&error);
		return NULL;
	}
	return Py_BuildValue("iNsO", process.pid, glue_own(process.pidfd),
			     timens_route_name(process.route), process.userns ? Py_True : Py_False);
}

PyObject *glue_start(PyObject *self, PyObject *given)
{
	struct start s = {.given = given};
	PyObject *result = take(&s) < 0 ? NULL : start(&s);

	(void)self;
	Py_XDECREF(s.file);
	Py_XDECREF(s.argv);
	Py_XDECREF(s.env);
	Py_XDECREF(s.cwd);
	return result;
}
