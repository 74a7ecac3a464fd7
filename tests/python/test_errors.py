# SPDX-License-Identifier: MIT
"""Every failure has its stage, its errno and a text that says what it is about."""

import errno
import mmap
import re
import signal
import struct
import time
from pathlib import Path
from typing import Any

import pytest
import timens
from helpers import (
    ASKED,
    NS,
    assert_clocks,
    children,
    count_fds,
    fails,
    offsets_of,
    only,
    raw_output,
    raw_spawn,
    routes_here,
    shown_offsets,
    spans,
    vectors,
)
from timens import _timens

OFFSETS = struct.pack("=qqqq", *ASKED["boottime"], *ASKED["monotonic"])
READING_MAX = 4611686018


def assert_same_as_subprocess(kind: type[OSError], filename: str | bytes, **start: Any) -> None:
    """The very exception that a start without a namespace raises."""
    seen = []
    for times in ({}, ASKED):
        with pytest.raises(kind) as caught:
            timens.spawn(**start, **times)
        seen.append((type(caught.value), caught.value.args, caught.value.filename))
    assert seen[0] == seen[1]
    assert seen[1][2] == filename


# -- The program --


def test_program_not_found() -> None:
    name = "no-such-program-anywhere"
    assert_same_as_subprocess(FileNotFoundError, name, args=[name])
    with fails("exec", errno.ENOENT, f"exec of '{name}'", "PATH"):
        raw_spawn((name,), offsets=OFFSETS)
    # No UTF-8, and more of it than there is room for.
    for other in ("/no/\udcff", b"/no/\xff", "/no/" + "\u00e9" * 100):
        assert_same_as_subprocess(FileNotFoundError, other, args=[other])


def test_not_executable(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("#!/bin/sh\n")
    assert_same_as_subprocess(PermissionError, str(file), args=[str(file)])
    with fails("exec", errno.EACCES, str(file), "not an executable file"):
        raw_spawn((str(file),), offsets=OFFSETS)


def test_not_a_program(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("echo this has no first line\n")
    file.chmod(0o755)
    assert_same_as_subprocess(OSError, str(file), args=[str(file)])
    with fails("exec", errno.ENOEXEC, str(file), "#!"):
        raw_spawn((str(file),), offsets=OFFSETS)


def test_bad_cwd() -> None:
    for kind, cwd, errnum in (
        (FileNotFoundError, "/no/such/folder", errno.ENOENT),
        (NotADirectoryError, "/dev/null", errno.ENOTDIR),
    ):
        assert_same_as_subprocess(kind, cwd, args=["true"], cwd=cwd)
        with fails("cwd", errnum, f"'{cwd}'"):
            raw_spawn(cwd=cwd.encode(), offsets=OFFSETS)
    for other in ("/no/\udcff", b"/no/\xff"):
        assert_same_as_subprocess(FileNotFoundError, other, args=["true"], cwd=other)


# -- The offsets --


def test_nanoseconds_of_a_billion() -> None:
    for clock in ASKED:
        with fails("offsets", errno.EINVAL, clock, "1000000000", "0 to 999999999"):
            timens.spawn(["true"], **only(clock, (0, 10**9)))


def test_negative_nanoseconds() -> None:
    for clock in ASKED:
        with fails("offsets", errno.EINVAL, clock, "-1", "0 to 999999999"):
            timens.spawn(["true"], **only(clock, (1, -1)))


def span(text: str) -> int:
    sec, nsec, _ = _timens.parse(text.encode())
    return sec * NS + nsec


def assert_clock_error(clock: str, seconds: int, limit: int, *parts: str) -> None:
    """The text names the clock, what it reads, and the offset that would bring it to its limit."""
    number = {"boottime": time.CLOCK_BOOTTIME, "monotonic": time.CLOCK_MONOTONIC}[clock]
    before = time.clock_gettime_ns(number)
    with pytest.raises(timens.InputError) as caught:
        timens.spawn(["true"], **only(clock, (seconds, 0)))
    after = time.clock_gettime_ns(number)
    text = str(caught.value)
    assert (caught.value.stage, caught.value.errno) == ("offsets", errno.ERANGE)
    assert all(part in text for part in (f"{clock} {_timens.format(seconds, 0)}", *parts)), text
    found = re.search(r"\(it reads ([^)]+)\); the \w+ offset possible now is (\S+)$", text)
    assert found, text
    assert before <= span(found[1]) <= after
    assert span(found[2]) == limit * NS - span(found[1])


def test_clock_would_be_negative() -> None:
    for clock in ASKED:
        minute_too_much = -int(time.clock_gettime(time.CLOCK_BOOTTIME)) - 60
        assert_clock_error(clock, minute_too_much, 0, "negative", "the lowest offset")


def test_clock_past_its_limit() -> None:
    for clock in ASKED:
        for seconds in (READING_MAX + 1, 2**63 - 1):
            assert_clock_error(clock, seconds, READING_MAX, "limit of 146 years", "the highest")
    # A minute below it, all is well.
    now = int(time.clock_gettime(time.CLOCK_BOOTTIME))
    assert_clocks(boottime=(READING_MAX - now - 60, 0))


def test_ten_to_the_20_seconds() -> None:
    text = "1" + 20 * "0"
    with fails("parse", errno.ERANGE, f"boottime: time '{text}', column 1", "too large"):
        timens.spawn(["true"], boottime=text)
    # As a number it would be 7766279631452241920 in 64 bits.
    for value in (10**20, 1e20, (10**20, 0)):
        with fails("offsets", errno.ERANGE, "monotonic: ", "out of range"):
            timens.spawn(["true"], monotonic=value)


# -- Sizes --


def test_offsets_too_short() -> None:
    for size in (31, 1):
        with fails("args", errno.EINVAL, f"offsets of {size} bytes", "32"):
            raw_spawn(offsets=OFFSETS[:size])


def test_offsets_long_with_zero_tail() -> None:
    for size in (len(OFFSETS) + 64, mmap.PAGESIZE):
        offsets = OFFSETS.ljust(size, b"\0")
        text = raw_output("cat", "/proc/self/timens_offsets", offsets=offsets)
        assert shown_offsets(text) == offsets_of() + spans(**ASKED)


def test_offsets_long_with_dirty_tail() -> None:
    with fails("args", errno.E2BIG, "newer than this library", "byte 39 of 40"):
        raw_spawn(offsets=OFFSETS + bytes(7) + b"\1")


def test_offsets_over_a_page() -> None:
    with fails("args", errno.E2BIG, "over a page"):
        raw_spawn(offsets=OFFSETS.ljust(mmap.PAGESIZE + 1, b"\0"))


# -- The rest of the request --


def test_unknown_flags() -> None:
    with fails("args", errno.EINVAL, "flags 0x10000000000 are unknown"):
        raw_spawn(flags=1 << 40)
    with fails("args", errno.EINVAL, "userns 3"):
        raw_spawn(userns=3)
    with fails("args", errno.EINVAL, "route 4"):
        raw_spawn(route=4)
    with pytest.raises(
        timens.InputError, match=r"userns: 'sometimes' is not one of auto, never, always"
    ):
        timens.spawn(["true"], userns="sometimes", **ASKED)  # type: ignore[call-overload]
    with pytest.raises(timens.InputError, match=r"route: \['fork'\] is not one of auto, clone3"):
        timens.spawn(["true"], route=["fork"], **ASKED)  # type: ignore[call-overload]


def test_empty_argv() -> None:
    for argv, file in (((), None), ((), b"/bin/true")):
        with fails("args", errno.EINVAL, "argv is empty"):
            raw_spawn(argv, file=file)
    with pytest.raises(IndexError):
        timens.spawn([], **ASKED)


def test_stage_names() -> None:
    lists = vectors("stages.json")
    for rows, name_of in (
        (lists["stages"], _timens.stage_name),
        (lists["routes"], _timens.route_name),
    ):
        assert rows
        assert [name_of(row["number"]) for row in rows] == [row["name"] for row in rows]
        # A closed list: nothing lies past its end.
        assert name_of(rows[-1]["number"] + 1) == "?"


# -- Nothing left behind --

FAILING: list[dict[str, Any]] = [
    {"args": ["/no/such/program"]},
    {"args": ["true"], "cwd": "/no/such/folder"},
]


def test_failed_start_leaves_nothing() -> None:
    seen: list[int] = []
    old = signal.signal(signal.SIGCHLD, lambda signum, _: seen.append(signum))
    fds, pids = count_fds(), children()
    try:
        for route in routes_here() * 10:
            for broken in FAILING:
                with pytest.raises(FileNotFoundError):
                    timens.spawn(stdin=-1, stdout=-1, stderr=-1, route=route, **broken, **ASKED)
    finally:
        signal.signal(signal.SIGCHLD, old)
    assert seen == []
    assert (count_fds(), children()) == (fds, pids)
