# SPDX-License-Identifier: MIT
"""The caller moves into the namespace of a process that runs."""

import errno
import os
import threading

import pytest
import timens
from helpers import ASKED, fails, isolated, namespace, offsets_of, sleeper, spans


def move_in() -> None:
    expected, outside = offsets_of() + spans(**ASKED), namespace()
    with sleeper() as process:
        timens.join(process.pid)
    assert namespace() != outside
    assert offsets_of() == expected


def test_by_pidfd() -> None:
    if os.geteuid() != 0:
        pytest.skip("it takes root to enter a namespace")
    isolated(move_in)


def test_threads_are_refused() -> None:
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        with fails("join", errno.EBUSY, "one thread"):
            timens.join(os.getpid())
    finally:
        stop.set()
        thread.join()
    with pytest.raises(ProcessLookupError):
        timens.join(2**22 + 1)
