# SPDX-License-Identifier: MIT
"""What holds for every time, against exact fractions.

The examples are the same each time; TIMENS_EXAMPLES=100000 takes so many others.
"""

import errno
import os
import time
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
import timens
from helpers import NS, assert_clocks, offsets_of, readings
from hypothesis import given, settings
from hypothesis import strategies as st
from timens import _timens
from timens._times import Times, take

EXAMPLES = int(os.environ.get("TIMENS_EXAMPLES", "300"))
each = settings(
    max_examples=EXAMPLES,
    derandomize="TIMENS_EXAMPLES" not in os.environ,
    database=None,
    deadline=None,
)

LOW, HIGH = -(2**63), 2**63 - 1
READING_MAX = 4611686018
SECONDS = {
    "ns": Fraction(1, NS),
    "us": Fraction(1, 10**6),
    "\u00b5s": Fraction(1, 10**6),
    "ms": Fraction(1, 1000),
    "s": Fraction(1),
    "min": Fraction(60),
    "h": Fraction(3600),
    "days": Fraction(86400),
    "w": Fraction(604800),
    "M": Fraction(31557600, 12),
    "y": Fraction(31557600),
}

seconds = st.integers(LOW, HIGH) | st.integers(-(10**6), 10**6)
nanoseconds = st.integers(0, NS - 1) | st.sampled_from((0, 1, NS // 2, NS - 1))
pairs = st.tuples(seconds, nanoseconds)
readings_to_ask = st.tuples(st.integers(0, READING_MAX), nanoseconds)
numbers = st.from_regex(r"[0-9]{1,25}(\.[0-9]{0,20})?|\.[0-9]{1,12}", fullmatch=True)
terms = st.lists(st.tuples(numbers, st.sampled_from(sorted(SECONDS))), min_size=1, max_size=4)


def exact(pair: Any) -> Fraction:
    sec, nsec = pair
    return Fraction(sec) + Fraction(nsec, NS)


def expect(time_given: Any, value: Fraction) -> None:
    """It is taken as just that, or refused for what it is: too fine, or out of range."""
    in_range = LOW <= value < HIGH + 1
    if (value * NS).denominator == 1 and in_range:
        taken = take("t", time_given)
        assert exact(taken) == value
        assert 0 <= taken[1] < NS
        return
    with pytest.raises(ValueError) as caught:
        take("t", time_given)
    if isinstance(caught.value, timens.InputError):
        assert caught.value.errno in (errno.EINVAL, errno.ERANGE)
        assert in_range == (caught.value.errno == errno.EINVAL) or (value * NS).denominator > 1
    else:
        assert "finer" in str(caught.value)
        assert (value * NS).denominator > 1


# -- Text --


@each
@given(pairs)
def test_parse_of_format(pair: tuple[int, int]) -> None:
    text = timens.format(pair)
    assert timens.parse(text) == pair
    assert timens.format(timens.parse(text)) == text


@each
@given(readings_to_ask)
def test_parse_of_format_of_a_reading(pair: tuple[int, int]) -> None:
    reading = timens.at(pair)
    assert timens.parse(timens.format(reading)) == reading
    assert timens.parse(str(reading)) == reading


@each
@given(st.sampled_from(("", "-", "+")), terms, st.sampled_from(("", " ", "\t ")))
def test_text(sign: str, parts: list[tuple[str, str]], blank: str) -> None:
    text = sign + blank.join(number + blank + unit for number, unit in parts)
    total = sum((Fraction(number) * SECONDS[unit] for number, unit in parts), Fraction(0))
    expect(text, -total if sign == "-" else total)


@each
@given(st.text())
def test_any_text(text: str) -> None:
    try:
        parsed = timens.parse(text)
    except ValueError:
        return
    assert timens.parse(timens.format(parsed)) == parsed


# -- The other types --


@each
@given(pairs)
def test_pairs(pair: tuple[int, int]) -> None:
    expect(pair, exact(pair))


@each
@given(seconds | st.integers())
def test_integers(number: int) -> None:
    expect(number, Fraction(number))


@each
@given(st.floats(allow_nan=False, allow_infinity=False) | st.floats(-(10**6), 10**6))
def test_floats(number: float) -> None:
    # 0.1 is a tenth, and not what is nearest to it in binary.
    expect(number, Fraction(repr(number)))


@each
@given(st.fractions() | st.builds(Fraction, st.integers(), st.sampled_from((1, 2, 5, 1000, NS))))
def test_fractions(number: Fraction) -> None:
    expect(number, number)


@each
@given(
    st.decimals(allow_nan=False, allow_infinity=False)
    | st.decimals(-(10**12), 10**12, places=9)
    | st.builds(lambda n, e: Decimal(n).scaleb(e), st.integers(), st.integers(-40, 40))
)
def test_decimals(number: Decimal) -> None:
    expect(number, Fraction(number))


@each
@given(st.timedeltas())
def test_timedeltas(span: timedelta) -> None:
    expect(span, Fraction(span // timedelta(microseconds=1), 10**6))


@each
@given(pairs)
def test_all_types_agree(pair: tuple[int, int]) -> None:
    value = exact(pair)
    kinds: list[Callable[[Fraction], Any]] = [
        lambda f: f,
        lambda f: Decimal(f.numerator * (NS // f.denominator)).scaleb(-9),
        lambda f: timens.format(take("t", f)),
    ]
    for kind in kinds:
        try:
            given_time = kind(value)
        except ArithmeticError:
            continue
        if not isinstance(given_time, Decimal) or Fraction(given_time) == value:
            assert take("t", given_time) == pair


# -- Offsets --


@each
@given(readings_to_ask, st.sampled_from((time.CLOCK_BOOTTIME, time.CLOCK_MONOTONIC)))
def test_offset_to(reading: tuple[int, int], clock: int) -> None:
    before = Fraction(time.clock_gettime_ns(clock), NS)
    offset = _timens.offset_to(clock, *reading)
    after = Fraction(time.clock_gettime_ns(clock), NS)
    assert before <= exact(reading) - exact(offset) <= after
    assert 0 <= offset[1] < NS


@each
@given(pairs, pairs)
def test_packed_offsets(boottime: tuple[int, int], monotonic: tuple[int, int]) -> None:
    packed = Times(boottime, monotonic).pack()
    numbers = [int.from_bytes(packed[at : at + 8], "little", signed=True) for at in range(0, 32, 8)]
    assert [exact(numbers[:2]), exact(numbers[2:])] == [exact(boottime), exact(monotonic)]


# A start takes a hundred times as long as the others.
@settings(each, max_examples=max(EXAMPLES // 10, 1))
@given(
    st.tuples(st.integers(-1, 10**9), nanoseconds), st.tuples(st.integers(-1, 10**9), nanoseconds)
)
def test_offsets_of_a_start(boottime: tuple[int, int], monotonic: tuple[int, int]) -> None:
    if min(readings().boottime, readings().monotonic) < 2 * NS:
        pytest.skip("the machine has just started")
    assert_clocks(own=offsets_of(), boottime=boottime, monotonic=monotonic)
