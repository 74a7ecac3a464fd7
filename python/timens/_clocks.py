# SPDX-License-Identifier: MIT
"""read and support: what is, and what could be."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

from . import _timens
from ._errors import Error, from_core
from ._times import Pair, Reading, take, take_moved

if TYPE_CHECKING:
    from ._options import Time, Userns


class Timespec(Pair):
    """Seconds and nanoseconds; the latter 0 to 999999999, also where the former are negative."""

    __slots__ = ()


class Offsets(NamedTuple):
    """The offsets of a time namespace, relative to the initial one."""

    boottime: Timespec
    monotonic: Timespec


def _take_pid(pid: int) -> int:
    if not isinstance(pid, int) or isinstance(pid, bool):
        raise TypeError(f"pid: expected an int, not {type(pid).__name__}")
    if not -(2**31) <= pid < 2**31:
        raise ValueError(f"pid: {pid} is out of range")
    return pid


def read(pid: int = 0) -> Offsets:
    """The offsets of a process, 0: of this one, as the kernel keeps them."""
    boot_sec, boot_nsec, mono_sec, mono_nsec = _timens.read(_take_pid(pid))
    return Offsets(Timespec(boot_sec, boot_nsec), Timespec(mono_sec, mono_nsec))


class Point(NamedTuple):
    """A reading at which a counter rolls over."""

    name: str
    reading: Reading
    #: What counts there, and what happens to it.
    counter: str
    effect: str
    #: Failures that were reported, with project and number.
    reported: str

    def __str__(self) -> str:
        return self.name


def _read_points() -> Iterator[Point]:
    for index in count():
        row = _timens.point(index)
        if row is None:
            return
        name, sec, nsec, counter, effect, reported = row
        yield Point(name, Reading(sec, nsec), counter, effect, reported)


#: In the order of their readings.
points = tuple(_read_points())


def enter(
    *,
    boottime: Time | None = None,
    monotonic: Time | None = None,
    uptime: Time | None = None,
    userns: Userns = "auto",
) -> None:
    """Moves this process itself into a new time namespace. It must have one thread.

    After an error at stage "map", "write" or "enter" it may be half way there: end it.
    """
    take_moved(boottime, monotonic, uptime, userns).enter()


def join(pid: int) -> None:
    """Moves this process into the time namespace of another one. It must have one thread."""
    if _take_pid(pid) <= 0:
        raise ValueError(f"pid: {pid} is no process")
    pidfd = os.pidfd_open(pid)
    try:
        _timens.join(pidfd)
    finally:
        os.close(pidfd)


def parse(text: str) -> Timespec | Reading:
    """A span such as "49d17h", or with an @ in front a reading."""
    if not isinstance(text, str):
        raise TypeError(f"text: expected a str, not {type(text).__name__}")
    taken = take("text", text)
    return taken if isinstance(taken, Reading) else Timespec(*taken)


def format(span: Time) -> str:
    """A span as text that parse reads back to the same value; a reading has an @ in front."""
    taken = take("span", span)
    return str(taken) if isinstance(taken, Reading) else _timens.format(*taken)


class Support(NamedTuple):
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
