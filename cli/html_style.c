/* SPDX-License-Identifier: MIT */
#include "html.h"

const char html_style[] =
	":root{color-scheme:light dark;--page:#fff;--text:#1f2328;--soft:#59636e;--line:#d1d9e0;"
	"--box:#f6f8fa;--passed:#1a7f37;--failed:#cf222e;--grey:#818b98}\n"
	"@media (prefers-color-scheme:dark){:root{--page:#0d1117;--text:#e6edf3;--soft:#9198a1;"
	"--line:#3d444d;--box:#161b22;--passed:#3fb950;--failed:#f85149;--grey:#7d8590}}\n"
	"*{box-sizing:border-box}\n"
	"body{margin:0 auto;max-width:64rem;padding:1rem;background:var(--page);color:var(--text);"
	"font:16px/1.5 system-ui,sans-serif}\n"
	"h1{font-size:1.5rem;margin:.5rem 0}\n"
	"h2{font-size:1.15rem;margin:2rem 0 .5rem}\n"
	"h3{font-size:1rem;margin:1.5rem 0 .5rem;overflow-wrap:anywhere}\n"
	"code,pre{font:.875rem/1.45 ui-monospace,monospace}\n"
	"pre{background:var(--box);border:1px solid var(--line);border-radius:6px;padding:.75rem;"
	"margin:.5rem 0;overflow:auto;max-height:28rem}\n"
	/* It scrolls to its end, where the reason is. */
	".output{display:flex;flex-direction:column-reverse}\n"
	".command{white-space:pre-wrap;overflow-wrap:anywhere}\n"
	".soft{color:var(--soft);font-size:.875rem;overflow-wrap:anywhere}\n"
	".summary{font-size:1.1rem;border-left:.3rem solid var(--grey);padding-left:.75rem}\n"
	".summary.passed{border-color:var(--passed)}.summary.failed{border-color:var(--failed)}\n"
	".line{overflow-x:auto}\n"
	"svg{display:block;width:100%;min-width:56rem;height:auto;font:13px system-ui,sans-serif}\n"
	"svg text{fill:var(--text)}svg .tick text{fill:var(--soft);font-size:12px}\n"
	"svg line{stroke:var(--line)}svg .lead{fill:none;stroke:var(--grey);stroke-width:1}\n"
	"svg .axis{stroke:var(--soft);stroke-width:2}\n"
	"svg .passed{fill:var(--passed)}svg .failed{fill:var(--failed)}\n"
	"svg .grey{fill:var(--page);stroke:var(--grey);stroke-width:3}\n"
	"table{width:100%;border-collapse:collapse;font-size:.9375rem}\n"
	"th,td{text-align:left;padding:.35rem .75rem .35rem 0;border-bottom:1px solid var(--line);"
	"vertical-align:top}\n"
	"th{color:var(--soft);font-weight:600}td.time{font-variant-numeric:tabular-nums}\n"
	"td a{color:inherit}\n"
	".word{font-weight:600;white-space:nowrap}\n"
	".word.passed{color:var(--passed)}.word.failed{color:var(--failed)}"
	".word.grey{color:var(--soft)}\n"
	"@media (max-width:40rem){thead{display:none}table,tbody{display:block}"
	"tr{display:grid;grid-template-columns:auto 1fr auto auto;gap:0 .75rem;padding:.5rem 0;"
	"border-bottom:1px solid var(--line)}td{border:0;padding:0}"
	"td.what{grid-column:1/-1}td.lead,td.what{color:var(--soft);font-size:.875rem}}\n";

const char *html_class(enum verdict verdict)
{
	static const char *const classes[] = {
		[VERDICT_PASSED] = "passed", [VERDICT_EARLY] = "grey",
		[VERDICT_FAILED] = "failed", [VERDICT_AS_CONTROL] = "grey",
		[VERDICT_NOT_RUN] = "grey",
	};

	return classes[verdict];
}
