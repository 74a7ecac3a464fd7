# SPDX-License-Identifier: MIT
"""What a shifted clock costs the program that reads it: a time namespace, and libfaketime."""

import subprocess
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from measure import Case

CLOCKS = ("realtime", "monotonic", "boottime")
AS_IT_IS = "as it is"
SLEEP = "0.1"


def libfaketime() -> str | None:
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
    return str(found[0]) if found else None


def ways(build: Path) -> Iterator[tuple[str, list[str]]]:
    shift = ("--boottime", "1000000", "--monotonic", "1000000")
    yield AS_IT_IS, ["env"]
    yield "time namespace", [str(build / "cli/timens"), "run", *shift]
    if library := libfaketime():
        yield "libfaketime", ["env", f"LD_PRELOAD={library}", "FAKETIME=+1000000s"]


def read_cases(build: Path) -> list[Case]:
    """A column for each clock, in nanoseconds."""

    def take(prefix: list[str], count: int) -> list[tuple[float, ...]]:
        command = [*prefix, str(build / "bench/bench_clock"), *CLOCKS]
        texts = [
            subprocess.run(command, check=True, capture_output=True, text=True).stdout
            for _ in range(count)
        ]
        return [tuple(map(float, text.split())) for text in texts]

    return [Case(name, partial(take, prefix), 0.03) for name, prefix in ways(build)]


def sleep_cases(build: Path) -> list[Case]:
    """From outside, in milliseconds."""

    def take(prefix: list[str], count: int) -> list[tuple[float, ...]]:
        samples = []
        for _ in range(count):
            begin = time.perf_counter()
            subprocess.run([*prefix, "sleep", SLEEP], check=True)
            samples.append(((time.perf_counter() - begin) * 1e3,))
        return samples

    return [Case(name, partial(take, prefix), 0.03) for name, prefix in ways(build)]
