/* SPDX-License-Identifier: MIT */
#include "python_glue.h"
#include "members.h"

#include <string.h>

extern char **environ;

int glue_take_bytes(PyObject *in, const char *name, const void **bytes, size_t *size)
{
	char *data = NULL;
	Py_ssize_t length = 0;

	if (in != Py_None && !PyBytes_Check(in)) {
		PyErr_Format(PyExc_TypeError, "%s: expected bytes or None", name);
		return -1;
	}
	if (in != Py_None && PyBytes_AsStringAndSize(in, &data, &length) < 0)
		return -1;
	*bytes = data;
	*size = (size_t)length;
	return 0;
}

int glue_take_string(PyObject *in, const char *name, const char **string)
{
	const void *bytes;
	size_t size;

	if (glue_take_bytes(in, name, &bytes, &size) < 0)
		return -1;
	/* subprocess has the same words for it. */
	if (bytes && strlen(bytes) != size) {
		PyErr_SetString(PyExc_ValueError, "embedded null byte");
		return -1;
	}
	*string = bytes;
	return 0;
}

int glue_take_path(PyObject *in, PyObject **keeper, const char **path)
{
	*path = NULL;
	if (in == Py_None)
		return 0;
	if (!PyUnicode_FSConverter(in, keeper))
		return -1;
	*path = PyBytes_AsString(*keeper);
	return *path ? 0 : -1;
}

/* Its data stands behind a header of pointers and sizes, so it is aligned for pointers. */
static const char **new_array(size_t count, PyObject **keeper)
{
	*keeper = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)((count + 1) * sizeof(char *)));
	return *keeper ? (const char **)(void *)PyBytes_AsString(*keeper) : NULL;
}

/* The keeper is a tuple: the strings, then the array. */
static int encode(PyObject *strings, Py_ssize_t count, PyObject *keeper, const char *const **array)
{
	PyObject *memory;
	const char **to = new_array((size_t)count, &memory);

	if (!to || PyTuple_SetItem(keeper, count, memory) < 0)
		return -1;
	for (Py_ssize_t i = 0; i < count; i++) {
		PyObject *string = NULL;

		if (!PyUnicode_FSConverter(PyTuple_GetItem(strings, i), &string) ||
		    PyTuple_SetItem(keeper, i, string) < 0)
			return -1;
		to[i] = PyBytes_AsString(string);
	}
	to[count] = NULL;
	*array = to;
	return 0;
}

int glue_take_strings(PyObject *in, PyObject **keeper, const char *const **array)
{
	PyObject *strings;
	Py_ssize_t count;
	int r = -1;

	*array = NULL;
	if (in == Py_None)
		return 0;
	strings = PySequence_Tuple(in);
	if (!strings)
		return -1;
	count = PyTuple_Size(strings);
	*keeper = PyTuple_New(count + 1);
	if (*keeper)
		r = encode(strings, count, *keeper, array);
	Py_DECREF(strings);
	return r;
}

static int copy_environ(PyObject **keeper, const char *const **array)
{
	const char **copy;
	size_t count = 0;

	while (environ && environ[count])
		count++;
	copy = new_array(count, keeper);
	if (!copy)
		return -1;
	if (count)
		memcpy(copy, environ, count * sizeof *copy);
	copy[count] = NULL;
	*array = copy;
	return 0;
}

int glue_take_env(PyObject *in, PyObject **keeper, const char *const **array)
{
	return in == Py_None ? copy_environ(keeper, array) : glue_take_strings(in, keeper, array);
}

static int take_number(PyObject *in, const struct bind_member *m, struct timens_spawn_args *args)
{
	int overflow;
	int64_t number = PyLong_AsLongLongAndOverflow(in, &overflow);

	if (overflow > 0 && m->size == sizeof number)
		number = (int64_t)PyLong_AsUnsignedLongLong(in);
	else if (overflow)
		return -1;
	return !PyErr_Occurred() && bind_set_number(args, m, number) ? 0 : -1;
}

static int take_list(PyObject *in, const struct bind_member *m, struct timens_spawn_args *args)
{
	const void *bytes;
	size_t size;

	if (glue_take_bytes(in, m->name, &bytes, &size) < 0)
		return -1;
	return bind_set_bytes(args, m, bytes, size) ? 0 : -1;
}

static int take_pointer(PyObject *in, const struct bind_member *m, PyObject **keeper,
			struct timens_spawn_args *args)
{
	const char *const *array;
	const char *string;
	int r;

	if (m->kind == BIND_STRINGS) {
		r = glue_take_strings(in, keeper, &array);
		bind_set_pointer(args, m, array);
	} else {
		r = glue_take_path(in, keeper, &string);
		bind_set_pointer(args, m, string);
	}
	return r;
}

/* The keeper gets what the value leads to, or the value itself. */
static int take_member(PyObject *in, const struct bind_member *m, PyObject **keeper,
		       struct timens_spawn_args *args)
{
	if (m->kind == BIND_STRING || m->kind == BIND_STRINGS)
		return take_pointer(in, m, keeper, args);
	Py_INCREF(in);
	*keeper = in;
	return m->kind == BIND_LIST ? take_list(in, m, args) : take_number(in, m, args);
}

/* A list of keepers. */
static int keep(PyObject *list, PyObject *one)
{
	int r = one ? PyList_Append(list, one) : 0;

	Py_XDECREF(one);
	return r;
}

int glue_take_args(PyObject *in, PyObject **keeper, struct timens_spawn_args *args)
{
	int r = 0;

	if (!PyDict_Check(in)) {
		PyErr_SetString(PyExc_TypeError, "expected a dict");
		return -1;
	}
	*keeper = PyList_New(0);
	if (!*keeper)
		return -1;
	for (const struct bind_member *m = bind_members; m->name && r == 0; m++) {
		PyObject *value = PyDict_GetItemString(in, m->name), *one = NULL;

		if (!value || value == Py_None)
			continue;
		r = take_member(value, m, &one, args);
		if (keep(*keeper, one) < 0)
			r = -1;
		if (r < 0 && !PyErr_Occurred())
			PyErr_Format(PyExc_ValueError, "%s: does not fit", m->name);
	}
	return r;
}

/* It may name a file, whose bytes need not be text, or as much of one as there was room for. */
static PyObject *decode(const char *text)
{
	return PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text), "backslashreplace");
}

void glue_raise(const struct timens_error *error)
{
	char text[TIMENS_ERROR_TEXT_MAX], hint[TIMENS_ERROR_TEXT_MAX];
	PyObject *module = PyImport_ImportModule("timens._errors"), *made;

	if (!module)
		return;
	timens_error_text(error, text, sizeof text);
	timens_error_hint(error, hint, sizeof hint);
	made = PyObject_CallMethod(module, "from_core", "isNN", error->errnum,
				   timens_stage_name(error->stage), decode(text), decode(hint));
	Py_DECREF(module);
	if (!made)
		return;
	PyErr_SetObject((PyObject *)Py_TYPE(made), made);
	Py_DECREF(made);
}
