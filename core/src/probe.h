/* SPDX-License-Identifier: MIT */
#ifndef TIMENS_PROBE_H
#define TIMENS_PROBE_H

#include <stdint.h>

/* What the probing child found; results of the calls, or -errno. */
struct probe {
	volatile int ran, unshared, cloned, created_query;
};

/* clone(flags|CLONE_VM|CLONE_VFORK) without an exit signal: the child sends no SIGCHLD. */
long timens_probe_clone(uint64_t flags, void (*run)(void *), void *arg);
/* 0 if it was killed. */
int timens_probe_reap(long pid);

/* In the child; `arg` is the struct probe. */
__attribute__((noreturn)) void timens_probe_run(void *arg);

#endif
