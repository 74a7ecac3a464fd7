# SPDX-License-Identifier: MIT
"""Times as people write them, turned into whole seconds and nanoseconds, exactly."""

from __future__ import annotations

import errno
import struct
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from . import _timens
from ._errors import Error, InputError

Time = int | float | Decimal | Fraction | timedelta | tuple[int, int] | str

_NS = 10**9

_CLOCKS = {"boottime": _timens.CLOCK_BOOTTIME, "monotonic": _timens.CLOCK_MONOTONIC}


def _out_of_range(name: str, given: object) -> InputError:
    return InputError(errno.ERANGE, f"{name}: {given!r} is out of range", "offsets")


def _too_fine(name: str, given: object) -> ValueError:
    return ValueError(f"{name}: {given!r} is finer than a nanosecond; use (sec, nsec)")


def _from_fraction(name: str, value: Fraction, given: object) -> tuple[int, int]:
    total = value * _NS
    if total.denominator != 1:
        raise _too_fine(name, given)
    return divmod(total.numerator, _NS)


def _from_decimal(name: str, value: Decimal, given: object) -> tuple[int, int]:
    if not value.is_finite():
        raise ValueError(f"{name}: {given!r} is not a time")
    # Before a Fraction is made: that of Decimal("1e999999999") would fill the memory.
    if value and value.adjusted() > 19:
        raise _out_of_range(name, given)
    if value and value.adjusted() < -9:
        raise _too_fine(name, given)
    return _from_fraction(name, Fraction(value), given)


def _from_float(name: str, value: float) -> tuple[int, int]:
    """By its shortest text, so that 0.1 is a tenth and not what is nearest to it in binary."""
    # float's own repr: a subclass such as numpy's float64 has another.
    return _from_decimal(name, Decimal(float.__repr__(value)), value)


def _from_text(name: str, value: str) -> tuple[int, int]:
    if "\0" in value:
        raise ValueError(f"{name}: has a zero character inside")
    try:
        # UTF-8 for the micro sign, whatever the locale; what is no text is misspelt anyway.
        sec, nsec, is_reading = _timens.parse(value.encode(errors="replace"))
        if is_reading:
            sec, nsec = _timens.offset_to(_CLOCKS[name], sec, nsec)
    except Error as error:
        text = f"{name}: {error.strerror}"
        raise InputError(error.errno or 0, text, error.stage, error.hint) from None
    return sec, nsec


def _from_pair(name: str, value: tuple[int, int]) -> tuple[int, int]:
    if len(value) != 2 or not all(type(part) is int for part in value):
        raise TypeError(f"{name}: a tuple must be (seconds, nanoseconds), two ints")
    return value


def _convert(name: str, value: Time) -> tuple[int, int]:
    match value:
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
        case timedelta():
            return value.days * 86400 + value.seconds, value.microseconds * 1000
        case Fraction():
            return _from_fraction(name, value, value)
        case Decimal():
            return _from_decimal(name, value, value)
        case _:
            raise TypeError(
                f"{name}: expected a number, timedelta, (seconds, nanoseconds) or text, "
                f"not {type(value).__name__}"
            )


def to_timespec(name: str, value: Time | None) -> tuple[int, int]:
    """(seconds, nanoseconds); None is zero. `name` is the argument, for errors."""
    if value is None:
        return 0, 0
    pair = _convert(name, value)
    if not all(-(2**63) <= part < 2**63 for part in pair):
        raise _out_of_range(name, value)
    return pair


def pack_offsets(boottime: Time | None, monotonic: Time | None) -> bytes | None:
    """struct timens_offsets; None if neither clock is named."""
    if boottime is None and monotonic is None:
        return None
    return struct.pack(
        "=qqqq", *to_timespec("boottime", boottime), *to_timespec("monotonic", monotonic)
    )
