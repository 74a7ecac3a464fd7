# SPDX-License-Identifier: MIT
"""The system calls of a clean run, and the errors that the manual has for them."""

from __future__ import annotations

import re
import subprocess
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

ERRNOS = Path(__file__).with_name("errnos.txt")
# What driver.c marks the beginning and the end of the call with.
MARK, BEGIN, END = "sched_get_priority_max", "0x7e57", "0x7e58"


def read_errnos() -> dict[str, list[str]]:
    table = {}
    for line in ERRNOS.read_text().splitlines():
        if line and not line.startswith("#"):
            call, _, *errors = line.split()
            table[call] = errors
    return table


def faults_of(call: str, table: dict[str, list[str]]) -> list[str]:
    """Errnos, and results as "=N"."""
    errors = table.get(call, table["default"])
    return [] if errors == ["-"] else list(dict.fromkeys([*errors, "EPERM", "ENOSYS"]))


def call_numbers() -> dict[str, int]:
    source = subprocess.run(
        ["cc", "-dM", "-E", "-include", "sys/syscall.h", "-x", "c", "/dev/null"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return {name: int(nr) for name, nr in re.findall(r"#define __NR_(\w+) (\d+)", source)}


NUMBERS = call_numbers()


@dataclass(frozen=True)
class Call:
    side: str  # parent or child
    name: str
    nth: int  # of this name, in its process
    # How often the caller must make that call beforehand, so that its own nth is over: strace
    # counts in each process for itself, and a fault for the child's nth would meet it as well.
    burn: int

    def __str__(self) -> str:
        return f"{self.side} {self.name}#{self.nth}"

    def words(self) -> list[str]:
        return [f"burn={NUMBERS[self.name]}:{self.burn}"] if self.burn else []


def read_trace(log: str) -> list[Call]:
    """What is made between the marks: by the caller, and by each child up to its exec."""
    counts: dict[str, Counter] = defaultdict(Counter)
    found: dict[tuple[str, str, int], None] = {}
    caller, begun, done = "", False, set()
    for line in log.splitlines():
        if resumed := re.match(r"(\d+) +<... execve resumed>.*\) += 0$", line):
            done.add(resumed[1])
        match = re.match(r"(\d+) +(\w+)\((.*)", line)
        if not match:
            continue
        pid, call, rest = match.groups()
        caller = caller or pid
        if pid in done:
            continue
        counts[pid][call] += 1
        begun = begun or (call == MARK and BEGIN in rest)
        if call == MARK and END in rest:
            done.add(pid)
        # rt_sigreturn: of the driver's own handler, at a moment of its own.
        elif begun and call not in (MARK, "rt_sigreturn"):
            found["parent" if pid == caller else "child", call, counts[pid][call]] = None
        if call == "execve" and re.search(r"\) += 0$", rest):
            done.add(pid)
    in_caller = counts[caller]
    return [
        Call(side, call, nth, nth if side == "child" and in_caller[call] >= nth else 0)
        for side, call, nth in found
    ]
