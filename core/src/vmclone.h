/* SPDX-License-Identifier: MIT */
#ifndef TIMENS_VMCLONE_H
#define TIMENS_VMCLONE_H

#include <stdint.h>

/* A clone or clone3 system call whose child, on the caller's stack or on one of its own, calls
 * run(arg) and never returns. The offsets of the members are known to vmclone.c. */
struct vm_clone {
	long nr;
	long args[5];
	void (*run)(void *arg);
	void *arg;
};

/* Returns the child's pid or -errno, in the parent only. The flags must hold CLONE_VM,
 * and CLONE_VFORK unless the call names a stack: then `call` must stay until the child has ended.
 */
long timens_vm_clone(const struct vm_clone *call);

/* clone(flags|CLONE_VM|CLONE_VFORK) without an exit signal: the child sends no SIGCHLD. */
long timens_vm_vfork(uint64_t flags, void (*run)(void *arg), void *arg);

/* Reaps a child, also one that has no exit signal, when it has ended; `type` and `id` as waitid(2)
 * has them. 0 if it was killed. */
int timens_reap(int type, int id);

#endif
