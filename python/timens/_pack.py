# SPDX-License-Identifier: MIT
"""The arguments of subprocess.Popen._execute_child as the core takes them."""

from __future__ import annotations

import errno
import os
import signal
import struct

from . import _timens
from ._static import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

# struct bind_numbers, struct timens_fd.
_NUMBERS = struct.Struct("=4Q5Ii")
_FD = struct.Struct("=ii")

# subprocess restores those that Python ignores; SIGPIPE the core restores by itself.
_RESTORED = 1 << (signal.SIGXFSZ - 1)


def argv_of(args: Any, shell: bool, executable: Any) -> list[Any]:
    """By the rules of subprocess."""
    if isinstance(args, list | tuple):
        argv = [*args]
    elif not isinstance(args, str | bytes | os.PathLike):
        argv = list(args)
    elif shell and isinstance(args, os.PathLike):
        raise TypeError("path-like args is not allowed when shell is true")
    else:
        argv = [args]
    return [executable or "/bin/sh", "-c", *argv] if shell else argv


def env_list(env: Any) -> list[bytes] | None:
    if env is None:
        return None
    pairs = [(os.fsencode(key), os.fsencode(value)) for key, value in env.items()]
    if any(b"=" in key for key, _ in pairs):
        raise ValueError("illegal environment variable name")
    return [key + b"=" + value for key, value in pairs]


def pack_fds(stdin: int, stdout: int, stderr: int, pass_fds: Any) -> bytes:
    sources = {0: stdin, 1: stdout, 2: stderr}
    fds = {target: source for target, source in sources.items() if source != -1}
    if any(source < 0 for source in fds.values()):
        # stdout=STDOUT, say. To the core it would mean a pipe.
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))
    for fd in pass_fds:
        fds.setdefault(int(fd), int(fd))
    return b"".join(_FD.pack(*pair) for pair in fds.items())


def pack_groups(gids: Any) -> bytes | None:
    if gids is None:
        return None
    try:
        return struct.pack(f"={len(gids)}I", *gids)
    except struct.error:
        raise ValueError("invalid group id") from None


def pack_numbers(
    close_fds: bool,
    restore_signals: bool,
    gid: int | None,
    gids: Any,
    uid: int | None,
    umask: int,
    start_new_session: bool,
    process_group: int,
    userns: int,
    route: int,
) -> bytes:
    flags = (
        # The signal mask stays the caller's, as in subprocess.
        _timens.SPAWN_KEEP_SIGMASK
        | (_timens.SPAWN_CLOSE_FDS if close_fds else 0)
        | (0 if restore_signals else _timens.SPAWN_KEEP_SIGPIPE)
        | (_timens.SPAWN_SETSID if start_new_session else 0)
        | (_timens.SPAWN_SET_PGROUP if process_group >= 0 else 0)
        | (_timens.SPAWN_SET_UID if uid is not None else 0)
        | (_timens.SPAWN_SET_GID if gid is not None else 0)
        | (_timens.SPAWN_SET_GROUPS if gids is not None else 0)
        | (_timens.SPAWN_SET_UMASK if umask >= 0 else 0)
    )
    sigdefault = _RESTORED if restore_signals else 0
    ids = uid or 0, gid or 0, max(umask, 0) & 0o777, max(process_group, 0)
    try:
        return _NUMBERS.pack(flags, sigdefault, 0, 0, userns, route, *ids)
    except struct.error:
        names = (("uid", uid, 32), ("gid", gid, 32), ("process_group", process_group, 31))
        name = next(name for name, value, bits in names if (value or 0) >= 2**bits)
        raise OverflowError(f"{name} is greater than maximum") from None
