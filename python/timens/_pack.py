# SPDX-License-Identifier: MIT
"""The arguments of subprocess.Popen._execute_child as the core takes them."""

from __future__ import annotations

import errno
import os
import struct
import sys

from ._static import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

# struct timens_fd.
_FD = struct.Struct("=ii")

_INT_MAX = 2**31 - 1
_GROUPS_MAX = 65536

# The words of subprocess.
if sys.version_info >= (3, 12):
    _TOO_LARGE, _TOO_MANY = "Python int too large to convert to C int", "too many extra_groups"
else:
    _TOO_LARGE, _TOO_MANY = "signed integer is greater than maximum", "too many groups"


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


def env_list(env: Any) -> list[bytes]:
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
    if any(source > _INT_MAX for source in fds.values()):
        raise OverflowError(_TOO_LARGE)
    for fd in map(int, pass_fds):
        if not 0 <= fd <= _INT_MAX:
            raise ValueError("bad value(s) in fds_to_keep")
        fds.setdefault(fd, fd)
    return b"".join(_FD.pack(*pair) for pair in fds.items())


def pack_groups(gids: Any) -> bytes:
    if len(gids) > _GROUPS_MAX:
        raise ValueError(_TOO_MANY)
    try:
        return struct.pack(f"={len(gids)}I", *gids)
    except struct.error:
        raise ValueError("invalid group id") from None
