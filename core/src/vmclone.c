/* SPDX-License-Identifier: MIT */
/*
 * The one place where two processes share a stack.
 *
 * The child of a CLONE_VM|CLONE_VFORK clone runs on below the caller's stack pointer, while the
 * caller stands still in the kernel. That is safe as long as the child writes nothing at or above
 * that pointer: it must not return from the function that made the call, or it would overwrite the
 * return address by which the parent comes back. C cannot promise this (the compiler may spill to
 * the frame at any time), so the call and the jump into the child are assembly: the child makes a
 * fresh call below and never comes back. No stack is allocated, and none can overflow that the
 * caller's own would not have.
 *
 * Shadow stacks (CET, GCS) fit: the kernel lets a vfork child push on the parent's, above which it
 * never pops.
 */
#include "vmclone.h"

#include <errno.h>
#include <stddef.h>

#include "sys.h"

_Static_assert(offsetof(struct vm_clone, args) == 8, "known to the assembly");
_Static_assert(offsetof(struct vm_clone, run) == 48, "known to the assembly");
_Static_assert(offsetof(struct vm_clone, arg) == 56, "known to the assembly");

#if defined(__x86_64__)
__asm__(".pushsection .text\n"
	".globl timens_vm_clone\n"
	".hidden timens_vm_clone\n"
	".type timens_vm_clone, @function\n"
	".p2align 4\n"
	"timens_vm_clone:\n"
	"	.cfi_startproc\n"
	"	endbr64\n"
	"	mov %rdi, %r9\n" /* neither an argument of clone nor changed by syscall */
	"	mov 0(%r9), %rax\n"
	"	mov 8(%r9), %rdi\n"
	"	mov 16(%r9), %rsi\n"
	"	mov 24(%r9), %rdx\n"
	"	mov 32(%r9), %r10\n"
	"	mov 40(%r9), %r8\n"
	"	syscall\n"
	"	test %rax, %rax\n"
	"	jz 1f\n"
	"	ret\n"
	"1:	.cfi_undefined rip\n" /* debuggers stop here: nothing to return to */
	"	xor %ebp, %ebp\n"
	"	and $-16, %rsp\n"
	"	mov 56(%r9), %rdi\n"
	"	call *48(%r9)\n"
	"	ud2\n"
	"	.cfi_endproc\n"
	".size timens_vm_clone, .-timens_vm_clone\n"
	".popsection\n");
#elif defined(__aarch64__)
__asm__(".pushsection .text\n"
	".globl timens_vm_clone\n"
	".hidden timens_vm_clone\n"
	".type timens_vm_clone, %function\n"
	".p2align 4\n"
	"timens_vm_clone:\n"
	"	.cfi_startproc\n"
	"	hint #34\n"   /* bti c */
	"	mov x9, x0\n" /* the kernel changes x0 only */
	"	ldr x8, [x9]\n"
	"	ldp x0, x1, [x9, 8]\n"
	"	ldp x2, x3, [x9, 24]\n"
	"	ldr x4, [x9, 40]\n"
	"	svc 0\n"
	"	cbz x0, 1f\n"
	"	ret\n"
	"1:	.cfi_undefined x30\n"
	"	mov x29, 0\n"
	"	mov x30, 0\n"
	"	ldr x10, [x9, 48]\n"
	"	ldr x0, [x9, 56]\n"
	"	blr x10\n"
	"	brk 0x3e8\n"
	"	.cfi_endproc\n"
	".size timens_vm_clone, .-timens_vm_clone\n"
	".popsection\n");
#endif

long timens_vm_vfork(uint64_t flags, void (*run)(void *arg), void *arg)
{
	struct vm_clone call = {
		.nr = __NR_clone,
		.args = {(long)(flags | CLONE_VM | CLONE_VFORK)},
		.run = run,
		.arg = arg,
	};

	return timens_vm_clone(&call);
}

/* __WALL: without it children that have no exit signal are not seen. */
int timens_reap(int type, int id)
{
	siginfo_t info;
	int r;

	info.si_code = 0;
	do
		r = sys_waitid(type, id, &info, WEXITED | __WALL);
	while (r == -EINTR);
	return r < 0 || info.si_code == CLD_EXITED;
}
