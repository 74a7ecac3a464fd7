# SPDX-License-Identifier: MIT
"""Runs of pytest inside of a test, each in a process of its own."""

import os
import re
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., pytest.RunResult]

# What the inner tests use. A clock is moved if Python's reading, the kernel's file and a program
# that the test starts say so.
PRELUDE = """
import asyncio, json, logging, os, signal, subprocess, sys, threading, time, unittest, warnings
from pathlib import Path
import pytest
import timens as module

def clocks():
    program = os.environ["TIMENS_TEST_PROGRAMS"] + "/clocks"
    shown = subprocess.run([program], stdout=subprocess.PIPE, text=True, check=True).stdout
    found = dict(line.removeprefix("reading ").split(None, 1) for line in shown.splitlines()
                 if line.startswith("reading "))
    uptime = float(Path("/proc/uptime").read_text().split()[0])
    boottime, monotonic = time.clock_gettime(time.CLOCK_BOOTTIME), time.monotonic()
    assert abs(int(found["boottime"].split()[0]) - boottime) < 30
    assert abs(int(found["monotonic"].split()[0]) - monotonic) < 30
    assert abs(uptime - boottime) < 30
    return boottime, monotonic

def are_at(boottime, monotonic=None):
    monotonic = boottime if monotonic is None else monotonic
    found = clocks()
    assert boottime <= found[0] < boottime + 60, found
    assert monotonic <= found[1] < monotonic + 60, found
    return True

DAY = 86400
T = 49 * DAY + 17 * 3600
OUTSIDE = json.loads(os.environ["OUTSIDE"])

def are_usual():
    found = clocks()
    return all(0 <= now - before < 300 for now, before in zip(found, OUTSIDE))

def note(*words):
    with open("notes", "a") as file:
        print(*words, file=file)
"""


def environment() -> dict[str, str]:
    boottime, monotonic = time.clock_gettime(time.CLOCK_BOOTTIME), time.monotonic()
    dropped = ("TIMENS_REQUIRE", "PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER")
    env = {name: value for name, value in os.environ.items() if name not in dropped}
    return env | {"OUTSIDE": f"[{boottime}, {monotonic}]"}


def write(folder: Path, source: str, name: str = "test_inner.py") -> None:
    prelude, body = folder / "prelude.py", folder / name
    prelude.write_text(PRELUDE, encoding="utf-8")
    body.write_text("from prelude import *\n" + textwrap.dedent(source), encoding="utf-8")


def notes(folder: Path) -> list[str]:
    path = folder / "notes"
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def command(*args: str) -> list[str]:
    return [sys.executable, "-m", "pytest", *args, "-p", "no:cacheprovider"]


def start(folder: Path, *args: str, **popen: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command(*args),
        cwd=folder,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **popen,
    )


def normal(text: str) -> list[str]:
    """The lines of a report, without what differs from run to run."""
    text = re.sub(r"\d+\.\d+s", "TIME", text)
    text = re.sub(r"0x[0-9a-f]+", "0xADDRESS", text)
    text = re.sub(r"/pytest-\d+/", "/pytest-N/", text)
    return [line for line in text.splitlines() if not line.startswith(("rootdir", "timens:"))]


def pids_of(folder: Path) -> list[int]:
    """What an inner test has noted as its pids."""
    for _ in range(2400):
        if found := [line for line in notes(folder) if line.startswith("pids")]:
            return [int(pid) for pid in found[0].split()[1:]]
        time.sleep(0.05)
    raise AssertionError("the inner test did not start")


def ends_soon(pid: int) -> bool:
    """Whether that process comes to its end, who or whatever reaps it."""
    for _ in range(1200):
        try:
            state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2]
        except OSError:
            return True
        if state.split()[0] == "Z":
            return True
        time.sleep(0.05)
    return False
