# SPDX-License-Identifier: MIT
"""Fails when a case stands in one language's suite and not in another's without a stated reason.

Files and cases have the same names: tests/core/test_spawn.c, tests/python/test_spawn.py,
tests/lua/spawn_spec.lua. A smoke suite (tests/perl/spawn.t) has some of them. Reasons stand in
tests/parity.json, as {"file or lua_*": {"case or *": {"language": "reason"}}}; a reason that is
not needed any more fails too.
"""

import json
import re
import sys
from fnmatch import fnmatch
from pathlib import Path

TESTS = Path(__file__).parent.parent / "tests"
SUITES = {
    "core": ("core/test_*.c", r"^test_(.*)\.c$", r"^static void (\w+)\(void \*\*state\)"),
    "python": ("python/test_*.py", r"^test_(.*)\.py$", r"^(?:async )?def test_(\w+)\("),
    "lua": ("lua/*_spec.lua", r"^(.*)_spec\.lua$", r"\bit\(\s*[\"'](\w+)[\"']"),
    "perl": ("perl/*.t", r"^(.*)\.t$", r"^subtest (\w+) =>"),
}
SMOKE = {"perl"}


def cases_of(pattern, name_pattern, case_pattern):
    found = set()
    for path in sorted(TESTS.glob(pattern)):
        name = re.match(name_pattern, path.name)[1]
        text = path.read_text(encoding="utf-8")
        found |= {(name, case) for case in re.findall(case_pattern, text, re.MULTILINE)}
    return found


def reason_for(reasons, file, case, language):
    for pattern, by_case in reasons.items():
        for key in (case, "*") if fnmatch(file, pattern) else ():
            if language in by_case.get(key, {}):
                return pattern, key, language
    return None


def main():
    reasons = json.loads((TESTS / "parity.json").read_text(encoding="utf-8"))
    suites = {language: cases_of(*how) for language, how in SUITES.items()}
    used, complaints = set(), []
    for file, case in sorted(set().union(*suites.values())):
        for language, cases in suites.items():
            if (file, case) in cases or language in SMOKE:
                continue
            reason = reason_for(reasons, file, case, language)
            used.add(reason)
            if reason is None:
                complaints.append(f"{file}: {case} is missing in {language}")
    stated = {(f, c, lang) for f, cs in reasons.items() for c, ls in cs.items() for lang in ls}
    complaints += [f"{f}: {c}: the reason for {lang} is not needed" for f, c, lang in stated - used]
    print("\n".join(sorted(complaints)) or "parity holds:", end="\n" if complaints else " ")
    print(", ".join(f"{language} {len(cases)} cases" for language, cases in suites.items()))
    return 1 if complaints else 0


sys.exit(main())
