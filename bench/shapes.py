# SPDX-License-Identifier: MIT
"""The same starts by callers that differ in one way: memory, threads, descriptors, environment."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from measure import Case
from workers import Worker

PLAIN = ("posix_spawn", "clone(VM|VFORK), exec", "timens_spawn")
MIB_LEFT_TO_OTHERS = 3072
ROUNDS_FOR_THE_LARGEST = 500


@dataclass
class Shape:
    """The others are compared to values[0]."""

    name: str
    title: str
    values: Sequence[int]
    methods: Sequence[str]

    def worker(self, build: Path, program: str, value: int) -> Worker:
        argv = [str(build / "bench/bench_worker"), program]
        if self.name == "environment":
            return Worker(argv, {f"VARIABLE_{i}": "of no use" for i in range(value)})
        return Worker([*argv, f"{self.name}={value}"])

    def share(self, method: str) -> float:
        """A fork of a large caller takes long."""
        return 0.03 if self.name == "resident" and "fork" in method.split() else 0.5

    def cases(self, method: str, workers: dict[int, Worker]) -> list[Case]:
        def take(worker: Worker, count: int) -> list[tuple[float, ...]]:
            return worker.starts(count, "start", method)

        share = self.share(method)
        return [Case(str(v), partial(take, w), share) for v, w in workers.items()]


def mib_available() -> int:
    lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if "MemAvailable" in line)


def resident_sizes(rounds: int) -> tuple[list[int], list[str]]:
    """All are resident at once; and what is left out."""
    sizes, notes, total = [0], [], MIB_LEFT_TO_OTHERS
    for mib in (256, 2048, 8192):
        total += mib
        if total > mib_available():
            notes.append(f"Left out: {mib} MiB resident, too much for the memory of this machine")
        elif mib < 8192 or rounds >= ROUNDS_FOR_THE_LARGEST:
            sizes.append(mib)
    return sizes, notes


def shapes(rounds: int) -> tuple[list[Shape], list[str]]:
    sizes, notes = resident_sizes(rounds)
    return [
        Shape(
            "resident",
            "MiB resident in the caller",
            sizes,
            (*PLAIN, "timens_spawn, route vfork", "timens_spawn, route fork"),
        ),
        Shape("threads", "threads of the caller", (1, 8, 64), PLAIN),
        Shape(
            "fds",
            "descriptors open in the caller",
            (10, 1000, 10000),
            (*PLAIN, "posix_spawn, closing", "timens_spawn, closing"),
        ),
        Shape("environment", "variables in the environment", (10, 10000), PLAIN),
    ], notes
