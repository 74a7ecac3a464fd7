/* SPDX-License-Identifier: MIT */
#ifndef TIMENS_FAULTS_OBSERVE_H
#define TIMENS_FAULTS_OBSERVE_H

/* Writes one line to standard output, as JSON: what the clocks of the calling process read, in
 * nanoseconds, and all else that a start may have set in it, as text. System calls that ask, and
 * one write. */
void observe(const char *const *argv);

#endif
