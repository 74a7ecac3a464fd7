# SPDX-License-Identifier: MIT
"""Popen: subprocess's own, with its start replaced where a clock is to be moved."""

from __future__ import annotations

import os
import subprocess
import sys
from types import BuiltinFunctionType

from . import _timens
from ._errors import Error, wrong
from ._pack import argv_of, env_list, pack_fds, pack_groups
from ._pidfd import is_readable
from ._preexec import Entry
from ._static import TYPE_CHECKING, AnyStr, overload
from ._times import Times, take_times

if TYPE_CHECKING:
    from typing import Any, Literal, Unpack

    from ._options import Command, CommonAndClocks, OptionsAndClocks, Route, Time, Userns

# The steps that subprocess has too: their failures are its exceptions.
_OF_SUBPROCESS = frozenset({"exec", "cwd", "fds", "session", "pgroup", "credentials"})

# Of subprocess.Popen._execute_child.
# fmt: off
_PARAMETERS = (
    "args", "executable", "preexec_fn", "close_fds", "pass_fds", "cwd", "env", "startupinfo",
    "creationflags", "shell", "p2cread", "p2cwrite", "c2pread", "c2pwrite", "errread", "errwrite",
    "restore_signals", "gid", "gids", "uid", "umask", "start_new_session", "process_group",
)
# fmt: on
_COUNT = len(_PARAMETERS)
_PREEXEC_FN = _PARAMETERS.index("preexec_fn")


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
    userns: "auto" uses a user namespace if CAP_SYS_ADMIN or CAP_SYS_TIME is missing; "never"
        fails then; "always" does it in any case, also without a clock.
    route: forces the way into the namespace, for tests: "clone3", "vfork", "fork". With preexec_fn
        it is always the standard library's fork; another route is a ValueError then.
        With none of the five, this is a plain subprocess.Popen.

    Everything else is subprocess.Popen's, its exceptions for exec and cwd included. Whatever fails
    about the namespace is a timens.Error.
    """

    #: The way into the namespace that was taken; None for a plain start.
    route: str | None = None
    #: Whether the program is in a user namespace of its own.
    userns: bool = False
    _pidfd: _timens._Pidfd | None = None

    @overload
    def __init__(
        self: Popen[str],
        args: Command,
        *,
        text: Literal[True],
        encoding: str | None = ...,
        errors: str | None = ...,
        **options: Unpack[CommonAndClocks],
    ) -> None: ...
    @overload
    def __init__(
        self: Popen[str],
        args: Command,
        *,
        text: bool | None = ...,
        encoding: str,
        errors: str | None = ...,
        **options: Unpack[CommonAndClocks],
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
        **options: Unpack[CommonAndClocks],
    ) -> None: ...
    @overload
    def __init__(
        self: Popen[Any],
        args: Command,
        *popen_args: Any,
        **options: Unpack[OptionsAndClocks],
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
        self._times = take_times(boottime, monotonic, uptime, userns, route)
        super().__init__(args, *popen_args, **kwargs)

    @property
    def pidfd(self) -> int | None:
        """A pidfd, for select and asyncio, until the program was reaped; None for a plain start."""
        pidfd = self._pidfd
        return None if pidfd is None else _timens.number(pidfd)

    def _execute_child(self, *given: Any) -> None:
        if self._times is None:
            super()._execute_child(*given)  # type: ignore[misc]
        elif _can_start(given):
            self._start(self._times, given)
        else:
            self._fork_and_enter(self._times, *given)

    def _fork_and_enter(
        self, times: Times, args: Any, executable: Any, preexec_fn: Any, *rest: Any
    ) -> None:
        """By the standard library's own fork, and what it runs in the child first."""
        _check_fork(times)
        if times.boottime is None:
            super()._execute_child(args, executable, preexec_fn, *rest)  # type: ignore[misc]
            return
        with Entry(times, preexec_fn) as entry:
            try:
                super()._execute_child(args, executable, entry.run, *rest)  # type: ignore[misc]
            except subprocess.SubprocessError:
                # It only says that something was raised in there.
                entry.raise_failure()
                raise
            self.userns = entry.made_userns()
        self.route = "fork"
        self._pidfd = self._open_pidfd()

    def _open_pidfd(self) -> _timens._Pidfd | None:
        try:
            return _timens.own(os.pidfd_open(self.pid))
        except ProcessLookupError:
            # Ignoring SIGCHLD may have reaped it by now.
            return None
        except OSError:
            # Nobody would know of the program: there is no Popen.
            self.kill()
            self.wait()
            raise

    def _start(self, times: Times, given: tuple[Any, ...]) -> None:
        # In the order of _PARAMETERS.
        (
            args,
            executable,
            _,
            close_fds,
            pass_fds,
            cwd,
            env,
            _,
            _,
            shell,
            p2cread,
            p2cwrite,
            c2pread,
            c2pwrite,
            errread,
            errwrite,
            restore_signals,
            gid,
            gids,
            uid,
            umask,
            start_new_session,
            process_group,
        ) = given
        argv = list(args) if type(args) is list and not shell else argv_of(args, shell, executable)
        if executable is None:
            executable = argv[0]
        if not executable:
            # subprocess finds something of that name in PATH: the folders themselves.
            self._fork_and_enter(times, *given)
            return
        sys.audit("subprocess.Popen", executable, argv, cwd, env)
        redirects = not p2cread == c2pwrite == errwrite == -1
        boottime, monotonic = times.now()
        try:
            self.pid, self._pidfd, self.route, self.userns = _timens.start(
                executable,
                argv,
                None if env is None else env_list(env),
                cwd,
                boottime,
                monotonic,
                pack_fds(p2cread, c2pwrite, errwrite, pass_fds) if redirects or pass_fds else None,
                None if gids is None else pack_groups(gids),
                close_fds,
                restore_signals,
                gid,
                uid,
                umask,
                start_new_session,
                process_group,
                times.userns,
                # The route heeds a switch that subprocess documents.
                times.route or (0 if subprocess._USE_VFORK else _timens.ROUTE_FORK),
            )
        except Error as error:
            if error.stage in _OF_SUBPROCESS:
                raise _as_subprocess(error, executable, cwd) from None
            raise
        self._child_created = True
        if redirects:
            self._close_pipe_fds(p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite)  # type: ignore[attr-defined]

    # The pidfd goes with the status, which one of these two takes, or else sees to be taken.
    def _internal_poll(self, *args: Any, **kwargs: Any) -> int | None:
        code: int | None = self.returncode
        if code is None:
            code = super()._internal_poll(*args, **kwargs)  # type: ignore[misc]
        # The other case is __del__, which keeps a program that still runs in subprocess._active.
        if code is not None or kwargs.get("_deadstate") is not None:
            self._pidfd = None
        return code

    def _wait(self, timeout: float | None) -> int:
        # The standard library sleeps and looks again with growing pauses; a pidfd just tells.
        if timeout is not None and self._pidfd is not None:
            if not self._ends_within(timeout):
                raise subprocess.TimeoutExpired(self.args, timeout)
            timeout = None
        code: int = super()._wait(timeout)  # type: ignore[misc]
        self._pidfd = None
        return code

    def _ends_within(self, timeout: float) -> bool:
        # Not in _wait, whose frame, and so the pidfd, would live as long as its exception.
        pidfd = self._pidfd
        return pidfd is None or is_readable(pidfd, timeout)


def _are_known() -> bool:
    """Whether this Python's subprocess hands on the arguments that _start takes."""
    code = getattr(subprocess.Popen._execute_child, "__code__", None)  # type: ignore[attr-defined]
    return code is not None and (
        code.co_varnames[1 : code.co_argcount] == _PARAMETERS
        and hasattr(subprocess, "_fork_exec")
        and hasattr(subprocess, "_USE_VFORK")
    )


# Else, as with a Python that is newer than this, the start is the standard library's own.
_ARE_KNOWN = _are_known()


def _check_fork(times: Times) -> None:
    how = "with preexec_fn, as with an unknown subprocess, the start is the standard library's fork"
    if times.route not in (_timens.ROUTE_AUTO, _timens.ROUTE_FORK):
        raise wrong(f"route: {_timens.route_name(times.route)!r} cannot be taken: {how}")
    if times.boottime is None and times.userns == _timens.USERNS_ALWAYS:
        raise wrong(f"userns: 'always' takes a clock here: {how}")


def _can_start(given: tuple[Any, ...]) -> bool:
    return (
        _ARE_KNOWN
        and len(given) == _COUNT
        and given[_PREEXEC_FN] is None
        # Whoever puts his own function there, as a debugger does that follows what is started, is
        # to be called.
        and type(subprocess._fork_exec) is BuiltinFunctionType  # type: ignore[attr-defined]
    )
