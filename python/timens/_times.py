# SPDX-License-Identifier: MIT
"""Times as people write them, turned into whole seconds and nanoseconds, exactly."""

from __future__ import annotations

import errno
import struct
from collections import namedtuple
from operator import index

from . import _timens
from ._choices import nearest, route_number, userns_number
from ._errors import Error, InputError, wrong
from ._static import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal
    from typing import Any

    from ._options import Route, Time, Userns

_NS = 10**9

_Pair = namedtuple("_Pair", ["sec", "nsec"])


class Pair(_Pair):
    __slots__ = ()
    sec: int
    nsec: int

    @property
    def total_ns(self) -> int:
        """All of it, in nanoseconds."""
        return self.sec * _NS + self.nsec


class Reading(Pair):
    """What a clock is to read, and not by how much it is moved. `at` makes them."""

    __slots__ = ()

    def __new__(cls, sec: int, nsec: int) -> Reading:
        if type(sec) is not int or type(nsec) is not int:
            raise TypeError("a reading is (seconds, nanoseconds), two ints")
        if sec < 0 or not 0 <= nsec < _NS:
            raise wrong(
                f"reading of {sec} s, {nsec} ns: a clock reads 0 to 4611686018 s (146 years) "
                "and 0 to 999999999 ns",
                errno.ERANGE,
            )
        return super().__new__(cls, sec, nsec)

    def __str__(self) -> str:
        return "@" + _timens.format(self.sec, self.nsec)

    # "@1h" is not "1h", though the numbers are the same. tuple has a __ne__ of its own.
    def __eq__(self, other: object) -> bool:
        return isinstance(other, Reading) and tuple(self) == tuple(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = tuple.__hash__


_MIN, _MAX = -(2**63), 2**63 - 1
_OFFSETS = struct.Struct("=qqqq")


def _out_of_range(name: str, given: object) -> InputError:
    return wrong(f"{name}: {given!r} is out of range", errno.ERANGE, "offsets")


def _too_fine(name: str, given: object) -> InputError:
    return wrong(f"{name}: {given!r} is finer than a nanosecond; use round(x, 9), or (sec, nsec)")


def _from_ratio(name: str, value: tuple[int, int], given: object) -> tuple[int, int]:
    numerator, denominator = value
    total, rest = divmod(numerator * _NS, denominator)
    if rest:
        raise _too_fine(name, given)
    return divmod(total, _NS)


def _from_decimal(name: str, value: Decimal, given: object) -> tuple[int, int]:
    if not value.is_finite():
        raise wrong(f"{name}: {given!r} is not a time")
    # Before a ratio is made: that of Decimal("1e999999999") would fill the memory.
    if value and value.adjusted() > 19:
        raise _out_of_range(name, given)
    if value and value.adjusted() < -9:
        raise _too_fine(name, given)
    return _from_ratio(name, value.as_integer_ratio(), given)


def _from_float(name: str, value: float) -> tuple[int, int]:
    """By its shortest text, so that 0.1 is a tenth and not what is nearest to it in binary."""
    from decimal import Decimal

    # float's own repr: a subclass such as numpy's float64 has another.
    return _from_decimal(name, Decimal(float.__repr__(value)), value)


def _renamed(name: str, error: Error, more: str = "") -> InputError:
    """With the argument's name, which says more than "bad argument"."""
    text = str(error).removeprefix("bad argument: ")
    return InputError(error.errno or 0, f"{name}: {text}{more}", error.stage, error.hint)


def _nearest_point(value: str) -> str:
    import re

    from ._clocks import points

    # Of "@u32ms-5s" the name.
    found = re.match(r"\s*@(.*?)(-\s*\d|$)", value)
    return nearest(found[1], map(str, points)) if found else ""


def _from_text(name: str, value: str) -> tuple[int, int] | Reading:
    if "\0" in value:
        raise wrong(f"{name}: has a zero character inside")
    try:
        # UTF-8 for the micro sign, whatever the locale; what is no text is misspelt anyway.
        sec, nsec, is_reading = _timens.parse(value.encode(errors="replace"))
    except Error as error:
        raise _renamed(name, error, _nearest_point(value)) from None
    return Reading(sec, nsec) if is_reading else (sec, nsec)


def _from_pair(name: str, value: Any) -> tuple[int, int] | Reading:
    # A point.
    if isinstance(reading := getattr(value, "reading", None), Reading):
        return reading
    if len(value) != 2 or not all(type(part) is int for part in value):
        raise TypeError(f"{name}: a tuple must be (seconds, nanoseconds), two ints")
    sec, nsec = value
    return sec, nsec


def _from_library(name: str, value: object) -> tuple[int, int]:
    from datetime import timedelta
    from decimal import Decimal
    from fractions import Fraction

    match value:
        case timedelta():
            return value.days * 86400 + value.seconds, value.microseconds * 1000
        case Fraction():
            return _from_ratio(name, value.as_integer_ratio(), value)
        case Decimal():
            return _from_decimal(name, value, value)
        case _ if hasattr(value, "__index__"):
            # numpy's integers, say.
            return index(value), 0
        case _:
            raise TypeError(
                f"{name}: expected a number, timedelta, (seconds, nanoseconds), text or "
                f"timens.at(...), not {type(value).__name__}"
            )


def _convert(name: str, value: Time) -> tuple[int, int] | Reading:
    match value:
        case Reading():
            return value
        case bool():
            raise TypeError(f"{name}: a bool is not a time")
        case int():
            return value, 0
        case float():
            return _from_float(name, value)
        case str():
            return _from_text(name, value)
        case tuple():
            return _from_pair(name, value)
        case _:
            return _from_library(name, value)


def take(name: str, value: Time) -> tuple[int, int] | Reading:
    """(seconds, nanoseconds) or a reading. `name` is the argument, for errors."""
    # Most are; a start is to cost no more than it must.
    if type(value) is int and _MIN <= value <= _MAX:
        return value, 0
    taken = _convert(name, value)
    sec, nsec = taken
    if not (_MIN <= sec <= _MAX and _MIN <= nsec <= _MAX):
        raise _out_of_range(name, value)
    return taken


def _take_reading(name: str, value: Time) -> Reading:
    taken = take(name, value)
    try:
        return taken if isinstance(taken, Reading) else Reading(*taken)
    except InputError as error:
        raise _renamed(name, error) from None


def at(time: Time) -> Reading:
    """A reading of a clock: at("49d17h") is what the text "@49d17h" is."""
    return _take_reading("time", time)


class Times:
    """What was asked of the clocks, checked, and how to get there; the offsets are found when the
    program starts. Without a clock both are None."""

    __slots__ = ("boottime", "monotonic", "names", "route", "userns")

    def __init__(
        self,
        boottime: tuple[int, int] | Reading | None,
        monotonic: tuple[int, int] | Reading | None,
        userns: int = _timens.USERNS_AUTO,
        route: int = _timens.ROUTE_AUTO,
        names: tuple[str, str] = ("boottime", "monotonic"),
    ) -> None:
        self.boottime = boottime
        self.monotonic = monotonic
        self.userns = userns
        self.route = route
        self.names = names

    def now(self) -> tuple[tuple[int, int] | None, tuple[int, int] | None]:
        """The offsets, as of now."""
        boottime, monotonic = self.boottime, self.monotonic
        if isinstance(boottime, Reading):
            boottime = _offset_to(self.names[0], _timens.CLOCK_BOOTTIME, boottime)
        if isinstance(monotonic, Reading):
            monotonic = _offset_to(self.names[1], _timens.CLOCK_MONOTONIC, monotonic)
        return boottime, monotonic

    def pack(self) -> bytes:
        """The same as struct timens_offsets."""
        boottime, monotonic = self.now()
        assert boottime is not None and monotonic is not None
        return _OFFSETS.pack(*boottime, *monotonic)

    def enter(self) -> None:
        """This process itself moves in."""
        _timens.enter(self.pack(), self.userns)


def _offset_to(name: str, clock: int, reading: Reading) -> tuple[int, int]:
    try:
        sec, nsec = _timens.offset_to(clock, *reading)
    except Error as error:
        raise _renamed(name, error) from None
    return sec, nsec


def take_times(
    boottime: Time | None = None,
    monotonic: Time | None = None,
    uptime: Time | None = None,
    userns: Userns = "auto",
    route: Route = "auto",
) -> Times | None:
    """None if nothing is asked for. `uptime` is a reading, with or without an @, for both."""
    # Most starts leave these two alone.
    choices = _AUTO
    if userns != "auto" or route != "auto":
        choices = userns_number(userns), route_number(route)
    if uptime is not None:
        if boottime is not None or monotonic is not None:
            raise TypeError("uptime is for both clocks: it excludes boottime and monotonic")
        reading = _take_reading("uptime", uptime)
        return Times(reading, reading, *choices, ("uptime", "uptime"))
    if boottime is None and monotonic is None:
        return None if choices is _AUTO else Times(None, None, *choices)
    return Times(
        (0, 0) if boottime is None else take("boottime", boottime),
        (0, 0) if monotonic is None else take("monotonic", monotonic),
        *choices,
    )


_AUTO = (_timens.USERNS_AUTO, _timens.ROUTE_AUTO)


def take_moved(
    boottime: Time | None, monotonic: Time | None, uptime: Time | None, userns: Userns
) -> Times:
    """For a process that moves in by itself: at least one clock."""
    times = take_times(boottime, monotonic, uptime, userns)
    if times is None or times.boottime is None:
        raise TypeError("needs boottime, monotonic or uptime")
    return times
