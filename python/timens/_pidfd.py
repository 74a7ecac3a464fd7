# SPDX-License-Identifier: MIT
"""Waiting on a pidfd that has an owner."""

from __future__ import annotations

import select

from . import _timens

# poll takes milliseconds in an int: 24 days.
_POLL_MAX = 2**31 // 1000 - 1


def is_readable(pidfd: _timens._Pidfd, timeout: float) -> bool:
    poll = select.poll()
    poll.register(_timens.number(pidfd), select.POLLIN)
    while timeout > _POLL_MAX and not poll.poll(_POLL_MAX * 1000):
        timeout -= _POLL_MAX
    return bool(poll.poll(min(max(timeout, 0), _POLL_MAX) * 1000))
