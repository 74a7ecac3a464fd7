# SPDX-License-Identifier: MIT
"""Popen: subprocess's own, with its start replaced where a clock is to be moved."""

from __future__ import annotations

import os
import select
import signal
import struct
import subprocess
import sys
from collections import namedtuple
from typing import Any, AnyStr, Literal, overload

from . import _timens
from ._choices import Route, Userns, route_number, userns_number
from ._errors import Error
from ._preexec import Entry
from ._times import Time, Times, take_times

# The steps that subprocess has too: their failures are its exceptions.
_OF_SUBPROCESS = frozenset({"exec", "cwd", "session", "pgroup", "credentials"})

# poll takes milliseconds in an int: 24 days.
_POLL_MAX = 2**31 // 1000 - 1


# The arguments of subprocess.Popen._execute_child since Python 3.11, by its names. Not a
# typing.NamedTuple: making that of 23 fields is a tenth of the cost of `import timens`.
_Start = namedtuple(
    "_Start",
    "args executable preexec_fn close_fds pass_fds cwd env startupinfo creationflags shell p2cread "
    "p2cwrite c2pread c2pwrite errread errwrite restore_signals gid gids uid umask "
    "start_new_session process_group",
)


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


def _pack_env(env: Any) -> tuple[bytes, ...] | None:
    if env is None:
        return None
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


def _flags(start: _Start) -> int:
    """The signal mask stays the caller's, as in subprocess."""
    chosen = {
        _timens.SPAWN_KEEP_SIGMASK: True,
        _timens.SPAWN_KEEP_SIGPIPE: not start.restore_signals,
        _timens.SPAWN_CLOSE_FDS: start.close_fds,
        _timens.SPAWN_SETSID: start.start_new_session,
        _timens.SPAWN_SET_PGROUP: start.process_group >= 0,
        _timens.SPAWN_SET_UID: start.uid is not None,
        _timens.SPAWN_SET_GID: start.gid is not None,
        _timens.SPAWN_SET_GROUPS: start.gids is not None,
        _timens.SPAWN_SET_UMASK: start.umask >= 0,
    }
    return sum(flag for flag, on in chosen.items() if on)


def _pack_numbers(start: _Start, userns: int, route: int) -> bytes:
    """struct bind_numbers."""
    sigdefault = 1 << (signal.SIGXFSZ - 1) if start.restore_signals else 0
    try:
        return struct.pack(
            "=4Q5Ii",
            *(_flags(start), sigdefault, 0, 0),
            *(userns, route, start.uid or 0, start.gid or 0, max(start.umask, 0) & 0o777),
            max(start.process_group, 0),
        )
    except struct.error:
        raise OverflowError("user, group or process_group: no such id can exist") from None


def _pack_groups(start: _Start) -> bytes | None:
    if start.gids is None:
        return None
    try:
        return struct.pack(f"={len(start.gids)}I", *start.gids)
    except struct.error:
        raise OverflowError("extra_groups: no such id can exist") from None


class Popen(subprocess.Popen[AnyStr]):
    """A subprocess.Popen whose program reads other uptime clocks.

    boottime, monotonic: what is added to the caller's CLOCK_BOOTTIME and CLOCK_MONOTONIC: a number
        of seconds, a timedelta, (seconds, nanoseconds), or a text such as "49d17h" or
        "-1000s 42ns". With an @ in front it is what the clock is to read at the start: "@49d17h",
        "@u32-ms-5s".
    uptime: what both clocks are to read at the start, with or without the @.
        With none of the three, this is a plain subprocess.Popen.
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
        uptime: Time | None = ...,
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
        uptime: Time | None = ...,
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
        uptime: Time | None = ...,
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
        uptime: Time | None = None,
        userns: Userns = "auto",
        route: Route = "auto",
        **kwargs: Any,
    ) -> None:
        self._times = take_times(boottime, monotonic, uptime)
        self._choices = userns_number(userns), route_number(route)
        super().__init__(args, *popen_args, **kwargs)

    @property
    def pidfd(self) -> int | None:
        """A pidfd while the program runs, for select and asyncio; None after it was reaped."""
        pidfd = self._pidfd
        return None if pidfd is None else pidfd.number

    def _execute_child(self, *args: Any) -> None:
        if self._times is None:
            super()._execute_child(*args)  # type: ignore[misc]
        elif len(args) == len(_Start._fields) and args[2] is None:
            start = _Start(*args)
            self._spawn(start, self._times)
            self._close_pipe_fds(*start[10:16])  # type: ignore[attr-defined]
        else:
            # A preexec_fn, or the subprocess of a Python that is newer than this.
            self._fork_and_enter(self._times, *args)

    def _fork_and_enter(
        self, times: Times, args: Any, executable: Any, preexec_fn: Any, *rest: Any
    ) -> None:
        """By the standard library's own fork, and what it runs in the child first."""
        with Entry(times, self._choices[0], preexec_fn) as entry:
            try:
                super()._execute_child(args, executable, entry.run, *rest)  # type: ignore[misc]
            except subprocess.SubprocessError:
                # It only says that something was raised in there.
                entry.raise_failure()
                raise
            self.userns = entry.made_userns()
        self.route = "fork"

    def _spawn(self, start: _Start, times: Times) -> None:
        argv, executable = _argv_of(start)
        sys.audit("subprocess.Popen", executable, argv, start.cwd, start.env)
        try:
            self.pid, pidfd, route, userns = _timens.spawn(
                os.fsencode(executable),
                tuple(os.fsencode(arg) for arg in argv),
                _pack_env(start.env),
                None if start.cwd is None else os.fsencode(start.cwd),
                times.pack(),
                _pack_fds(start),
                _pack_groups(start),
                None,
                _pack_numbers(start, *self._choices),
            )
        except Error as error:
            if error.stage not in _OF_SUBPROCESS:
                raise
            filename = {"exec": executable, "cwd": start.cwd}.get(error.stage)
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
