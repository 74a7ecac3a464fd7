/* SPDX-License-Identifier: MIT */
#ifndef TIMENS_PROBE_H
#define TIMENS_PROBE_H

/* What the probing child found; results of the calls, or -errno. */
struct probe {
	volatile int ran, unshared, cloned, created_query;
};

/* In the child; `arg` is the struct probe. */
__attribute__((noreturn)) void timens_probe_run(void *arg);

#endif
