# SPDX-License-Identifier: MIT
"""Structs versioned by their size: the matrix of all languages, on the shared library itself.

ctypes hands over memory that ends where the struct ends, aligned or not: what no binding could.
"""

import ctypes
import errno
import mmap
import os
import signal
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from helpers import vectors

PAGE = mmap.PAGESIZE
MISALIGNMENTS = 13

# With the GIL held: timens_clone3 returns twice, and the second time there is no other thread.
library = ctypes.PyDLL(os.environ["TIMENS_LIBRARY"])
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]

argv = (ctypes.c_char_p * 2)(b"/bin/true", None)
ARGV = ctypes.addressof(argv)
OFFSETS = struct.pack("=qqqq", 86400, 1, 172800, 2)


def spawn_args(offsets: int = 0, offsets_size: int = 0) -> bytes:
    """file, argv, env, cwd, offsets, offsets_size, and what is zero."""
    return struct.pack("=6Q", 0, ARGV, 0, 0, offsets, offsets_size).ljust(208, b"\0")


def start_and_wait(at: int, size: int) -> int:
    process = ctypes.create_string_buffer(32)
    result: int = library.timens_spawn(
        ctypes.c_void_p(at), ctypes.c_size_t(size), process, ctypes.c_void_p()
    )
    if result == 0:
        assert library.timens_wait(process, None, None, None) == 0
    return result


def take_offsets(at: int, size: int) -> int:
    args = ctypes.create_string_buffer(spawn_args(at, size), 208)
    return start_and_wait(ctypes.addressof(args), 208)


def take_clone_args(at: int, size: int) -> int:
    pid: int = library.timens_clone3(
        ctypes.c_void_p(at), ctypes.c_size_t(size), None, ctypes.c_size_t(0), None
    )
    if pid == 0:
        os._exit(0)
    if pid > 0:
        assert os.waitpid(pid, 0) == (pid, 0)
    return min(pid, 0)


@dataclass
class Kind:
    good: bytes
    ver0: int
    take: Callable[[int, int], int]


KINDS = {
    "offsets": Kind(OFFSETS, 32, take_offsets),
    "spawn_args": Kind(spawn_args(), 208, start_and_wait),
    # flags, pidfd, child_tid, parent_tid, exit_signal, ... cgroup: 88 bytes, of which 64 came first
    "clone_args": Kind(
        struct.pack("=11Q", 0, 0, 0, 0, signal.SIGCHLD, *[0] * 6), 64, take_clone_args
    ),
}


def memory_end() -> int:
    flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
    start = libc.mmap(None, 4 * PAGE, mmap.PROT_READ | mmap.PROT_WRITE, flags, -1, 0)
    end: int = start + 3 * PAGE
    assert libc.mprotect(end, PAGE, 0) == 0
    return end


def content(kind: Kind, row: Any) -> bytes:
    bases = {"known": len(kind.good), "ver0": kind.ver0, "page": PAGE, "zero": 0}
    size = bases[row["base"]] + row["add"]
    data = bytearray(kind.good[:size].ljust(size, b"\0"))
    if "dirty" in row:
        known = len(kind.good)
        data[{"first": known, "middle": (known + size) // 2, "last": size - 1}[row["dirty"]]] = 1
    return bytes(data)


def test_matrix() -> None:
    rows, end = vectors("sizes.json")["cases"], memory_end()
    assert rows
    for name, kind in KINDS.items():
        for row in rows:
            expected = -getattr(errno, row["errno"]) if "errno" in row else 0
            if row["base"] == "max":
                assert kind.take(end, 2**64 - 1) == expected, (name, row)
                continue
            data = content(kind, row)
            for slack in range(MISALIGNMENTS + 1):
                at = end - slack - len(data)
                ctypes.memmove(at, data, len(data))
                assert kind.take(at, len(data)) == expected, (name, row, slack)
