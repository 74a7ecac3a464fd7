# SPDX-License-Identifier: MIT
"""make faults: no start is ever silently wrong, and nothing is ever left behind.

Three campaigns, of calls that the driver makes one at a time:
faults      every system call of a start fails, once, with each errno of its manual page
deaths      at every system call the caller or the child is killed, stopped, or gets a signal
conditions  filters, a strange /proc, limits, namespaces used up, signals all the while

Each result must be the right one, or a clean error with a stage, an errno and a text; in the caller
nothing may have changed, no child or descriptor may be left, and its next start must be right.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path

from conditions import conditions
from deaths import deaths
from driver import SKIPPED, begin_worker
from faults import clean_run, faults
from judge import Verdict
from scenarios import Scenario, few, others, spawns

WORKERS = 2


def log_file() -> Path:
    return Path(os.environ["FAULTS_FOLDER"], f"strace-{os.getpid()}.log")


def clean(scenario: Scenario):
    return clean_run(scenario, log_file())


def carry_out(case) -> Verdict:
    return case.carry_out(log_file())


# -- From scenarios to cases --


def from_traces(pool: ProcessPoolExecutor, scenarios: list[Scenario], make: Callable) -> list:
    cases = []
    for scenario, run in zip(scenarios, pool.map(clean, scenarios), strict=True):
        if run.status == SKIPPED:
            print(f"faults: left out: {scenario.name}: {run.reason}")
            continue
        wrong = run.trouble + [b for report in run.driver for b in report["broken"]]
        if wrong or len(run.driver) != 2 or (run.driver[0]["result"] < 0) != scenario.fails:
            sys.exit(f"faults: not right without a fault: {scenario.name}: {wrong} {run}")
        cases += make(scenario, run)
    return cases


CAMPAIGNS: dict[str, Callable[[ProcessPoolExecutor], list]] = {
    "faults": lambda pool: from_traces(pool, spawns() + others(), faults),
    "deaths": lambda pool: from_traces(pool, few(), deaths),
    "conditions": lambda pool: conditions(),
}


# -- Tables --


def line_of(cells: tuple) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def show(title: str, rows: dict[tuple, Counter]) -> None:
    print(f"\n{title}\n")
    print(line_of(("what", "route", "in", "cases", "right", "clean error", "violations")))
    print("|---" * 7 + "|")
    rows[("all", "", "")] = sum(rows.values(), Counter())
    for row, count in rows.items():
        counts = (count["right"], count["error"], count["violation"])
        print(line_of((*row, sum(counts), *counts)))


def run_campaign(pool: ProcessPoolExecutor, name: str, options: argparse.Namespace) -> bool:
    """Whether there is no violation."""
    start = time.monotonic()
    cases = [c for c in CAMPAIGNS[name](pool) if options.only in c.name][:: options.every]
    rows: dict[tuple, Counter] = defaultdict(Counter)
    left_out: Counter = Counter()
    for case, verdict in zip(cases, pool.map(carry_out, cases, chunksize=4), strict=True):
        if verdict.left_out:
            left_out[verdict.left_out] += 1
            continue
        rows[case.row][verdict.outcome] += 1
        if options.tell:
            print(f"{case.name} -> {verdict.outcome} {verdict.told}")
        if verdict.wrong:
            print(f"VIOLATION {case.name} {verdict.told}", *verdict.wrong, sep="\n    ", flush=True)
    for reason, count in left_out.items():
        print(f"faults: {count} cases left out: {reason}")
    show(f"{name}: {len(cases) - left_out.total()} cases in {time.monotonic() - start:.0f} s", rows)
    return not sum(rows.values(), Counter())["violation"]


def use_cgroup(stack: ExitStack) -> None:
    """A group of version 2, wherever this machine has it mounted; without one, left out."""
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _, where, kind, *_ = line.split()
        if kind != "cgroup2":
            continue
        group = Path(where) / f"timens-faults-{os.getpid()}"
        with suppress(OSError):
            group.mkdir()
            stack.callback(group.rmdir)
            os.environ["FAULTS_CGROUP"] = str(group)
        return


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("campaigns", nargs="*", default=list(CAMPAIGNS), help=", ".join(CAMPAIGNS))
    parser.add_argument("--every", type=int, default=1, help="only every K-th case")
    parser.add_argument("--only", default="", help="only the cases whose name has this text")
    parser.add_argument("--tell", action="store_true", help="say how each case ended")
    options = parser.parse_args()
    # What is made here goes away then too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with ExitStack() as stack:
        folder = tempfile.mkdtemp(prefix="timens-faults-")
        stack.callback(shutil.rmtree, folder)
        os.environ["FAULTS_FOLDER"] = str(folder)
        use_cgroup(stack)
        pool = stack.enter_context(ProcessPoolExecutor(WORKERS, initializer=begin_worker))
        good = [run_campaign(pool, name, options) for name in options.campaigns]
    return 0 if good and all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
