# SPDX-License-Identifier: MIT
"""A process and everything under it, ended."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from glob import glob
from pathlib import Path


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for path in glob(f"/proc/{pid}/task/*/children"):
        with suppress(OSError):
            found += map(int, Path(path).read_text().split())
    return found


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return "X"


def _stop(pid: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGSTOP)
    until = time.monotonic() + 1
    while _state(pid) not in "TtZX" and time.monotonic() < until:
        time.sleep(0.001)


def _stopped(pid: int) -> list[int]:
    """The process and its descendants.

    Each is stopped before its children are read: it can neither start another one meanwhile nor
    reap one, whose number would then be somebody else's.
    """
    _stop(pid)
    return [pid, *(each for child in _children(pid) for each in _stopped(child))]


def kill_tree(pid: int) -> None:
    """`pid` must be a child that has not been reaped."""
    for each in _stopped(pid):
        with suppress(ProcessLookupError, PermissionError):
            os.kill(each, signal.SIGKILL)
