/* SPDX-License-Identifier: MIT */
#ifndef TIMENS_ERROR_H
#define TIMENS_ERROR_H

#include "timens.h"

/* All return r, which is -errno, and fill in `error` if it is not NULL. */
int timens_fail(struct timens_error *error, int stage, int r, const char *subject);
/* The subject is a descriptor, a process, a resource. */
int timens_fail_number(struct timens_error *error, int stage, int r, int number);
/* Stage args: the subject is the whole sentence. */
__attribute__((format(printf, 3, 4))) int timens_fail_args(struct timens_error *error, int r,
							   const char *format, ...);
/* Stage offsets: what was asked of which clock, and what that reads now. */
int timens_fail_clock(struct timens_error *error, int r, int clock,
		      const struct timens_timespec *offset, const struct timens_timespec *reading);

#endif
