# SPDX-License-Identifier: MIT
"""Into the namespace from a forked child, before a preexec_fn: the way of subprocess itself."""

from __future__ import annotations

import marshal
import os

from . import _timens
from ._errors import Error, from_core
from ._static import TYPE_CHECKING
from ._times import Times

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def _user_namespace() -> str:
    return os.readlink("/proc/self/ns/user")


class Entry:
    """run() is for the child; the rest for the parent, who learns from a pipe how it went."""

    def __init__(self, times: Times, userns: int, preexec_fn: Callable[[], Any] | None) -> None:
        self._times = times
        self._userns = userns
        self._preexec_fn = preexec_fn
        self._reader, self._writer = os.pipe()

    def __enter__(self) -> Entry:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._reader)
        if self._writer >= 0:
            os.close(self._writer)

    def run(self) -> None:
        outside = _user_namespace()
        try:
            _timens.enter(self._times.pack(), self._userns)
        except Error as error:
            self._tell((error.errno, error.stage, error.strerror, error.hint))
            raise
        self._tell(_user_namespace() != outside)
        if self._preexec_fn is not None:
            self._preexec_fn()

    def _tell(self, answer: Any) -> None:
        os.write(self._writer, marshal.dumps(answer))

    def _answer(self) -> Any:
        # Ours must be closed first, or the end would never come.
        os.close(self._writer)
        self._writer = -1
        with open(self._reader, "rb", closefd=False) as pipe:
            data = pipe.read()
        return marshal.loads(data) if data else None

    def raise_failure(self) -> None:
        answer = self._answer()
        if isinstance(answer, tuple):
            raise from_core(*answer) from None

    def made_userns(self) -> bool:
        return self._answer() is True
