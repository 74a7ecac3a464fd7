# SPDX-License-Identifier: MIT
"""Runs the driver once, alone or under strace, and takes in what it says."""

from __future__ import annotations

import ctypes
import json
import os
import selectors
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

PROGRAMS = Path(os.environ["FAULTS_PROGRAMS"])
DRIVER = PROGRAMS / "faults_driver"
SECONDS = 30
SKIPPED = 77


class Hangs(Exception):
    """Nothing came in time."""


@dataclass
class Run:
    """What one run of the driver has shown."""

    status: int = 0
    driver: list[dict] = field(default_factory=list)
    program: list[dict] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)
    log: str = ""
    reason: str = ""


PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36


def begin_worker() -> None:
    """A program whose parent dies becomes our child, so that none can hide. We end with ours."""
    prctl = ctypes.CDLL(None).prctl
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)


class Lines:
    """The lines of a pipe, within a time."""

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self.buffer = b""
        self.ended = False
        self.selector = selectors.DefaultSelector()
        self.selector.register(fd, selectors.EVENT_READ)

    def next(self, deadline: float) -> str | None:
        """None at the end."""
        while b"\n" not in self.buffer:
            if self.ended or not self.selector.select(max(0, deadline - time.monotonic())):
                if self.ended:
                    return None
                raise Hangs
            data = os.read(self.fd, 65536)
            self.buffer += data
            self.ended = not data
        line, _, self.buffer = self.buffer.partition(b"\n")
        return line.decode()


def kill(process: subprocess.Popen) -> None:
    with suppress(ProcessLookupError):
        process.kill()
    process.wait()


def reap_orphans(run: Run, seconds: float = 5) -> None:
    """All that a dead driver has left must end by itself."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            info = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT | 0x40000000)
        except ChildProcessError:
            return
        if info is None:
            if time.monotonic() < deadline:
                time.sleep(0.005)
                continue
            run.trouble.append("a child of the dead caller does not end")
            for pid in children():
                os.kill(pid, signal.SIGKILL)
            deadline += seconds
        else:
            os.waitpid(info.si_pid, 0x40000000)


def children() -> list[int]:
    """Not from /proc/PID/task/PID/children, which not every kernel has."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(path.read_text().rpartition(")")[2].split()[1]) == os.getpid():
                found.append(int(path.parent.name))
    return found


class Strace:
    """strace on the driver that waits for its byte, and on what it starts, if `follow`."""

    def __init__(self, pid: int, log: Path, options: list[str], follow: bool) -> None:
        self.log = log
        self.process = subprocess.Popen(
            ["strace", *(["-f"] if follow else []), "-o", log, *options, "-p", str(pid)],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        self.lines = Lines(self.process.stderr.fileno())
        first = self.lines.next(time.monotonic() + SECONDS)
        if not first or "attached" not in first:
            raise RuntimeError(f"strace: {first}")

    def end(self) -> str:
        """It lets go of all that it traces."""
        self.process.terminate()
        self.process.stderr.close()
        self.process.wait()
        return self.log.read_text(errors="replace")


def take_line(run: Run, line: str) -> None:
    try:
        report = json.loads(line)
    except ValueError:
        run.trouble.append(f"not understood: {line[:80]}")
        return
    (run.driver if report["who"] == "driver" else run.program).append(report)


def read_until(lines: Lines, run: Run, word: str | None, deadline: float) -> bool:
    """False if the end came first."""
    while (line := lines.next(deadline)) is not None:
        if line == word:
            return True
        take_line(run, line)
    return word is None


def run_driver(words: list[str], *, strace=None, during=None, stdin=subprocess.PIPE) -> Run:
    """`strace`: (log, options, follow). `during(driver, strace)` acts while the call is made."""
    run = Run()
    held = strace is not None
    driver = subprocess.Popen(
        [DRIVER, *words, *(["hold"] if held else [])],
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    lines = Lines(driver.stdout.fileno())
    deadline = time.monotonic() + SECONDS
    tracer = None
    try:
        if held and read_until(lines, run, "ready", deadline):
            tracer = Strace(driver.pid, *strace)
            driver.stdin.write(b"g")
            driver.stdin.flush()
        if during:
            during(driver, tracer)
        if tracer and read_until(lines, run, "called", deadline):
            run.log = tracer.end()
            tracer = None
            driver.stdin.write(b"g")
            driver.stdin.flush()
        read_until(lines, run, None, deadline)
        driver.wait(max(0.1, deadline - time.monotonic()))
    except (Hangs, subprocess.TimeoutExpired):
        run.trouble.append("hangs")
        kill(driver)
    except BrokenPipeError:
        pass  # it was killed
    if tracer:
        run.log = tracer.end()
    kill(driver)
    run.status = driver.returncode
    run.reason = driver.stderr.read().decode(errors="replace").strip()
    for pipe in (driver.stdin, driver.stdout, driver.stderr):
        if pipe:
            with suppress(BrokenPipeError):
                pipe.close()
    reap_orphans(run)
    return run
