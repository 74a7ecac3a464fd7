/* SPDX-License-Identifier: MIT */
#include "perl_glue.h"

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

const char *const *glue_take_strings(pTHX_ SV *in, const char *name)
{
	const char **array;
	size_t count;
	AV *list;

	SvGETMAGIC(in);
	if (!SvOK(in))
		return NULL;
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
