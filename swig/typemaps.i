/* SPDX-License-Identifier: MIT */
/*
 * Typemaps that read alike in every language, in terms of what its own file has defined before:
 *
 *   TAKE_STRING(string, name)        a string without NUL from $input; NULL for none
 *   TAKE_BYTES(pointer, size, name)  any bytes from $input; NULL and 0 for none
 *   TAKE_ARGS(args)                  members of struct timens_spawn_args by their names from $input
 *   GIVE_INTEGER(value)              one more result
 *   GIVE_STRING(text)                one more result
 *   GIVE_FAILURE(error)              the failure, in place of results
 *
 * All bind to type and name together: a loose (int *) would also catch what is not an output.
 */

%typemap(in) const char *TEXT {
	TAKE_STRING($1, $1_name)
}
%typemap(in) (const void *OFFSETS, size_t OFFSETS_SIZE) {
	TAKE_BYTES($1, $2, $1_name)
}
%typemap(in) const struct timens_spawn_args *ARGS (struct timens_spawn_args args) {
	args = (struct timens_spawn_args){0};
	TAKE_ARGS(args)
	$1 = &args;
}

/* Outputs are no arguments of the call, and results after it. */
%typemap(in, numinputs = 0) struct timens_process *OUT (struct timens_process out),
			    struct timens_offsets *OUT (struct timens_offsets out),
			    struct timens_timespec *OUT (struct timens_timespec out),
			    struct timens_support *OUT (struct timens_support out),
			    struct timens_point *OUT (struct timens_point out),
			    struct timens_error *ERROR (struct timens_error out),
			    struct timens_error *REASON (struct timens_error out),
			    int *OUT (int out), unsigned *READING (unsigned out) {
	$1 = &out;
}
%typemap(in, numinputs = 0) char OUT[ANY] (char out[$1_dim0]) {
	$1 = out;
}

%typemap(argout) struct timens_process *OUT {
	if (result >= 0) {
		GIVE_INTEGER($1->pid)
		GIVE_INTEGER($1->pidfd)
		GIVE_INTEGER($1->route)
		GIVE_INTEGER($1->userns)
	}
}
%typemap(argout) struct timens_offsets *OUT {
	if (result >= 0) {
		GIVE_INTEGER($1->clock_boottime.tv_sec)
		GIVE_INTEGER($1->clock_boottime.tv_nsec)
		GIVE_INTEGER($1->clock_monotonic.tv_sec)
		GIVE_INTEGER($1->clock_monotonic.tv_nsec)
	}
}
%typemap(argout) struct timens_timespec *OUT {
	if (result >= 0) {
		GIVE_INTEGER($1->tv_sec)
		GIVE_INTEGER($1->tv_nsec)
	}
}
%typemap(argout) struct timens_point *OUT {
	if (result >= 0) {
		GIVE_STRING($1->name)
		GIVE_INTEGER($1->reading.tv_sec)
		GIVE_INTEGER($1->reading.tv_nsec)
		GIVE_STRING($1->counter)
		GIVE_STRING($1->effect)
		GIVE_STRING($1->reported)
	}
}
%typemap(argout) struct timens_support *OUT {
	if (result >= 0) {
		GIVE_INTEGER($1->available)
		GIVE_INTEGER($1->userns)
		GIVE_INTEGER($1->route)
		GIVE_INTEGER($1->exec_enters)
		GIVE_INTEGER($1->clone3)
	}
}
%typemap(argout) int *OUT, unsigned *READING {
	if (result >= 0) {
		GIVE_INTEGER(*$1)
	}
}
%typemap(argout) char OUT[ANY] {
	if (result >= 0) {
		GIVE_STRING($1)
	}
}
%typemap(argout) struct timens_error *ERROR {
	if (result < 0) {
		GIVE_FAILURE($1)
	}
}

/* Why something is not available: errno, stage, text and hint, or no results at all. */
%typemap(argout) struct timens_error *REASON {
	if (result >= 0 && $1->errnum) {
		char text[TIMENS_ERROR_TEXT_MAX];

		GIVE_INTEGER($1->errnum)
		GIVE_STRING(timens_stage_name($1->stage))
		timens_error_text($1, text, sizeof text);
		GIVE_STRING(text)
		timens_error_hint($1, text, sizeof text);
		GIVE_STRING(text)
	}
}
