# SPDX-License-Identifier: MIT
"""Into the namespace from a forked child, before a preexec_fn: the way of subprocess itself."""

from __future__ import annotations

import marshal
import os
from contextlib import suppress

from ._errors import Error, from_core
from ._static import TYPE_CHECKING
from ._times import Times

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def _user_namespace() -> str:
    # Without /proc it is for the core to say what is missing.
    with suppress(OSError):
        return os.readlink("/proc/self/ns/user")
    return ""


def _pipe() -> tuple[int, int]:
    """Where 0 or 1 is closed, the pipe would get that number: the child puts the program's own
    stream there first, and then our answer would stand in its output."""
    from fcntl import F_DUPFD_CLOEXEC, fcntl

    reader, low = os.pipe()
    try:
        return reader, fcntl(low, F_DUPFD_CLOEXEC, 3)
    except BaseException:
        os.close(reader)
        raise
    finally:
        os.close(low)


class Entry:
    """run() is for the child; the rest for the parent, who learns from a pipe how it went."""

    def __init__(self, times: Times, preexec_fn: Callable[[], Any] | None) -> None:
        self._times = times
        self._preexec_fn = preexec_fn
        self._reader, self._writer = _pipe()

    def __enter__(self) -> Entry:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._reader)
        os.close(self._writer)

    def run(self) -> None:
        outside = _user_namespace()
        try:
            self._times.enter()
        except Error as error:
            self._tell((error.errno, error.stage, error.strerror, error.hint))
            raise
        self._tell(_user_namespace() != outside)
        if self._preexec_fn is not None:
            self._preexec_fn()

    def _tell(self, answer: Any) -> None:
        os.write(self._writer, marshal.dumps(answer))

    def _answer(self) -> Any:
        # The child has told by now, or is gone. To read to the end would be to wait for whatever
        # another thread has forked meanwhile, which has our end open too.
        os.set_blocking(self._reader, False)
        with suppress(BlockingIOError):
            if data := os.read(self._reader, 65536):
                return marshal.loads(data)
        return None

    def raise_failure(self) -> None:
        answer = self._answer()
        if isinstance(answer, tuple):
            raise from_core(*answer) from None

    def made_userns(self) -> bool:
        return self._answer() is True
