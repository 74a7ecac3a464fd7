# SPDX-License-Identifier: MIT
"""The calling process itself moves in, each time in a process of its own."""

import errno
import os
import threading
from typing import Any

import pytest
import timens
from helpers import (
    ASKED,
    NS,
    assert_clocks,
    become_nobody,
    fails,
    isolated,
    namespace,
    offsets_of,
    readings,
    spans,
)

LATER: dict[str, Any] = {"boottime": (3600, 1), "monotonic": (7200, 2)}


def move_in() -> None:
    before, own, outside = readings(), offsets_of(), namespace()
    timens.enter(**ASKED)
    assert namespace() != outside
    assert before + spans(**ASKED) <= readings()
    assert offsets_of() == own + spans(**ASKED)
    timens.enter(**LATER)
    assert offsets_of() == own + spans(**ASKED) + spans(**LATER)
    timens.enter(uptime="49d17h")
    assert 0 <= readings().boottime - 4294800 * NS < 60 * NS


def test_moves_the_caller() -> None:
    isolated(move_in)
    with pytest.raises(TypeError, match="needs boottime"):
        timens.enter()
    with pytest.raises(ValueError, match="userns"):
        timens.enter(boottime=1, userns="maybe")  # type: ignore[arg-type]


def test_refuses_threads() -> None:
    stop, outside = threading.Event(), namespace()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        with fails("enter", errno.EBUSY, "one thread"):
            timens.enter(**ASKED)
    finally:
        stop.set()
        thread.join()
    assert namespace() == outside


def without_privilege() -> None:
    become_nobody()
    own = offsets_of()
    with fails("unshare", errno.EPERM, "CAP_SYS_ADMIN"):
        timens.enter(userns="never", **ASKED)
    ids = os.geteuid(), os.getegid()
    timens.enter(**ASKED)
    assert (os.geteuid(), os.getegid()) == ids
    assert offsets_of() == own + spans(**ASKED)


def test_enter_without_privilege() -> None:
    isolated(without_privilege)


def start_inside() -> None:
    own = offsets_of()
    assert_clocks(**LATER)
    timens.enter(**ASKED)
    assert_clocks(own + spans(**ASKED), **LATER)


def test_program_started_after_enter_is_relative() -> None:
    isolated(start_inside)
