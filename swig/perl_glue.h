/* SPDX-License-Identifier: MIT */
#ifndef TIMENS_PERL_GLUE_H
#define TIMENS_PERL_GLUE_H

#define PERL_NO_GET_CONTEXT
#include <EXTERN.h>
#include <perl.h>

#include "timens.h"

/* From a scalar, which keeps them alive; NULL for undef. They die of a character over 255, which is
 * no byte, and of a zero byte inside a string. */
const char *glue_take_bytes(pTHX_ SV *in, size_t *size);
const char *glue_take_string(pTHX_ SV *in, const char *name);

/* From a reference to a hash of the members' names, which keeps strings and bytes alive. Arrays
 * live as long as the temporaries of the statement, so that no way out leaks them. */
void glue_take_args(pTHX_ SV *in, struct timens_spawn_args *args);

/* Dies with a reference to {errno, stage, message, hint}. */
__attribute__((noreturn)) void glue_die(pTHX_ const struct timens_error *error);

#endif
