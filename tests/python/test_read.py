# SPDX-License-Identifier: MIT
"""The offsets of a running process."""

import errno
import os
from pathlib import Path

import timens
from helpers import (
    ASKED,
    fails,
    isolated,
    leave_pending,
    move_into,
    offsets_of,
    shown_offsets,
    sleeper,
    spans,
)


def assert_own() -> None:
    """Against the kernel's own file, which a process without a pending namespace may trust."""
    shown = shown_offsets(Path("/proc/self/timens_offsets").read_text())
    assert offsets_of() == shown
    assert offsets_of(os.getpid()) == shown


def own_after_a_move() -> None:
    before = offsets_of()
    assert_own()
    move_into(**ASKED)
    assert_own()
    assert offsets_of() == before + spans(**ASKED)


def own_while_pending() -> None:
    before = offsets_of()
    leave_pending(**ASKED)
    assert offsets_of() == before
    # Shifted as well, its own offsets are nowhere to be seen.
    move_into(**ASKED)
    leave_pending(**ASKED)
    with fails("read", errno.EBUSY, "pending"):
        timens.read()


def test_own_process() -> None:
    isolated(own_after_a_move)
    isolated(own_while_pending)


def test_child_equals_own_plus_asked() -> None:
    with sleeper(boottime=(86400, 600000000), monotonic=(-1, 999999999)) as process:
        found = offsets_of(process.pid)
    assert found == offsets_of() + spans((86400, 600000000), (-1, 999999999))


def test_no_such_process() -> None:
    with fails("read", errno.ESRCH, "process 2147483647"):
        timens.read(2**31 - 1)
    with fails("args", errno.EINVAL, "pid -1"):
        timens.read(-1)
