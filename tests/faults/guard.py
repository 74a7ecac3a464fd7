# SPDX-License-Identifier: MIT
"""A start makes just these system calls: a guard against growth, by counts, which no load changes.

guard.py: compares with calls.json, and its first list with the table in docs/performance.md.
guard.py --write: writes calls.json anew, for a commit that says why.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import sys
import tempfile
from pathlib import Path

from calls import read_trace
from driver import SKIPPED, begin_worker
from faults import clean_run
from scenarios import spawn

LISTS = Path(__file__).with_name("calls.json")
DOCUMENT = Path(__file__).parents[2] / "docs/performance.md"
WARM = ("warm", "userns=never")
# By name: the route, and what is asked for. The first is the one in the document.
STARTS = {
    "clone3": ("clone3", *WARM),
    "clone3, as userns=auto finds out": ("clone3", "warm"),
    "clone3, no namespace": ("clone3", *WARM, "with=notime"),
    "clone3, closing": ("clone3", *WARM, "with=close"),
    "clone3, user namespace": ("clone3", "warm", "userns=always"),
    "clone3, every option": ("clone3", *WARM, "with=full"),
    "vfork": ("vfork", *WARM),
    "fork": ("fork", *WARM),
}


def skip(reason: str) -> int:
    print(f"left out: {reason}")
    return 1 if os.environ.get("TIMENS_REQUIRE") == "1" else SKIPPED


def in_short(names: list[str]) -> list[str]:
    """The same call several times in a row as "CALL x N"."""
    runs = [(name, len(list(group))) for name, group in itertools.groupby(names)]
    return [name if count == 1 else f"{name} x {count}" for name, count in runs]


def count_calls(words: tuple[str, ...], log: Path) -> dict[str, list[str]] | None:
    """None where this kernel has no such route."""
    run = clean_run(spawn(*words), log)
    if run.status == SKIPPED:
        return None
    if run.trouble or len(run.driver) != 2:
        sys.exit(f"guard: {words}: {run.trouble} {run.reason}")
    calls = read_trace(run.log)
    return {
        side: in_short([call.name for call in calls if call.side == side])
        for side in ("parent", "child")
    }


def documented() -> dict[str, list[str]]:
    """The rows "| parent | `call` | reason |"."""
    rows = re.findall(r"^\| (parent|child) \| `(\w+)` \|", DOCUMENT.read_text(), re.MULTILINE)
    return {side: [call for s, call in rows if s == side] for side in ("parent", "child")}


def compare(where: str, found: dict, expected: dict) -> list[str]:
    return [
        f"{where}, {side}:\n  is  {' '.join(found[side])}\n  was {' '.join(expected[side])}"
        for side in found
        if found[side] != expected[side]
    ]


def main() -> int:
    if os.geteuid() != 0:
        return skip("the lists are those of a start as root")
    begin_worker()
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "log")
        found = {name: count_calls(words, log) for name, words in STARTS.items()}
    if None in found.values():
        return skip("the lists are those of a kernel that has all routes")
    if "--write" in sys.argv:
        LISTS.write_text(json.dumps(found, indent=1) + "\n")
    expected = json.loads(LISTS.read_text())
    wrong = [text for name in STARTS for text in compare(name, found[name], expected[name])]
    wrong += compare(f"{DOCUMENT.name} has others", next(iter(found.values())), documented())
    print("\n".join(wrong) or f"guard: {len(STARTS)} starts make the calls that they made")
    return 1 if wrong else 0


sys.exit(main())
