# SPDX-License-Identifier: MIT
"""A pidfd with an owner."""

from __future__ import annotations

import os
import select

from ._static import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

# poll takes milliseconds in an int: 24 days.
_POLL_MAX = 2**31 // 1000 - 1


class Pidfd:
    """Owns a pidfd, and closes it when the last user has let go of it.

    So a thread that waits on it never looks at a number that another thread, which has reaped the
    program, set free for another file.
    """

    __slots__ = ("number",)

    __slots__ = ("number",)

    def __init__(self, number: int) -> None:
        self.number = number

    def __del__(self, _close: Any = os.close) -> None:
        # The default is there while the interpreter goes down and globals are gone.
        _close(self.number)

    def is_readable(self, timeout: float) -> bool:
        poll = select.poll()
        poll.register(self.number, select.POLLIN)
        while timeout > _POLL_MAX and not poll.poll(_POLL_MAX * 1000):
            timeout -= _POLL_MAX
        return bool(poll.poll(min(max(timeout, 0), _POLL_MAX) * 1000))
