/* SPDX-License-Identifier: MIT */
/* Prints the numbers of the descriptors it was started with, a line each. It asks for each number:
 * reading /proc/self/fd would add a descriptor of its own. */
#include <fcntl.h>
#include <stdio.h>

#define LOOK_AT 1024

int main(void)
{
	for (int fd = 0; fd < LOOK_AT; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			printf("%d\n", fd);
	return 0;
}
