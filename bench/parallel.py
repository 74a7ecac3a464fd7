# SPDX-License-Identifier: MIT
"""Starts per second, when several threads of one process start programs at the same time."""

from functools import partial
from pathlib import Path

from measure import Case
from shapes import PLAIN
from workers import Worker

THREADS = (1, 4, 16)
STARTS = 160  # of all threads together


def cases(worker: Worker, threads: int) -> list[Case]:
    def take(method: str, count: int) -> list[tuple[float, ...]]:
        request = ("parallel", STARTS // threads, method, threads)
        return [tuple(worker.ask(*request)) for _ in range(count)]

    return [Case(method, partial(take, method), 0.03) for method in PLAIN]


def worker(build: Path, program: str) -> Worker:
    return Worker([str(build / "bench/bench_worker"), program])
