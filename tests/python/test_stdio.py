# SPDX-License-Identifier: MIT
"""Which descriptors the program has, and what they are."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import timens
from helpers import (
    ASKED,
    fails,
    finish,
    isolated,
    output_of,
    pack_fds,
    program,
    raw_spawn,
    routes_here,
)


@pytest.fixture
def hidden(tmp_path: Path) -> Iterator[tuple[int, str]]:
    """A descriptor that is close-on-exec, as all of Python's are, and the name of its file."""
    file = tmp_path / "hidden"
    file.touch()
    fd = os.open(file, os.O_RDWR)
    yield fd, str(file)
    os.close(fd)


def descriptors(**start: object) -> list[int]:
    return [int(line) for line in output_of([program("descriptors")], **start).split()]


def name_of(fd: int, **start: object) -> str:
    return output_of(["readlink", "-n", f"/proc/self/fd/{fd}"], **start)


def test_inherited() -> None:
    for fd in (0, 2):
        assert name_of(fd, **ASKED) == os.readlink(f"/proc/self/fd/{fd}")


def test_null() -> None:
    assert name_of(0, stdin=timens.DEVNULL, **ASKED) == "/dev/null"
    assert name_of(2, stderr=timens.DEVNULL, **ASKED) == "/dev/null"


def test_descriptor(hidden: tuple[int, str]) -> None:
    fd, file = hidden
    with timens.spawn(["echo", "to a descriptor"], stdout=fd, **ASKED):
        pass
    assert Path(file).read_text() == "to a descriptor\n"
    with open(file) as stream:
        assert output_of(["cat"], stdin=stream, **ASKED) == "to a descriptor\n"


def with_files_as_stdio(folder: str, sources: dict[str, Any], expected: list[int]) -> None:
    """With the files 0, 1, 2 as our own standard descriptors, starts a program with `sources`."""
    files = [Path(folder, str(n)) for n in range(3)]
    for n, file in enumerate(files):
        os.dup2(os.open(file, os.O_RDWR | os.O_CREAT), n)
    argv = ["readlink", *(f"/proc/self/fd/{n}" for n in range(3))]
    for route in routes_here():
        with timens.spawn(argv, route=route, **sources, **ASKED):
            pass
        written = files[expected[1]]
        assert written.read_text() == "".join(f"{files[n]}\n" for n in expected), route
        os.truncate(written, 0)
        os.lseek(expected[1], 0, os.SEEK_SET)


def test_crossed(tmp_path: Path) -> None:
    isolated(with_files_as_stdio, str(tmp_path), {"stdout": 2, "stderr": 1}, [0, 2, 1])
    (again := tmp_path / "again").mkdir()
    isolated(with_files_as_stdio, str(again), {"stdin": 1, "stdout": 0}, [1, 0, 2])


def test_cycle_of_three(tmp_path: Path) -> None:
    cycle = {"stdin": 1, "stdout": 2, "stderr": 0}
    isolated(with_files_as_stdio, str(tmp_path), cycle, [1, 2, 0])


def test_same_source_and_target(hidden: tuple[int, str]) -> None:
    fd, file = hidden
    for route in routes_here():
        assert name_of(fd, pass_fds=[fd], route=route, **ASKED) == file
    # The program's copy was changed, not ours.
    assert not os.get_inheritable(fd)


def test_bad_source() -> None:
    free = os.open("/dev/null", os.O_RDONLY)
    os.close(free)
    for target in (free, 1):
        with fails("fds", errno.EBADF, f"descriptor {target} (from {free})"):
            raw_spawn(fds=pack_fds({target: free}))
    # As in subprocess: the numbers that mean something to it (here STDOUT), or to the core, too.
    # (Not `free`: it may be the number of a pipe of the start itself.)
    wrong: list[dict[str, Any]] = [{"pass_fds": [999]}, {"stdout": 999}, {"stdout": -2}]
    for start in (*wrong, {"stdin": -2}, {"stderr": -9}):
        seen = []
        for times in ({}, ASKED):
            # Newer versions of Python tell what is wrong with STDOUT.
            with pytest.raises(
                (OSError, ValueError), match=r"Bad file descriptor|STDOUT"
            ) as caught:
                timens.spawn(["true"], **start, **times)
            seen.append((type(caught.value), str(caught.value)))
        assert seen[0] == seen[1]


def test_close_fds(hidden: tuple[int, str]) -> None:
    fd, _ = hidden
    os.set_inheritable(fd, True)
    for route in routes_here():
        assert descriptors(route=route, **ASKED) == [0, 1, 2]
        assert fd in descriptors(route=route, close_fds=False, **ASKED)


def test_close_fds_keeps_targets(hidden: tuple[int, str]) -> None:
    fd, _ = hidden
    high = os.dup2(fd, 200)
    try:
        for route in routes_here():
            passed = descriptors(route=route, pass_fds=(high, fd, fd), **ASKED)
            assert passed == [0, 1, 2, fd, high]
    finally:
        os.close(high)


def test_close_fds_after_cwd() -> None:
    low = os.open("/usr", os.O_PATH)
    fd = os.dup2(low, 300)
    os.close(low)
    try:
        for route in routes_here():
            _, text = finish(["/bin/pwd"], cwd=f"/proc/self/fd/{fd}", route=route, **ASKED)
            assert text == "/usr\n"
    finally:
        os.close(fd)


def see_own_descriptors_only() -> None:
    for route in routes_here():
        process, text = finish([program("descriptors")], close_fds=False, route=route, **ASKED)
        assert process.route == route
        assert text.split() == ["0", "1", "2"], (route, text)


def test_library_descriptors_do_not_leak() -> None:
    isolated(see_own_descriptors_only)
