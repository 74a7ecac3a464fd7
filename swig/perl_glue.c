/* SPDX-License-Identifier: MIT */
#include "perl_glue.h"
#include "members.h"

#include <string.h>

const char *glue_take_bytes(pTHX_ SV *in, size_t *size)
{
	*size = 0;
	SvGETMAGIC(in);
	return SvOK(in) ? SvPVbyte_nomg(in, *size) : NULL;
}

const char *glue_take_string(pTHX_ SV *in, const char *name)
{
	size_t size;
	const char *string = glue_take_bytes(aTHX_ in, &size);

	if (string && strlen(string) != size)
		croak("%s: has a zero byte inside", name);
	return string;
}

static const char *const *take_strings(pTHX_ SV *in, const char *name)
{
	const char **array;
	size_t count;
	AV *list;

	if (!SvROK(in) || SvTYPE(SvRV(in)) != SVt_PVAV)
		croak("%s: expected a reference to an array", name);
	list = (AV *)SvRV(in);
	count = (size_t)(av_len(list) + 1);
	array = (const char **)(void *)SvPVX(sv_2mortal(newSV((count + 1) * sizeof *array)));
	for (size_t i = 0; i < count; i++) {
		SV **element = av_fetch(list, (SSize_t)i, 0);

		array[i] = element ? glue_take_string(aTHX_ element[0], name) : NULL;
		if (!array[i])
			croak("%s: element %zu is undefined", name, i);
	}
	array[count] = NULL;
	return array;
}

static void take_number(pTHX_ SV *in, const struct bind_member *m, struct timens_spawn_args *args)
{
	if (!looks_like_number(in) || !bind_set_number(args, m, SvIV(in)))
		croak("%s: is no number of %zu bytes", m->name, m->size);
}

static void take_list(pTHX_ SV *in, const struct bind_member *m, struct timens_spawn_args *args)
{
	size_t size;
	const char *bytes = glue_take_bytes(aTHX_ in, &size);

	if (!bind_set_bytes(args, m, bytes, size))
		croak("%s: %zu bytes are no list", m->name, size);
}

static void take_member(pTHX_ SV *in, const struct bind_member *m, struct timens_spawn_args *args)
{
	if (m->kind == BIND_STRINGS)
		bind_set_pointer(args, m, take_strings(aTHX_ in, m->name));
	else if (m->kind == BIND_STRING)
		bind_set_pointer(args, m, glue_take_string(aTHX_ in, m->name));
	else if (m->kind == BIND_LIST)
		take_list(aTHX_ in, m, args);
	else
		take_number(aTHX_ in, m, args);
}

void glue_take_args(pTHX_ SV *in, struct timens_spawn_args *args)
{
	SvGETMAGIC(in);
	if (!SvROK(in) || SvTYPE(SvRV(in)) != SVt_PVHV)
		croak("expected a reference to a hash");
	for (const struct bind_member *m = bind_members; m->name; m++) {
		SV **value = hv_fetch((HV *)SvRV(in), m->name, (I32)strlen(m->name), 0);

		if (!value)
			continue;
		SvGETMAGIC(*value);
		if (SvOK(*value))
			take_member(aTHX_ * value, m, args);
	}
}

void glue_die(pTHX_ const struct timens_error *error)
{
	char text[TIMENS_ERROR_TEXT_MAX], hint[TIMENS_ERROR_TEXT_MAX];
	HV *fields = newHV();

	timens_error_text(error, text, sizeof text);
	timens_error_hint(error, hint, sizeof hint);
	(void)hv_stores(fields, "errno", newSViv(error->errnum));
	(void)hv_stores(fields, "stage", newSVpv(timens_stage_name(error->stage), 0));
	(void)hv_stores(fields, "message", newSVpv(text, 0));
	(void)hv_stores(fields, "hint", newSVpv(hint, 0));
	croak_sv(sv_2mortal(newRV_noinc((SV *)fields)));
}
