/* SPDX-License-Identifier: MIT */
#ifndef TIMENS_OUTPUT_H
#define TIMENS_OUTPUT_H

#include "command.h"

/* Runs the command and writes what it leaves in its output. Returns the exit status. */
int output_run(const struct command *command, int argc, char **argv);

#endif
