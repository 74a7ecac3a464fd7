# SPDX-License-Identifier: MIT
"""At each system call of a start somebody dies, stands still, or gets a signal."""

from __future__ import annotations

import os
import re
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from calls import NUMBERS, Call, read_trace
from driver import Run, run_driver
from judge import Verdict, check_clocks, check_state, judge, state_of
from scenarios import Scenario

HOLD_SECONDS = 0.12
TRIES = 3


def read_clocks() -> list[int]:
    return [time.clock_gettime_ns(c) for c in (time.CLOCK_BOOTTIME, time.CLOCK_MONOTONIC)]


def send(pid: int, number: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def is_held(pid: int, number: int) -> bool:
    """By strace, at the beginning of that system call."""
    try:
        return Path(f"/proc/{pid}/syscall").read_text().split()[0] == str(number)
    except (OSError, IndexError):
        return False


@dataclass(frozen=True)
class Death:
    """`act`: what happens when that call is about to be made."""

    scenario: Scenario
    call: Call
    act: str
    state: str

    @property
    def name(self) -> str:
        return f"{self.scenario.name} | {self.call} {self.act}"

    @property
    def row(self) -> tuple[str, ...]:
        return self.act, self.scenario.route, self.call.side

    def words(self) -> list[str]:
        return [self.scenario.call, *self.scenario.words, *self.call.words()]

    def carry_out(self, log: Path) -> Verdict:
        return ACTS[self.act](self, log)


def inject(death: Death, what: str) -> list[str]:
    return [
        "-e",
        f"trace={death.call.name}",
        "-e",
        f"inject={death.call.name}:{what}:when={death.call.nth}",
    ]


def judge_orphan(death: Death, run: Run, before: list[int]) -> Verdict:
    """The caller is dead: its child has run its program, rightly, or has died."""
    report = {"before": before, "after": read_clocks()}
    wrong = list(run.trouble)
    for program in run.program:
        wrong += check_clocks(death.scenario, report, program)
        wrong += check_state(program, death.state)
    if run.status != -signal.SIGKILL:
        wrong.append(f"the caller has not died: status {run.status}")
    return Verdict("", bool(run.program), wrong)


def caller_dies(death: Death, log: Path) -> Verdict:
    """At a call of its own."""
    before = read_clocks()
    run = run_driver(death.words(), strace=(log, inject(death, "signal=KILL"), False))
    return judge_orphan(death, run, before)


def gets_signal(death: Death, log: Path) -> Verdict:
    """One that the caller has a handler for, which must not run in the child."""
    options = inject(death, "signal=USR1")
    run = run_driver(death.words(), strace=(log, options, death.call.side == "child"))
    # At its exec it is the program's own, and ends it.
    at_exec = r"status 0xa$|0 programs have run$" if death.call.name == "execve" else "(?!)"
    return judge(death.scenario, run, death.state, at_exec)


class Held:
    """The child stands still before that call, for a while: strace holds it there."""

    def __init__(self, death: Death, log: Path) -> None:
        self.death, self.reached = death, False
        options = inject(death, f"delay_enter={int(HOLD_SECONDS * 1e6)}")
        self.run = run_driver(death.words(), strace=(log, options, True), during=self.during)
        if not self.reached:
            self.run.trouble.append("the child was not held, or did not stop")

    def during(self, driver, tracer) -> None:
        """strace names each process that comes."""
        line = tracer.lines.next(time.monotonic() + 10) or ""
        found = re.search(r"Process (\d+) attached", line)
        if not found:
            return
        child = int(found[1])
        end = time.monotonic() + 1
        while time.monotonic() < end and not self.reached:
            self.reached = is_held(child, NUMBERS[self.death.call.name]) and self.stays(child)
        if self.reached:
            self.act(driver.pid, child)

    def stays(self, child: int) -> bool:
        time.sleep(0.02)
        return is_held(child, NUMBERS[self.death.call.name])

    def act(self, caller: int, child: int) -> None:
        raise NotImplementedError


class ChildDies(Held):
    def act(self, caller: int, child: int) -> None:
        send(child, signal.SIGKILL)


class ChildStops(Held):
    def act(self, caller: int, child: int) -> None:
        send(child, signal.SIGSTOP)
        time.sleep(HOLD_SECONDS + 0.05)
        with suppress(OSError):
            state = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[0]
            self.reached = state in ("T", "t")
        send(child, signal.SIGCONT)


class CallerDies(Held):
    def act(self, caller: int, child: int) -> None:
        send(caller, signal.SIGKILL)


def hold(kind: type[Held], death: Death, log: Path) -> Run:
    """On a machine with other work the child may have gone on before we looked: once more then."""
    for _ in range(TRIES):
        held = kind(death, log)
        if held.reached:
            break
    return held.run


def child_dies(death: Death, log: Path) -> Verdict:
    """The child of clone3 makes calls of the library also when it has reported. With CLONE_FILES it
    may leave a descriptor: timens.h."""
    late = death.scenario.call == "clone3"
    allowed = r"status 0x9$|0 programs have run$" if late else "(?!)"
    if "with=files" in death.scenario.words:
        allowed += r"|descriptor \d+ was not there and is \d+ [^ ]+ flags 1 "
    verdict = judge(death.scenario, hold(ChildDies, death, log), death.state, allowed)
    if verdict.right and not late:
        verdict.wrong.append("a success of a child that was killed")
    return verdict


def child_stops(death: Death, log: Path) -> Verdict:
    verdict = judge(death.scenario, hold(ChildStops, death, log), death.state)
    if not verdict.right:
        verdict.wrong.append(f"an error because of a stop: {verdict.told}")
    return verdict


def caller_dies_meanwhile(death: Death, log: Path) -> Verdict:
    before = read_clocks()
    return judge_orphan(death, hold(CallerDies, death, log), before)


ACTS = {
    "caller killed": caller_dies,
    "signal": gets_signal,
    "child killed": child_dies,
    "child stopped": child_stops,
    "caller killed meanwhile": caller_dies_meanwhile,
}
OF_PARENT = ("caller killed", "signal")
OF_CHILD = ("signal", "child killed", "child stopped", "caller killed meanwhile")


def deaths(scenario: Scenario, clean: Run) -> list[Death]:
    found, state = [], "" if "with=files" in scenario.words else state_of(clean)
    for call in read_trace(clean.log):
        for act in OF_PARENT if call.side == "parent" else OF_CHILD:
            found.append(Death(scenario, call, act, state))
    return found
