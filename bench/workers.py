# SPDX-License-Identifier: MIT
"""Processes that carry out cases when they are told to: see worker.c for what is said."""

import subprocess
from collections.abc import Mapping, Sequence

NSEC_PER_USEC = 1000


class Worker:
    def __init__(self, argv: Sequence[str], env: Mapping[str, str] | None = None) -> None:
        self.process = subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=env,
            text=True,
        )

    def ask(self, *words: object) -> list[float]:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write("\t".join(map(str, words)) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.process.args}: ended when asked for {words}")
        return [float(word) for word in line.split("\t")]

    def starts(self, count: int, *request: str) -> list[tuple[float, float]]:
        """Call and life, in microseconds; `request` is the kind and its words."""
        kind, *words = request
        ns = self.ask(kind, count, *words)
        return [(ns[i] / NSEC_PER_USEC, ns[i + 1] / NSEC_PER_USEC) for i in range(0, len(ns), 2)]

    def end(self) -> None:
        self.process.communicate()
