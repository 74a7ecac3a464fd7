# SPDX-License-Identifier: MIT
"""Popen: subprocess's own, with its start replaced where a clock is to be moved."""

from __future__ import annotations

import os
import select
import signal
import struct
import subprocess
import sys
from typing import Any, AnyStr, Literal, NamedTuple, overload

from . import _timens
from ._errors import Error
from ._times import Time, pack_offsets

Userns = Literal["auto", "never", "always"]
Route = Literal["auto", "clone3", "vfork", "fork"]

_USERNS: dict[str, int] = {
    "auto": _timens.USERNS_AUTO,
    "never": _timens.USERNS_NEVER,
    "always": _timens.USERNS_ALWAYS,
}
_ROUTES: dict[str, int] = {
    "auto": _timens.ROUTE_AUTO,
    "clone3": _timens.ROUTE_CLONE3,
    "vfork": _timens.ROUTE_VFORK,
    "fork": _timens.ROUTE_FORK,
}


# poll takes milliseconds in an int: 24 days.
_POLL_MAX = 2**31 // 1000 - 1


class _Start(NamedTuple):
    """The arguments of subprocess.Popen._execute_child since Python 3.11, by its names."""

    args: Any
    executable: Any
    preexec_fn: Any
    close_fds: bool
    pass_fds: Any
    cwd: Any
    env: Any
    startupinfo: Any
    creationflags: int
    shell: bool
    p2cread: int
    p2cwrite: int
    c2pread: int
    c2pwrite: int
    errread: int
    errwrite: int
    restore_signals: bool
    gid: int | None
    gids: Any
    uid: int | None
    umask: int
    start_new_session: bool
    process_group: int


class _Pidfd:
    """Owns a pidfd, and closes it when the last user has let go of it.

    So a thread that waits on it never looks at a number that another thread, which has reaped the
    program, set free for another file.
    """

    def __init__(self, number: int) -> None:
        self.number = number

    def __del__(self, _close: Any = os.close) -> None:
        # The default is there while the interpreter goes down and globals are gone.
        _close(self.number)

    def is_readable(self, timeout: float) -> bool:
        poll = select.poll()
        poll.register(self.number, select.POLLIN)
        while timeout > _POLL_MAX and not poll.poll(_POLL_MAX * 1000):
            timeout -= _POLL_MAX
        return bool(poll.poll(min(max(timeout, 0), _POLL_MAX) * 1000))


def _choice(name: str, table: dict[str, int], value: str) -> int:
    try:
        return table[value]
    except (KeyError, TypeError):
        raise ValueError(f"{name}: {value!r} is not one of {', '.join(table)}") from None


def _refuse_unsupported(start: _Start) -> None:
    given = {
        "preexec_fn": start.preexec_fn is not None,
        "user": start.uid is not None,
        "group": start.gid is not None,
        "extra_groups": start.gids is not None,
        "umask": start.umask >= 0,
        "process_group": start.process_group >= 0,
    }
    for name, used in given.items():
        if used:
            raise ValueError(f"{name} cannot be combined with boottime or monotonic yet")


def _argv_of(start: _Start) -> tuple[list[Any], Any]:
    """The argument list and the executable, by the rules of subprocess."""
    if isinstance(start.args, str | bytes | os.PathLike):
        if start.shell and isinstance(start.args, os.PathLike):
            raise TypeError("path-like args is not allowed when shell is true")
        argv = [start.args]
    else:
        argv = list(start.args)
    if start.shell:
        argv = [start.executable or "/bin/sh", "-c", *argv]
    return argv, argv[0] if start.executable is None else start.executable


def _pack_own_env() -> tuple[bytes, ...]:
    # A copy: the start releases the GIL, and in the C environment another thread's change of
    # os.environ could then move what is being read.
    pairs = [(key, os.environb.get(key)) for key in list(os.environb)]
    return tuple(key + b"=" + value for key, value in pairs if value is not None)


def _pack_env(env: Any) -> tuple[bytes, ...]:
    if env is None:
        return _pack_own_env()
    pairs = [(os.fsencode(key), os.fsencode(value)) for key, value in env.items()]
    if any(b"=" in key for key, _ in pairs):
        raise ValueError("illegal environment variable name")
    return tuple(key + b"=" + value for key, value in pairs)


def _pack_fds(start: _Start) -> bytes:
    sources = {0: start.p2cread, 1: start.c2pwrite, 2: start.errwrite}
    fds = {target: source for target, source in sources.items() if source != -1}
    for fd in start.pass_fds:
        fds.setdefault(int(fd), int(fd))
    return b"".join(struct.pack("=ii", *pair) for pair in fds.items())


def _signals(start: _Start) -> tuple[int, int]:
    """Flags and the set of signals made default; the mask stays the caller's, as in subprocess."""
    if not start.restore_signals:
        return _timens.SPAWN_KEEP_SIGMASK | _timens.SPAWN_KEEP_SIGPIPE, 0
    return _timens.SPAWN_KEEP_SIGMASK, 1 << (signal.SIGXFSZ - 1)


class Popen(subprocess.Popen[AnyStr]):
    """A subprocess.Popen whose program reads other uptime clocks.

    boottime, monotonic: what is added to the caller's CLOCK_BOOTTIME and CLOCK_MONOTONIC: a number
        of seconds, a timedelta, (seconds, nanoseconds), or a text such as "49d17h" or
        "-1000s 42ns". With an @ in front it is what the clock is to read at the start: "@49d17h",
        "@u32-ms-5s". With neither, this is a plain subprocess.Popen.
    userns: "auto" uses a user namespace if CAP_SYS_ADMIN or CAP_SYS_TIME is missing.
    route: forces the way into the namespace, for tests.

    Everything else is subprocess.Popen's, its exceptions for exec and cwd included. Whatever fails
    about the namespace is a timens.Error.
    """

    #: The way into the namespace that was taken; None for a plain start.
    route: str | None = None
    #: Whether the program is in a user namespace of its own.
    userns: bool = False
    _pidfd: _Pidfd | None = None

    @overload
    def __init__(
        self: Popen[str],
        args: Any,
        *,
        text: Literal[True],
        boottime: Time | None = ...,
        monotonic: Time | None = ...,
        userns: Userns = ...,
        route: Route = ...,
        **kwargs: Any,
    ) -> None: ...
    @overload
    def __init__(
        self: Popen[bytes],
        args: Any,
        *,
        text: Literal[False] | None = ...,
        encoding: None = ...,
        errors: None = ...,
        universal_newlines: Literal[False] | None = ...,
        boottime: Time | None = ...,
        monotonic: Time | None = ...,
        userns: Userns = ...,
        route: Route = ...,
        **kwargs: Any,
    ) -> None: ...
    @overload
    def __init__(
        self: Popen[Any],
        args: Any,
        *popen_args: Any,
        boottime: Time | None = ...,
        monotonic: Time | None = ...,
        userns: Userns = ...,
        route: Route = ...,
        **kwargs: Any,
    ) -> None: ...
    def __init__(
        self,
        args: Any,
        *popen_args: Any,
        boottime: Time | None = None,
        monotonic: Time | None = None,
        userns: Userns = "auto",
        route: Route = "auto",
        **kwargs: Any,
    ) -> None:
        self._offsets = pack_offsets(boottime, monotonic)
        self._choices = _choice("userns", _USERNS, userns), _choice("route", _ROUTES, route)
        super().__init__(args, *popen_args, **kwargs)

    @property
    def pidfd(self) -> int | None:
        """A pidfd while the program runs, for select and asyncio; None after it was reaped."""
        pidfd = self._pidfd
        return None if pidfd is None else pidfd.number

    def _execute_child(self, *args: Any) -> None:
        if self._offsets is None:
            super()._execute_child(*args)  # type: ignore[misc]
            return
        if len(args) != len(_Start._fields):
            raise NotImplementedError("this Python's subprocess is one that timens does not know")
        start = _Start(*args)
        _refuse_unsupported(start)
        self._spawn(start)
        self._close_pipe_fds(*start[10:16])  # type: ignore[attr-defined]

    def _spawn(self, start: _Start) -> None:
        argv, executable = _argv_of(start)
        sys.audit("subprocess.Popen", executable, argv, start.cwd, start.env)
        flags, sigdefault = _signals(start)
        if start.close_fds:
            flags |= _timens.SPAWN_CLOSE_FDS
        if start.start_new_session:
            flags |= _timens.SPAWN_SETSID
        try:
            self.pid, pidfd, route, userns = _timens.spawn(
                os.fsencode(executable),
                tuple(os.fsencode(arg) for arg in argv),
                _pack_env(start.env),
                None if start.cwd is None else os.fsencode(start.cwd),
                self._offsets,
                _pack_fds(start),
                flags,
                sigdefault,
                *self._choices,
            )
        except Error as error:
            filename = {"exec": executable, "cwd": start.cwd}.get(error.stage)
            if filename is None:
                raise
            number = error.errno or 0
            raise OSError(number, os.strerror(number), filename) from None
        self._pidfd = _Pidfd(pidfd)
        self._child_created = True
        self.route = _timens.route_name(route)
        self.userns = bool(userns)

    def _handle_exitstatus(self, *args: Any, **kwargs: Any) -> None:
        super()._handle_exitstatus(*args, **kwargs)  # type: ignore[misc]
        self._pidfd = None

    def _internal_poll(self, *args: Any, **kwargs: Any) -> int | None:
        code: int | None = super()._internal_poll(*args, **kwargs)  # type: ignore[misc]
        # If somebody else has reaped it, poll finds that out without _handle_exitstatus.
        if code is not None:
            self._pidfd = None
        return code

    def _wait(self, timeout: float | None) -> int:
        # The standard library sleeps and looks again with growing pauses; a pidfd just tells.
        if timeout is not None and self._pidfd is not None:
            if not self._ends_within(timeout):
                raise subprocess.TimeoutExpired(self.args, timeout)
            timeout = None
        code: int = super()._wait(timeout)  # type: ignore[misc]
        return code

    def _ends_within(self, timeout: float) -> bool:
        # Not in _wait, whose frame, and so the pidfd, would live as long as its exception.
        pidfd = self._pidfd
        return pidfd is None or pidfd.is_readable(timeout)

    def __del__(self, *args: Any, **kwargs: Any) -> None:
        super().__del__(*args, **kwargs)
        self._pidfd = None
