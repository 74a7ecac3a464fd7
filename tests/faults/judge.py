# SPDX-License-Identifier: MIT
"""Whether what a run has shown is a right start, a clean error, or neither."""

from __future__ import annotations

import errno
import re
from dataclasses import dataclass, field

from driver import Run
from scenarios import SHIFTS, Scenario


@dataclass
class Verdict:
    told: str = ""  # stage and errno of an error
    right: bool = False
    wrong: list[str] = field(default_factory=list)
    left_out: str = ""  # why this machine cannot have it

    @property
    def outcome(self) -> str:
        return "violation" if self.wrong else "right" if self.right else "error"


def check_clocks(scenario: Scenario, report: dict, program: dict) -> list[str]:
    found = []
    for i, clock in enumerate(("boottime", "monotonic")):
        shift = SHIFTS[i] if scenario.shifted else 0
        low, high = (report[when][i] + shift for when in ("before", "after"))
        if not low <= program[clock] <= high:
            found.append(f"{clock} reads {(program[clock] - low) / 1e9:+.6f} s from what it should")
    return found


def check_state(program: dict, state: str) -> list[str]:
    """`state`: of the program of a clean run; "": not known."""
    if not state:
        return []
    pairs = zip(program["state"].split("; "), state.split("; "), strict=True)
    return [f"program: {found} and not {clean}" for found, clean in pairs if found != clean]


def check_right(scenario: Scenario, report: dict, programs: list[dict], state: str) -> list[str]:
    found = [] if report.get("status", 0) == 0 else [f"status {report['status']:#x}"]
    if scenario.fails:
        found.append("a success where there can be none")
    if len(programs) != scenario.programs:
        return [*found, f"{len(programs)} programs have run"]
    if programs:
        # What is waited for was started before.
        found += check_clocks(scenario, report, programs[0]) if scenario.call != "wait" else []
        found += check_state(programs[0], state)
    return found


def check_clean(scenario: Scenario, report: dict, programs: list[dict]) -> list[str]:
    found = []
    if programs and scenario.call != "wait":
        found.append(f"{len(programs)} programs have run, and an error")
    if report.get("stage", "?") == "?":
        found.append("an error without a stage")
    if len(report.get("text", "")) < 10:
        found.append("an error without a text")
    return found


def tell(report: dict) -> str:
    return f"{report.get('stage')} {errno.errorcode.get(-report['result'], '?')}"


def judge_report(scenario: Scenario, report: dict, programs: list[dict], state: str) -> Verdict:
    right = report["result"] >= 0
    check = check_right(scenario, report, programs, state) if right else []
    check += [] if right else check_clean(scenario, report, programs)
    return Verdict("" if right else tell(report), right, check + report["broken"])


def programs_of(run: Run, tag: str) -> list[dict]:
    return [p for p in run.program if (" again " in p["state"]) == (tag == "again")]


def state_of(run: Run) -> str:
    programs = programs_of(run, "asked")
    return programs[0]["state"] if programs else ""


def judge(scenario: Scenario, run: Run, state: str, allowed: str = "(?!)") -> Verdict:
    """`state`: of the program in a clean run. `allowed`: what may be wrong, as a pattern."""
    trouble = list(run.trouble)
    if run.status or not run.driver:
        return Verdict(wrong=[*trouble, f"driver: status {run.status} {run.reason}"])
    first, *again = run.driver
    verdict = judge_report(scenario, first, programs_of(run, "asked"), state)
    found = verdict.wrong
    for report in again:
        if report["result"] < 0:
            found.append(f"the next start fails: {report['text']}")
        # The child that a fault has left behind is found by the next start too.
        found += [f"the next: {b}" for b in report["broken"] if not b.startswith("child left")]
    pattern = re.compile(f"(the next: )?({allowed})", re.DOTALL)
    verdict.wrong = trouble + [text for text in found if not pattern.match(text)]
    return verdict


STOLEN = -1  # the status of a program that somebody else has reaped


def judge_each(scenario: Scenario, run: Run, allowed: str) -> Verdict:
    """Of a driver that makes the call several times; each must end well, and as the first."""
    if run.status or not run.driver:
        return Verdict(wrong=[*run.trouble, f"driver: status {run.status} {run.reason}"])
    programs = list(run.program)
    found = list(run.trouble)
    verdicts = []
    for report in run.driver:
        ran = report["result"] >= 0 and scenario.programs and report.get("status", 0) in (0, STOLEN)
        verdicts.append(judge_report(scenario, report, programs[:1] if ran else [], ""))
        del programs[: int(bool(ran))]
        found += verdicts[-1].wrong
    if programs:
        found.append(f"{len(programs)} programs too many have run")
    outcomes = {(v.right, v.told) for v in verdicts}
    if len(outcomes) > 1:
        found.append(f"several ends: {outcomes}")
    first = verdicts[0]
    return Verdict(first.told, first.right, [w for w in found if not re.match(allowed, w)])
