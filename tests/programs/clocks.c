/* SPDX-License-Identifier: MIT */
/*
 * The program that the suites start: static, without a libc, so that nothing but the kernel can
 * have told it the time. Prints, a line each: what its offsets file says, and what its clocks read
 * (as "reading CLOCK SECONDS NANOSECONDS").
 *
 *	clocks            prints that once
 *	clocks nothing    does nothing, for benchmarks
 */
#include <stddef.h>
#include <time.h>

#include "../../core/src/sys.h"

static char out[512];
static size_t length;

static void put(const char *s)
{
	while (*s)
		out[length++] = *s++;
}

static void put_number(long value)
{
	char digits[24], *at = digits + sizeof digits;

	*--at = '\0';
	do
		*--at = (char)('0' + value % 10);
	while (value /= 10);
	put(at);
}

static void put_clock(const char *name, int clock)
{
	struct timespec t;

	SYS_2(__NR_clock_gettime, clock, &t);
	put("reading ");
	put(name);
	put(" ");
	put_number(t.tv_sec);
	put(" ");
	put_number(t.tv_nsec);
	put("\n");
}

static void put_offsets(void)
{
	int fd = sys_open("/proc/self/timens_offsets", O_RDONLY);
	long n = fd < 0 ? fd : sys_read(fd, out, 256);

	if (n > 0)
		length = (size_t)n;
}

__attribute__((noreturn, used)) static void run(const long *stack)
{
	if (stack[0] > 1)
		sys_exit(0);
	put_offsets();
	put_clock("monotonic", CLOCK_MONOTONIC);
	put_clock("boottime", CLOCK_BOOTTIME);
	sys_exit(sys_write(1, out, length) == (long)length ? 0 : 1);
}

#if defined(__x86_64__)
__asm__(".globl _start\n_start:\n	xor %ebp, %ebp\n	mov %rsp, %rdi\n	and $-16, "
	"%rsp\n"
	"	call run\n");
#elif defined(__aarch64__)
__asm__(".globl _start\n_start:\n	mov x29, 0\n	mov x0, sp\n	bl run\n");
#endif
