/* SPDX-License-Identifier: MIT */
/* execvp, the same with every C library: musl's does not run a script without a first line that
 * names an interpreter. */
#ifndef TIMENS_EXECUTE_H
#define TIMENS_EXECUTE_H

/* Becomes argv[0], searched in PATH. Only returns if that fails, with the errno. */
int execute(char **argv);

#endif
