/* SPDX-License-Identifier: MIT */
#ifndef TIMENS_PYTHON_GLUE_H
#define TIMENS_PYTHON_GLUE_H

#include <Python.h>

#include "timens.h"

/* From a bytes object, which the caller's arguments keep alive, or None. -1 with an exception set:
 * TypeError; ValueError for a NUL inside a string. */
int glue_take_bytes(PyObject *in, const char *name, const void **bytes, size_t *size);
int glue_take_string(PyObject *in, const char *name, const char **string);

/* From what os.fsencode takes, or None, with its exceptions. The string lives in *keeper, a new
 * reference. */
int glue_take_path(PyObject *in, PyObject **keeper, const char **path);

/* The same for each element of a sequence, or None. Array and strings live in *keeper. (They are
 * copies: a list could be changed by another thread while the GIL is released.) */
int glue_take_strings(PyObject *in, PyObject **keeper, const char *const **array);

/* The same for an environment; None is this process's own, as the C library has it now: a copy of
 * the list, which another thread may make a new one of while the GIL is released. (The strings stay
 * where they are: setenv(3) of glibc frees none.) */
int glue_take_env(PyObject *in, PyObject **keeper, const char *const **array);

/* From a dict of the members' names; None is as good as none. What it leads to lives in *keeper, a
 * new reference, also after a failure. */
int glue_take_args(PyObject *in, PyObject **keeper, struct timens_spawn_args *args);

/* Sets the exception that timens._errors.from_core makes of it. */
void glue_raise(const struct timens_error *error);

/* What subprocess hands to _execute_child, as _timens.pyi has it: clocks are pairs of ints, or both
 * None; fds and groups the bytes of their C elements, or None; umask and process_group negative for
 * none. The result: pid, owned pidfd, name of the route, whether there is a user namespace. */
PyObject *glue_start(PyObject *self, PyObject *given);

/* A descriptor with an owner, and its number. */
PyObject *glue_own(int fd);
int glue_number(PyObject *owned);

#endif
