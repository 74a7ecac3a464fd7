/* SPDX-License-Identifier: MIT */
/*
 * The text of /proc/PID/timens_offsets. Freestanding: it also runs between clone and exec.
 */
#ifndef TIMENS_NSFILE_H
#define TIMENS_NSFILE_H

#include "timens.h"

#define NSFILE_PATH	"/proc/self/timens_offsets"
#define NSFILE_TEXT_MAX 96 /* two records with 20-digit numbers are 72 bytes */

/* Writes both records into buf; returns their length. */
size_t timens_nsfile_format(const struct timens_offsets *offsets, char buf[NSFILE_TEXT_MAX]);

/* Reads what the kernel shows; 0 or -EIO where that is not one record for each clock. */
int timens_nsfile_parse(const char *text, size_t length, struct timens_offsets *offsets);

#endif
