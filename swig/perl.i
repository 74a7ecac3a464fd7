/* SPDX-License-Identifier: MIT */
/* The Perl module Timens::Core. */
%module "Timens::Core"

%{
#include "perl_glue.h"
%}
%include <stdint.i>

#define TAKE_STRING(string, name) string = (char *)glue_take_string(aTHX_ $input, #name);
#define TAKE_BYTES(pointer, size, name) pointer = (void *)glue_take_bytes(aTHX_ $input, &size);
#define TAKE_ARGS(args) glue_take_args(aTHX_ $input, &args);
#define GIVE_INTEGER(value) %append_output(sv_2mortal(newSViv(value)));
#define GIVE_STRING(text) %append_output(sv_2mortal(newSVpv(text, 0)));
#define GIVE_FAILURE(error) glue_die(aTHX_ error);

%typemap(out) timens_result {}

%include "typemaps.i"
%include "timens.i"
