# SPDX-License-Identifier: MIT
"""What a test asks for: clocks, user namespace, time limit. For pytest and unittest alike."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from ._choices import nearest, userns_number
from ._clocks import Point, Timespec, format, points, support
from ._errors import wrong
from ._times import Reading, Times, take, take_moved

if TYPE_CHECKING:
    from ._options import Time, Userns

KEYWORDS = ("uptime", "boottime", "monotonic", "userns", "timeout")


@dataclass(frozen=True, slots=True)
class Setting:
    """The clocks as asked, None where not; and how to get there."""

    times: Times
    timeout: float | None
    uptime: Reading | None = None
    boottime: Timespec | Reading | None = None
    monotonic: Timespec | Reading | None = None
    point: Point | None = None
    lead: Timespec | None = None


def check_keywords(given: Iterable[str], known: tuple[str, ...] = KEYWORDS) -> None:
    for name in given:
        if name not in known:
            hint = nearest(name, known) or f"; it takes {', '.join(known)}"
            raise TypeError(f"unknown argument {name!r}{hint}")


def _span(name: str, value: Time) -> Timespec:
    taken = take(name, value)
    if isinstance(taken, Reading):
        raise wrong(f"{name}: {value!r} is a reading, and a span of time is needed")
    return Timespec(*taken)


def _seconds(timeout: Time | None) -> float | None:
    if timeout is None:
        return None
    span = _span("timeout", timeout)
    if span.total_ns <= 0:
        raise wrong(f"timeout: {timeout!r} is not more than zero")
    return span.total_ns / 10**9


def _as_asked(name: str, value: Time | None) -> Timespec | Reading | None:
    if value is None:
        return None
    taken = take(name, value)
    return taken if isinstance(taken, Reading) else Timespec(*taken)


def take_setting(
    *,
    uptime: Time | None = None,
    boottime: Time | None = None,
    monotonic: Time | None = None,
    userns: Userns = "auto",
    timeout: Time | None = None,
) -> Setting:
    times = take_moved(boottime, monotonic, uptime, userns)
    return Setting(
        times,
        _seconds(timeout),
        uptime=None if uptime is None else _reading(times),
        boottime=_as_asked("boottime", boottime),
        monotonic=_as_asked("monotonic", monotonic),
    )


def _reading(times: Times) -> Reading:
    assert isinstance(times.boottime, Reading)
    return times.boottime


# -- Points --


def _point(name: object) -> Point:
    by_name = {point.name: point for point in points}
    if isinstance(name, Point):
        return name
    if not isinstance(name, str):
        raise TypeError(f"names: a point is a name such as 'u32-ms', not {name!r}")
    if name not in by_name:
        hint = nearest(name, by_name) or "."
        raise wrong(f"names: unknown point {name!r}{hint} The points are {', '.join(by_name)}")
    return by_name[name]


def _leads(lead: Time | tuple[Time, ...] | list[Time]) -> dict[str, Timespec]:
    """By their names: as written, if they are text."""
    # Two ints are seconds and nanoseconds, as everywhere.
    pair = isinstance(lead, tuple) and len(lead) == 2 and all(type(part) is int for part in lead)
    many = lead if isinstance(lead, tuple | list) and not pair else (lead,)
    if not many:
        raise wrong("lead: there is none in it")
    return dict(_lead(cast("Time", each)) for each in many)


def _lead(lead: Time) -> tuple[str, Timespec]:
    span = _span("lead", lead)
    if span.total_ns < 0:
        raise wrong(f"lead: {lead!r} would start after the point")
    name = "".join(lead.split()) if isinstance(lead, str) else format(span)
    return f"-{name}" if span.total_ns else "", span


def _before(point: Point, lead: Timespec) -> Reading | None:
    """None: no clock reads that."""
    total = point.reading.total_ns - lead.total_ns
    return Reading(*divmod(total, 10**9)) if total >= 0 else None


def settings_at(
    names: tuple[Any, ...],
    *,
    lead: Time | tuple[Time, ...] | list[Time] = "5s",
    userns: Userns = "auto",
    timeout: Time | None = None,
) -> dict[str, Setting]:
    """By name, such as u32-ms-5s: each point with each lead; no names: all that can be reached."""
    found: dict[str, Setting] = {}
    leads, limit, choice = _leads(lead), _seconds(timeout), userns_number(userns)
    for point in [_point(name) for name in names] or points:
        for suffix, span in leads.items():
            reading = _before(point, span)
            if reading is not None:
                found[point.name + suffix] = Setting(
                    Times(reading, reading, choice), limit, uptime=reading, point=point, lead=span
                )
            elif names:
                raise wrong(f"lead: there is no {format(span)} before {point.name!r}")
    return found


# -- What this machine can do --


# Found out once; nothing is tried before somebody asks.
_support = cache(support)


def why_unavailable() -> str | None:
    found = _support()
    return None if found.available else f"time namespaces are not available: {found.reason}"


def is_required() -> bool:
    """A skip is to be a failure."""
    return os.environ.get("TIMENS_REQUIRE", "") not in ("", "0")
