/* SPDX-License-Identifier: MIT */
/* A start put together step by step, without the library: what each system call of one costs. */
#ifndef TIMENS_BENCH_STEPS_H
#define TIMENS_BENCH_STEPS_H

#include "cases.h"

/* From now on peer_steps makes the first `count` steps of steps.c; 0 is the floor. */
void use_steps(unsigned count);
start_fn peer_steps;

#endif
