# SPDX-License-Identifier: MIT
"""read and support: what is, and what could be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from . import _timens
from ._errors import Error, from_core


class Timespec(NamedTuple):
    """Seconds and nanoseconds; the latter 0 to 999999999, also where the former are negative."""

    sec: int
    nsec: int

    @property
    def total_ns(self) -> int:
        return self.sec * 10**9 + self.nsec


class Offsets(NamedTuple):
    """The offsets of a time namespace, relative to the initial one."""

    boottime: Timespec
    monotonic: Timespec


def read(pid: int = 0) -> Offsets:
    """The offsets of a process, 0: of this one, as the kernel keeps them."""
    boot_sec, boot_nsec, mono_sec, mono_nsec = _timens.read(pid)
    return Offsets(Timespec(boot_sec, boot_nsec), Timespec(mono_sec, mono_nsec))


@dataclass(frozen=True)
class Support:
    """What this machine can do for this caller."""

    available: bool
    #: A user namespace is what makes it possible.
    userns: bool
    #: The route that "auto" takes.
    route: str
    #: Whether exec moves a process into its pending time namespace (Linux 6.2); None: not known.
    exec_enters: bool | None
    clone3: bool
    #: Why it is not available.
    reason: Error | None


def _as_bool(value: int) -> bool | None:
    return None if value == 2 else bool(value)


def support() -> Support:
    """Tries it: a child makes a namespace, writes offsets and goes away."""
    answer: list[Any] = _timens.support()
    available, userns, route, exec_enters, clone3, *why = answer
    return Support(
        available=bool(available),
        userns=bool(userns),
        route=_timens.route_name(route),
        exec_enters=_as_bool(exec_enters),
        clone3=bool(clone3),
        reason=from_core(*why) if why else None,
    )
