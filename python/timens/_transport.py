# SPDX-License-Identifier: MIT
"""asyncio's transport of a subprocess, over our Popen and a pidfd.

All that is not public in asyncio is used here: BaseSubprocessTransport, in which a loop of asyncio
fills in the start and the wait too.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from asyncio import base_subprocess
from asyncio.log import logger
from collections.abc import Awaitable
from contextlib import suppress
from typing import Any

from ._popen import Popen

# How long a program that was killed may take to go, where no loop is left to wait for it.
_LAST_WAIT = 5.0

# As asyncio's own watchers report it.
_UNKNOWN_STATUS = 255


async def finish(awaitable: Awaitable[Any]) -> Any:
    """Awaits it to its end; only then the cancellation that came meanwhile goes on."""
    future = asyncio.ensure_future(awaitable)
    cancelled = None
    while not future.done():
        try:
            await asyncio.wait([future])
        except asyncio.CancelledError as error:
            cancelled = error
    result = future.result()
    if cancelled is not None:
        raise cancelled
    return result


class Transport(base_subprocess.BaseSubprocessTransport):
    """Its loop needs add_reader and pipes: no child watcher, no thread, no SIGCHLD."""

    _pipes: dict[int, Any]
    _proc: Popen[bytes]
    # A duplicate: if poll of the Popen reaps the program, the loop's reader must not be left with
    # a number that is closed, and never called.
    _pidfd: int | None = None

    def _start(self, args: Any, **popen: Any) -> None:  # type: ignore[override]
        self._proc = Popen(args, **popen)
        try:
            self._watch()
        except BaseException:
            with self._proc:
                self._proc.kill()
            raise

    def _watch(self) -> None:
        if self._proc.pidfd is None:
            # Who ignores SIGCHLD has the kernel reap it.
            self._loop.call_soon(self._process_exited, self._unknown_status())
            return
        pidfd = os.dup(self._proc.pidfd)
        try:
            self._loop.add_reader(pidfd, self._take_status)
        except BaseException:
            os.close(pidfd)
            raise
        self._pidfd = pidfd

    def _take_status(self) -> None:
        # The loop may have been about to call this when the reader was removed.
        if self._pidfd is None:
            return
        self._loop.remove_reader(self._pidfd)
        status = self._reap(self._pidfd)
        os.close(self._pidfd)
        self._pidfd = None
        self._process_exited(status)

    def _reap(self, pidfd: int) -> int:
        if self._proc.returncode is not None:
            return self._proc.returncode
        try:
            # Popen itself says 0 for a program that somebody else has reaped.
            os.waitid(os.P_PIDFD, pidfd, os.WEXITED | os.WNOWAIT)
        except ChildProcessError:
            return self._unknown_status()
        return self._proc.wait()

    def _unknown_status(self) -> int:
        self._proc.poll()
        self._proc.returncode = _UNKNOWN_STATUS
        logger.warning(
            "process %d was reaped by somebody else: its status is reported as %d",
            self._proc.pid,
            _UNKNOWN_STATUS,
        )
        return _UNKNOWN_STATUS

    # -- asyncio's own would wait for the program on the way, and so take its status away --

    def send_signal(self, number: int) -> None:
        self._check_proc()
        if self._pidfd is not None:
            # Somebody else may have reaped it.
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._pidfd, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    # -- The end of a transport whose program still runs --

    def close(self) -> None:
        # asyncio's needs its loop: it would raise, and the program would go on.
        if not self._closed and self._loop is not None and self._loop.is_closed():
            self._end_without_loop()
        super().close()

    def _end_without_loop(self) -> None:
        self._closed = True
        pidfd, self._pidfd = self._pidfd, None
        if pidfd is None:
            return
        try:
            with suppress(ProcessLookupError, PermissionError):
                signal.pidfd_send_signal(pidfd, signal.SIGKILL)
            with suppress(subprocess.TimeoutExpired):
                self._proc.wait(_LAST_WAIT)
        finally:
            os.close(pidfd)

    def _end_unconnected(self) -> None:
        if self._pidfd is not None:
            self._loop.remove_reader(self._pidfd)
        for pipe in filter(None, self._pipes.values()):
            pipe.pipe.close()
        self._end_without_loop()
        for stream in filter(None, (self._proc.stdin, self._proc.stdout, self._proc.stderr)):
            stream.close()

    async def abandon(self, connected: bool) -> None:
        """Kills the program, and comes back when it is reaped."""
        if connected:
            self.close()
            await finish(self._wait())
        else:
            # asyncio never calls a transport finished that lacks a pipe: _wait would not end.
            self._end_unconnected()


async def start(protocol: asyncio.SubprocessProtocol, args: Any, /, **popen: Any) -> Transport:
    """The transport, when its pipes are connected. Whoever cancels it: nothing is left behind."""
    loop = asyncio.get_running_loop()
    connected = loop.create_future()
    transport = Transport(loop, protocol, args, bufsize=0, waiter=connected, **popen)
    try:
        # A few turns of the loop. Pipes that are half connected cannot be closed.
        await finish(connected)
    except BaseException:
        await transport.abandon(connected.exception() is None)
        raise
    return transport
