/* SPDX-License-Identifier: MIT */
/* The Python extension module timens._timens. */
%module(threads="1") _timens
%nothread;
%thread bind_spawn;
%thread bind_wait;
%thread bind_enter;
%thread bind_support;

%include <stdint.i>

%{
#include "python_glue.h"
%}

#define TAKE_STRING(string, name)                                                                  \
	if (glue_take_string($input, #name, (const char **)&string) < 0)                           \
		SWIG_fail;
#define TAKE_BYTES(pointer, size, name)                                                            \
	if (glue_take_bytes($input, #name, (const void **)&pointer, &size) < 0)                    \
		SWIG_fail;
#define GIVE_INTEGER(value)                                                                        \
	$result = SWIG_Python_AppendOutput($result, PyLong_FromLongLong(value), 1);
#define GIVE_STRING(text)                                                                          \
	$result = SWIG_Python_AppendOutput($result, PyUnicode_FromString(text), 1);
#define GIVE_FAILURE(error)                                                                        \
	glue_raise(error);                                                                         \
	SWIG_fail;

%typemap(out) timens_result { $result = SWIG_Py_Void(); }

%include "typemaps.i"

/* In place of the shared one: what the arguments lead to is kept until the call has returned. */
%typemap(in) const struct timens_spawn_args *ARGS (struct timens_spawn_args args,
						   PyObject *keeper = NULL) {
	args = (struct timens_spawn_args){0};
	if (glue_take_args($input, &keeper, &args) < 0)
		SWIG_fail;
	$1 = &args;
}
%typemap(freearg) const struct timens_spawn_args *ARGS { Py_XDECREF(keeper$argnum); }

%include "timens.i"

/* No wrapper of SWIG's: see python_start.c. */
%native(start) PyObject *glue_start(PyObject *self, PyObject *given);
%rename(own) glue_own;
%rename(number) glue_number;
%exception glue_number {
	$action
	if (PyErr_Occurred())
		SWIG_fail;
}
PyObject *glue_own(int fd);
int glue_number(PyObject *owned);
