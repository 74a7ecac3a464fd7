# SPDX-License-Identifier: MIT
import os
from collections.abc import Sequence
from typing import Any, TypeAlias

_Path: TypeAlias = str | bytes | os.PathLike[str] | os.PathLike[bytes]

class _Pidfd: ...

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
SPAWN_SET_SIGMASK: int
SPAWN_SET_PGROUP: int
SPAWN_SET_TTY: int
SPAWN_FOREGROUND: int
SPAWN_SET_UID: int
SPAWN_SET_GID: int
SPAWN_SET_GROUPS: int
SPAWN_SET_UMASK: int
SPAWN_SET_CGROUP: int
SPAWN_NO_NEW_PRIVS: int
SPAWN_KILL_WITH_PARENT: int
SPAWN_SHELL: int
CLOCK_BOOTTIME: int
CLOCK_MONOTONIC: int
VERSION: str

def spawn(args: dict[str, Any], /) -> list[int]: ...
def start(
    file_name: _Path,
    argv: Sequence[_Path],
    env: Sequence[_Path] | None,
    cwd: _Path | None,
    boottime: tuple[int, int] | None,
    monotonic: tuple[int, int] | None,
    fds: bytes | None,
    groups: bytes | None,
    close_fds: bool,
    restore_signals: bool,
    gid: int | None,
    uid: int | None,
    umask: int,
    start_new_session: bool,
    process_group: int,
    userns: int,
    route: int,
    /,
) -> tuple[int, _Pidfd, str, bool]: ...
def own(fd: int, /) -> _Pidfd: ...
def number(pidfd: _Pidfd, /) -> int: ...
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
