/* SPDX-License-Identifier: MIT */
#ifndef TIMENS_BENCH_PARALLEL_H
#define TIMENS_BENCH_PARALLEL_H

#include "cases.h"

/* `threads` threads that start and wait for `count` programs each, all at once; programs per
 * second. */
double starts_per_second(start_fn *start, const char *const *argv, size_t threads, size_t count);

#endif
