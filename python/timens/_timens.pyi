# SPDX-License-Identifier: MIT
from typing import Any

ROUTE_AUTO: int
ROUTE_CLONE3: int
ROUTE_VFORK: int
ROUTE_FORK: int
USERNS_AUTO: int
USERNS_NEVER: int
USERNS_ALWAYS: int
FD_NULL: int
SPAWN_CLOSE_FDS: int
SPAWN_SETSID: int
SPAWN_KEEP_SIGMASK: int
SPAWN_KEEP_SIGPIPE: int
SPAWN_SET_PGROUP: int
SPAWN_SET_UID: int
SPAWN_SET_GID: int
SPAWN_SET_GROUPS: int
SPAWN_SET_UMASK: int
CLOCK_BOOTTIME: int
CLOCK_MONOTONIC: int
VERSION: str

def spawn(
    file: bytes | None,
    argv: tuple[bytes, ...],
    env: tuple[bytes, ...] | None,
    cwd: bytes | None,
    offsets: bytes | None,
    fds: bytes | None,
    groups: bytes | None,
    rlimits: bytes | None,
    numbers: bytes,
    /,
) -> list[int]: ...
def wait(pid: int, pidfd: int, timeout_sec: int, timeout_nsec: int, /) -> int: ...
def kill(pid: int, pidfd: int, sig: int, /) -> None: ...
def enter(offsets: bytes, flags: int, /) -> None: ...
def join(fd: int, /) -> None: ...
def point(index: int, /) -> list[Any] | None: ...
def read(pid: int, /) -> list[int]: ...
def support() -> list[int | str]: ...
def parse(text: bytes, /) -> list[int]: ...
def offset_to(clock: int, sec: int, nsec: int, /) -> list[int]: ...
def format(sec: int, nsec: int, /) -> str: ...
def stage_name(stage: int, /) -> str: ...
def route_name(route: int, /) -> str: ...
