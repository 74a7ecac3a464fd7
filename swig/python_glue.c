/* SPDX-License-Identifier: MIT */
#include "python_glue.h"

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

static int fill(PyObject *in, const char *name, const char **array)
{
	Py_ssize_t count = PyTuple_Size(in);

	for (Py_ssize_t i = 0; i < count; i++) {
		PyObject *item = PyTuple_GetItem(in, i);

		if (!item || glue_take_string(item, name, &array[i]) < 0)
			return -1;
		if (!array[i]) {
			PyErr_Format(PyExc_TypeError, "%s: element %zd is None", name, i);
			return -1;
		}
	}
	array[count] = NULL;
	return 0;
}

int glue_take_strings(PyObject *in, const char *name, const char *const **array)
{
	const char **strings;

	*array = NULL;
	if (in == Py_None)
		return 0;
	if (!PyTuple_Check(in)) {
		PyErr_Format(PyExc_TypeError, "%s: expected a tuple of bytes or None", name);
		return -1;
	}
	strings = PyMem_Calloc((size_t)PyTuple_Size(in) + 1, sizeof *strings);
	if (!strings) {
		PyErr_NoMemory();
		return -1;
	}
	if (fill(in, name, strings) < 0) {
		PyMem_Free(strings);
		return -1;
	}
	*array = strings;
	return 0;
}

static int copy_environ(const char *const **array)
{
	const char **copy;
	size_t count = 0;

	while (environ && environ[count])
		count++;
	copy = PyMem_Calloc(count + 1, sizeof *copy);
	if (!copy) {
		PyErr_NoMemory();
		return -1;
	}
	if (count)
		memcpy(copy, environ, count * sizeof *copy);
	*array = copy;
	return 0;
}

int glue_take_env(PyObject *in, const char *name, const char *const **array)
{
	return in == Py_None ? copy_environ(array) : glue_take_strings(in, name, array);
}

void glue_raise(const struct timens_error *error)
{
	char text[TIMENS_ERROR_TEXT_MAX], hint[TIMENS_ERROR_TEXT_MAX];
	PyObject *module = PyImport_ImportModule("timens._errors"), *made;

	if (!module)
		return;
	timens_error_text(error, text, sizeof text);
	timens_error_hint(error, hint, sizeof hint);
	made = PyObject_CallMethod(module, "from_core", "isss", error->errnum,
				   timens_stage_name(error->stage), text, hint);
	Py_DECREF(module);
	if (!made)
		return;
	PyErr_SetObject((PyObject *)Py_TYPE(made), made);
	Py_DECREF(made);
}
