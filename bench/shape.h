/* SPDX-License-Identifier: MIT */
/* What the caller of a start is like: how large, with how many threads and descriptors. */
#ifndef TIMENS_BENCH_SHAPE_H
#define TIMENS_BENCH_SHAPE_H

/* "resident=MIB", "threads=N" (all in all), "fds=N" (from 3 up). Any other word ends the process.
 */
void take_shape(const char *word);

#endif
