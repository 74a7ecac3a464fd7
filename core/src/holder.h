/* SPDX-License-Identifier: MIT */
#ifndef TIMENS_HOLDER_H
#define TIMENS_HOLDER_H

#include <stddef.h>

/* A child that does nothing but keep a new user namespace alive, until it is killed or `ends`, a
 * pipe, is closed for writing: it must not live on when the caller dies. It runs on `stack`, in the
 * caller's memory, and has no exit signal. Returns its pid or -errno. All signals must be blocked.
 */
long timens_holder_start(char *stack, size_t size, int ends[2]);

#endif
