/* SPDX-License-Identifier: MIT */
#ifndef TIMENS_VMCLONE_H
#define TIMENS_VMCLONE_H

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

#endif
