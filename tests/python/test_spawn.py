# SPDX-License-Identifier: MIT
"""What timens.spawn is for: a program whose uptime clocks read what was asked."""

import errno
import mmap
import os
import re
import struct
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import timens
from helpers import (
    ASKED,
    DAY,
    NS,
    assert_clocks,
    assert_shown,
    children,
    count_fds,
    fails,
    finish,
    namespace,
    offsets_of,
    output_of,
    program,
    routes_here,
    shown_offsets,
    shown_readings,
    spans,
)

NAMESPACE = ["readlink", "-n", "/proc/self/ns/time"]


def test_both_clocks() -> None:
    assert_shown(boottime=(49 * DAY, 0), monotonic=(7 * DAY, 0))


def test_boottime_alone() -> None:
    assert_shown(boottime=(49 * DAY, 5))


def test_monotonic_alone() -> None:
    assert_shown(monotonic=(49 * DAY, 5))


def test_both_signs() -> None:
    assert_shown(boottime=(-1, 0), monotonic=(DAY, 0))
    assert_shown(boottime=(DAY, 0), monotonic=(-1, 0))
    assert_shown(boottime=(-1, 1), monotonic=(-1, 999999999))


def test_nanoseconds_exact() -> None:
    assert_shown(boottime=(0, 1), monotonic=(1000000, 37))
    assert_shown(boottime=(4294967, 295999999), monotonic=(0, 999999999))


def test_clocks_differ_from_the_parents() -> None:
    assert_clocks(boottime=(100 * DAY, 250000000), monotonic=(-1, 123456789))


def test_zero_offsets_make_a_namespace() -> None:
    own = namespace()
    child = output_of(NAMESPACE, boottime=0)
    assert child.startswith("time:[")
    assert child != own
    assert_clocks(boottime=(0, 0), monotonic=(0, 0))


def test_no_offsets_make_none() -> None:
    assert output_of(NAMESPACE) == namespace()


def test_readings_at_the_start() -> None:
    _, text = finish([program("clocks")], boottime="@u32-ms-5s", monotonic="@49d17h")
    shown = shown_readings(text)
    assert 4294962_296000000 <= shown.boottime <= 4294962_296000000 + 60 * NS
    assert 4294800 * NS <= shown.monotonic <= 4294860 * NS
    with fails("parse", errno.EINVAL, "boottime", "column 2"):
        timens.spawn(["true"], boottime="@u33-ms")


def is_static(path: str) -> bool:
    """No program header names an interpreter (PT_INTERP)."""
    data = Path(path).read_bytes()
    (start,) = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    types = [struct.unpack_from("<I", data, start + size * i)[0] for i in range(count)]
    assert types
    return 3 not in types


def test_static_program() -> None:
    assert is_static(program("clocks"))
    assert not is_static(os.path.realpath("/bin/cat"))
    assert_clocks(boottime=(365 * DAY, 0), monotonic=(366 * DAY, 1))


def test_multithreaded_parent() -> None:
    stop = threading.Event()

    def be_busy() -> None:
        while not stop.is_set():
            sum(range(1000))

    threads = [threading.Thread(target=be_busy) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        for route in routes_here() * 3:
            assert_clocks(route=route, **ASKED)
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def test_concurrent_starts() -> None:
    own = offsets_of()

    def start_some(n: int) -> list[bool]:
        asked = {"boottime": (1000 + n, 0), "monotonic": (0, 1 + n)}
        texts = [output_of(["cat", "/proc/self/timens_offsets"], **asked) for _ in range(10)]
        return [shown_offsets(text) == own + spans(**asked) for text in texts]

    with ThreadPoolExecutor(8) as pool:
        results = [right for rights in pool.map(start_some, range(8)) for right in rights]
    assert results == [True] * 80


def available_kib() -> int:
    found = re.search(r"^MemAvailable:\s+(\d+) kB$", Path("/proc/meminfo").read_text(), re.M)
    assert found
    return int(found[1])


def test_parent_with_1_gib() -> None:
    if available_kib() < 2 << 20:
        pytest.skip("less than 2 GiB of memory are available")
    flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | mmap.MAP_POPULATE
    with mmap.mmap(-1, 1 << 30, flags=flags):
        for route in routes_here():
            assert_clocks(route=route, **ASKED)


def test_two_hundred_starts_leave_nothing() -> None:
    fds, pids, routes = count_fds(), children(), routes_here()
    for n in range(200):
        argv = [program("clocks"), "nothing"]
        done = timens.run(argv, route=routes[n % len(routes)], **ASKED)
        assert done.returncode == 0
    assert count_fds() == fds
    assert children() == pids


def test_uptime_of_procps() -> None:
    if not os.access("/usr/bin/uptime", os.X_OK):
        pytest.skip("there is no /usr/bin/uptime")
    target = (3 * DAY + 3630) * NS
    asked = divmod(target - time.clock_gettime_ns(time.CLOCK_BOOTTIME), NS)
    assert "up 3 days, 1 hour" in output_of(["uptime", "-p"], boottime=asked)
