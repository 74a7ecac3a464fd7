# SPDX-License-Identifier: MIT
"""make faults: every system call of a start is made to fail, once, with each errno of its manual.

run.py [--every K] [--only TEXT]

For each scenario (scenarios.py) a clean run under strace shows the system calls between the
driver's two marks, of the caller and of each child up to its exec. Each of them is a case with each
error that errnos.txt has for it: one more run, in which strace answers that call in the kernel's
place. Every time the result must be the right one, or a clean error; and in the caller nothing may
have changed, and nothing be left.
"""

from __future__ import annotations

import argparse
import errno
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from driver import DRIVER, SKIPPED, Run, adopt_orphans, run_driver
from scenarios import SHIFTS, Scenario, others, spawns

HERE = Path(__file__).parent
BEGIN, END = "0x7e57", "0x7e58"
WORKERS = 2

# strace answers in the kernel's place and does not make the call. Where the kernel does its work
# whatever it answers, or answers so only if there was nothing to do, what is left is strace's.
NOT_DONE = {
    "close": r"descriptor \d+ was not there|pidfd is \d+ after|program: .*with=close",
    # A program that is none goes to the shell, if so asked; the observer is none for the shell.
    "execve": r"status 0x200$|0 programs have run$",
    "waitid": r"child left: \d+ \(zombie\)",
    # The second of a pair, of which the first has succeeded.
    "rt_sigprocmask": r"(signal mask|pending signals) was .* and is (fffffffffffbfeff|10000)$",
}


@dataclass(frozen=True)
class Case:
    scenario: Scenario
    side: str  # parent or child
    call: str
    nth: int  # of this call, in its process
    fault: str  # an errno, or =N
    burn: int  # how often the caller makes that call first, so that it is past the nth

    @property
    def name(self) -> str:
        return f"{self.scenario.name} | {self.side} {self.call}#{self.nth} {self.fault}"


# -- Errors of the manual --


def read_errnos() -> dict[str, list[str]]:
    table = {}
    for line in (HERE / "errnos.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            call, _, *errors = line.split()
            table[call] = errors
    return table


def faults_of(call: str, table: dict[str, list[str]]) -> list[str]:
    errors = table.get(call, table["default"])
    if errors == ["-"]:
        return []
    return list(dict.fromkeys([*errors, "EPERM", "ENOSYS"]))


def call_numbers() -> dict[str, int]:
    source = subprocess.run(
        ["cc", "-dM", "-E", "-include", "sys/syscall.h", "-x", "c", "/dev/null"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return {name: int(nr) for name, nr in re.findall(r"#define __NR_(\w+) (\d+)", source)}


NUMBERS = call_numbers()

# -- The cases, from a clean run --


def read_trace(log: str) -> tuple[Counter, list[tuple[str, str, int]], Counter]:
    """The calls of a trace: how often each is made in the caller; (side, call, nth) between the
    marks."""
    counts: dict[str, Counter] = defaultdict(Counter)
    found: dict[tuple[str, str, int], None] = {}
    caller, begun, done = None, False, set()
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
        if call == "sched_get_priority_max":
            begun = begun or BEGIN in rest
            if END in rest:
                done.add(pid)
            continue
        if not begun:
            continue
        found["parent" if pid == caller else "child", call, counts[pid][call]] = None
        if call == "execve" and re.search(r"\) += 0$", rest):
            done.add(pid)
    return counts[caller or ""], list(found)


def make_cases(scenario: Scenario, log: str, table: dict[str, list[str]]) -> list[Case]:
    in_caller, calls = read_trace(log)
    cases = []
    for side, call, nth in calls:
        burn = nth if side == "child" and in_caller[call] >= nth else 0
        for fault in faults_of(call, table):
            cases.append(Case(scenario, side, call, nth, fault, burn))
    return cases


# -- One case --


def words_of(case: Case) -> list[str]:
    burn = [f"burn={NUMBERS[case.call]}:{case.burn}"] if case.burn else []
    return [case.scenario.call, *case.scenario.words, *burn, "again"]


def injection(case: Case) -> list[str]:
    what = f"retval={case.fault[1:]}" if case.fault[0] == "=" else f"error={case.fault}"
    return ["-e", f"trace={case.call}", "-e", f"inject={case.call}:{what}:when={case.nth}"]


def check_program(scenario: Scenario, report: dict, program: dict, clean: Run) -> list[str]:
    """That it reads what it should, and is as the program of the clean run."""
    found = []
    for i, clock in enumerate(("boottime", "monotonic")):
        low, high = (report[when][i] + scenario.shifted * SHIFTS[i] for when in ("before", "after"))
        if not low <= program[clock] <= high:
            found.append(f"{clock} reads {(program[clock] - low) / 1e9:+.6f} s from what it should")
    if program["state"] != clean.program[0]["state"]:
        found.append(f"program: {program['state']}\n    and not: {clean.program[0]['state']}"
                     f"\n    {scenario.name}")
    return found


def check_right(scenario: Scenario, report: dict, programs: list[dict], clean: Run) -> list[str]:
    found = [] if report.get("status", 0) == 0 else [f"status {report['status']:#x}"]
    if scenario.fails:
        found.append("a success where there can be none")
    if bool(programs) != bool(clean.program):
        return [*found, f"{len(programs)} programs have run"]
    if programs and scenario.call in ("spawn", "clone3"):
        found += check_program(scenario, report, programs[0], clean)
    return found


def check_clean(report: dict, programs: list[dict]) -> list[str]:
    found = [f"{len(programs)} programs have run, and an error"] if programs else []
    if report.get("stage", "?") == "?":
        found.append("an error without a stage")
    if len(report.get("text", "")) < 10:
        found.append("an error without a text")
    return found


def ran_meanwhile(run: Run, tag: str) -> list[dict]:
    return [p for p in run.program if (" again " in p["state"]) == (tag == "again")]


def judge(case: Case, run: Run, clean: Run) -> tuple[str, str, list[str]]:
    """("right", "error" or "violation", what was told, what is wrong)."""
    found = list(run.trouble)
    if "(INJECTED)" not in run.log:
        found.append("the fault was not reached")
    if len(run.driver) != 2 or run.status:
        return "violation", "", [*found, f"driver: status {run.status} {run.reason}"]
    first, again = run.driver
    programs = ran_meanwhile(run, "asked")
    right = first["result"] >= 0
    helper = case.scenario.call == "wait"
    found += check_right(case.scenario, first, programs, clean) if right else []
    found += [] if right else check_clean(first, [] if helper else programs)
    found += first["broken"]
    allowed = NOT_DONE.get(case.call, "(?!)")
    found = [text for text in found if not re.match(allowed, text, re.DOTALL)]
    if again["result"] < 0:
        found.append(f"the next start fails: {again['text']}")
    found += [f"the next start: {text}" for text in again["broken"]
              if not re.match(allowed, text) and not text.startswith("child left")]
    told = "" if right else f"{first.get('stage')} {errno.errorcode.get(-first['result'], '?')}"
    return "violation" if found else "right" if right else "error", told, found


def run_case(case: Case, clean: Run) -> tuple[str, str, list[str]]:
    """A child that the caller kills (the holder of a user namespace) may not get that far."""
    strace = (LOG, injection(case), case.side == "child")
    for _ in range(5 if "with=maps" in case.scenario.words else 1):
        run = run_driver(words_of(case), strace=strace)
        if "(INJECTED)" in run.log:
            break
    return judge(case, run, clean)


def clean_run(scenario: Scenario) -> Run:
    return run_driver([scenario.call, *scenario.words, "again"], strace=(LOG, [], True))


# -- The campaign --

LOG = Path("/dev/null")


def begin_worker(folder: str) -> None:
    global LOG
    LOG = Path(folder) / f"strace-{os.getpid()}.log"
    adopt_orphans()


def mount_cgroup(folder: Path) -> Path | None:
    """A cgroup of version 2, wherever this machine has it mounted."""
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _, where, kind, *_ = line.split()
        if kind == "cgroup2":
            group = Path(where) / f"timens-faults-{os.getpid()}"
            try:
                group.mkdir()
            except OSError:
                return None
            os.environ["FAULTS_CGROUP"] = str(group)
            return group
    return None


def show(title: str, rows: dict[tuple, Counter]) -> None:
    print(f"\n{title}")
    print("| call | route | in | cases | right | clean error | violations |")
    print("|---|---|---|---|---|---|---|")
    total: Counter = Counter()
    for key, count in rows.items():
        total += count
        print(line_of(key, count))
    print(line_of(("all", "", ""), total))


def line_of(key: tuple, count: Counter) -> str:
    cells = (*key, count.total(), count["right"], count["error"], count["violation"])
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def collect(pool: ProcessPoolExecutor, scenarios: list[Scenario]) -> list[tuple[Case, Run]]:
    table, cases = read_errnos(), []
    for scenario, clean in zip(scenarios, pool.map(clean_run, scenarios), strict=True):
        if clean.status == SKIPPED:
            print(f"faults: left out: {scenario.name}: {clean.reason}")
            continue
        wrong = clean.trouble + [b for report in clean.driver for b in report["broken"]]
        if wrong or len(clean.driver) != 2 or (clean.driver[0]["result"] < 0) != scenario.fails:
            sys.exit(f"faults: not right without a fault: {scenario.name}: {wrong} {clean}")
        cases += [(case, clean) for case in make_cases(scenario, clean.log, table)]
    return cases


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--every", type=int, default=1, help="only every K-th case")
    parser.add_argument("--only", default="", help="only the cases whose name has this text")
    parser.add_argument("--tell", action="store_true", help="say how each case ended")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="timens-faults-"))
    group = mount_cgroup(folder)
    rows: dict[tuple, Counter] = defaultdict(Counter)
    failed, start = [], time.monotonic()
    try:
        with ProcessPoolExecutor(WORKERS, initializer=begin_worker, initargs=(str(folder),)) as pool:
            cases = collect(pool, spawns() + others())
            cases = [c for c in cases if options.only in c[0].name][:: options.every]
            for (case, _), (outcome, told, wrong) in zip(
                cases, pool.map(run_case, *zip(*cases, strict=True), chunksize=8), strict=True
            ):
                key = case.scenario.call, case.scenario.route, case.side
                rows[key][outcome] += 1
                if options.tell:
                    print(f"{case.name} -> {outcome} {told}")
                if wrong:
                    failed.append(case)
                    print(f"VIOLATION {case.name} {told}", *wrong, sep="\n    ")
    finally:
        shutil.rmtree(folder)
        if group:
            group.rmdir()
    show(f"{len(cases)} cases in {time.monotonic() - start:.0f} s", rows)
    return 1 if failed or not cases else 0


if __name__ == "__main__":
    sys.exit(main())
