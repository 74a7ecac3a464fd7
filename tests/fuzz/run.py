# SPDX-License-Identifier: MIT
"""Runs the fuzz targets, two at a time: run.py BUILD SECONDS [TARGET...].

What they learn is kept in BUILD/corpus, beside the seeds of tests/fuzz/corpus; an input that was
answered wrong is written to BUILD/crashes.
"""

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
TARGETS = ("sizes", "duration", "offsets_file", "oci", "junit")
#: Seconds for one input: what takes longer hangs.
TIMEOUT = 10


class Result(NamedTuple):
    target: str
    runs: str
    edges: str
    corpus: int
    crash: str


def command(build: Path, target: str, seconds: int) -> list[str]:
    learned, crashes = build / "corpus" / target, build / "crashes"
    learned.mkdir(parents=True, exist_ok=True)
    crashes.mkdir(exist_ok=True)
    return [
        str(build / "tests" / "fuzz" / f"fuzz_{target}"),
        f"-max_total_time={seconds}",
        f"-timeout={TIMEOUT}",
        # What the targets say of bad input; reports come all the same.
        "-close_fd_mask=2",
        f"-dict={HERE / 'dictionaries' / target}.dict",
        f"-artifact_prefix={crashes}/{target}-",
        "-print_final_stats=1",
        str(learned),
        str(HERE / "corpus" / target),
    ]


def last(pattern: str, log: str) -> str:
    found = re.findall(pattern, log)
    return str(found[-1]) if found else "?"


def run(build: Path, target: str, seconds: int) -> Result:
    environment = dict(os.environ, UBSAN_OPTIONS="print_stacktrace=1")
    done = subprocess.run(
        command(build, target, seconds),
        capture_output=True,
        text=True,
        errors="replace",
        env=environment,
        check=False,
    )
    (build / f"{target}.log").write_text(done.stderr)
    crash = ""
    if done.returncode:
        crash = last(r"Test unit written to (\S+)", done.stderr)
    return Result(
        target,
        last(r"stat::number_of_executed_units: (\d+)", done.stderr),
        last(r"cov: (\d+)", done.stderr),
        sum(1 for _ in (build / "corpus" / target).iterdir()),
        crash,
    )


def tell(build: Path, result: Result) -> None:
    print(
        f"{result.target:<14}{result.runs:>12} runs{result.edges:>7} edges"
        f"{result.corpus:>7} inputs kept  {'WRONG' if result.crash else 'right'}",
        flush=True,
    )
    if result.crash:
        program = build / "tests" / "fuzz" / f"fuzz_{result.target}"
        print(
            f"  what was wrong stands in {build / result.target}.log; again: {program} "
            f"{result.crash}\n  once fixed, keep that input in tests/fuzz/corpus/{result.target}"
        )


def main() -> int:
    build, seconds = Path(sys.argv[1]).resolve(), int(sys.argv[2])
    targets = sys.argv[3:] or list(TARGETS)
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda target: run(build, target, seconds), targets))
    for result in results:
        tell(build, result)
    return any(result.crash for result in results)


if __name__ == "__main__":
    sys.exit(main())
