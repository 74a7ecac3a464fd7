# SPDX-License-Identifier: MIT
"""Popen: subprocess's own, with its start replaced where a clock is to be moved."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys

from . import _timens
from ._choices import route_number, userns_number
from ._errors import Error
from ._pack import argv_of, env_list, pack_fds, pack_groups, pack_numbers
from ._pidfd import Pidfd
from ._preexec import Entry
from ._static import TYPE_CHECKING, AnyStr, overload
from ._times import Times, take_times

if TYPE_CHECKING:
    from typing import Any, Literal, Unpack

    from ._options import Command, Common, Options, Route, Time, Userns

# The steps that subprocess has too: their failures are its exceptions.
_OF_SUBPROCESS = frozenset({"exec", "cwd", "fds", "session", "pgroup", "credentials"})

# Of subprocess.Popen._execute_child, and of Popen._start here.
_ARGUMENTS = 23
_PREEXEC_FN = 2


def _as_subprocess(error: Error, executable: Any, cwd: Any) -> OSError:
    filename = {"exec": executable, "cwd": cwd}.get(error.stage)
    number = error.errno or 0
    return OSError(number, os.strerror(number), filename)


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
    _pidfd: Pidfd | None = None

    @overload
    def __init__(
        self: Popen[str],
        args: Command,
        *,
        text: Literal[True],
        encoding: str | None = ...,
        errors: str | None = ...,
        boottime: Time | None = ...,
        monotonic: Time | None = ...,
        uptime: Time | None = ...,
        userns: Userns = ...,
        route: Route = ...,
        **options: Unpack[Common],
    ) -> None: ...
    @overload
    def __init__(
        self: Popen[str],
        args: Command,
        *,
        text: bool | None = ...,
        encoding: str,
        errors: str | None = ...,
        boottime: Time | None = ...,
        monotonic: Time | None = ...,
        uptime: Time | None = ...,
        userns: Userns = ...,
        route: Route = ...,
        **options: Unpack[Common],
    ) -> None: ...
    @overload
    def __init__(
        self: Popen[bytes],
        args: Command,
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
        **options: Unpack[Common],
    ) -> None: ...
    @overload
    def __init__(
        self: Popen[Any],
        args: Command,
        *popen_args: Any,
        boottime: Time | None = ...,
        monotonic: Time | None = ...,
        uptime: Time | None = ...,
        userns: Userns = ...,
        route: Route = ...,
        **options: Unpack[Options],
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
        """A pidfd, for select and asyncio, until the program was reaped; None for a plain start."""
        pidfd = self._pidfd
        return None if pidfd is None else pidfd.number

    def _execute_child(self, *args: Any) -> None:
        if self._times is None:
            super()._execute_child(*args)  # type: ignore[misc]
        elif _ARE_KNOWN and len(args) == _ARGUMENTS and args[_PREEXEC_FN] is None:
            self._start(self._times, *args)
        else:
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
        # Ignoring SIGCHLD may have reaped it by now.
        with contextlib.suppress(ProcessLookupError):
            self._pidfd = Pidfd(os.pidfd_open(self.pid))

    # The parameters after `times` have the names they have in subprocess: see _ARE_KNOWN.
    def _start(
        self,
        times: Times,
        args: Any,
        executable: Any,
        preexec_fn: None,
        close_fds: bool,
        pass_fds: Any,
        cwd: Any,
        env: Any,
        startupinfo: Any,
        creationflags: int,
        shell: bool,
        p2cread: int,
        p2cwrite: int,
        c2pread: int,
        c2pwrite: int,
        errread: int,
        errwrite: int,
        restore_signals: bool,
        gid: int | None,
        gids: Any,
        uid: int | None,
        umask: int,
        start_new_session: bool,
        process_group: int,
    ) -> None:
        argv = argv_of(args, shell, executable)
        if executable is None:
            executable = argv[0]
        sys.audit("subprocess.Popen", executable, argv, cwd, env)
        redirects = not p2cread == c2pwrite == errwrite == -1
        try:
            started = _timens.spawn(
                executable,
                argv,
                env_list(env),
                cwd,
                times.pack(),
                pack_fds(p2cread, c2pwrite, errwrite, pass_fds) if redirects or pass_fds else None,
                pack_groups(gids),
                None,
                pack_numbers(
                    close_fds,
                    restore_signals,
                    gid,
                    gids,
                    uid,
                    umask,
                    start_new_session,
                    process_group,
                    *self._how(),
                ),
            )
        except Error as error:
            if error.stage in _OF_SUBPROCESS:
                raise _as_subprocess(error, executable, cwd) from None
            raise
        self._adopt(*started)
        if redirects:
            self._close_pipe_fds(p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite)  # type: ignore[attr-defined]

    def _how(self) -> tuple[int, int]:
        """User namespace and route. The latter heeds a switch that subprocess documents."""
        userns, route = self._choices
        if route == _timens.ROUTE_AUTO and not getattr(subprocess, "_USE_VFORK", True):
            route = _timens.ROUTE_FORK
        return userns, route

    def _adopt(self, pid: int, pidfd: int, route: int, userns: int) -> None:
        self.pid = pid
        self._child_created = True
        self._pidfd = Pidfd(pidfd)
        self.route = _timens.route_name(route)
        self.userns = userns == 1

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


def _are_known() -> bool:
    """Whether this Python's subprocess hands on the arguments that _start takes."""
    theirs = getattr(subprocess.Popen._execute_child, "__code__", None)  # type: ignore[attr-defined]
    ours = Popen._start.__code__
    return theirs is not None and (
        theirs.co_varnames[1 : theirs.co_argcount] == ours.co_varnames[2 : ours.co_argcount]
    )


# Else, as with a Python that is newer than this, the start is the standard library's own.
_ARE_KNOWN = _are_known()
