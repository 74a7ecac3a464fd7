# SPDX-License-Identifier: MIT
"""create_subprocess_exec and create_subprocess_shell, as asyncio has them."""

from __future__ import annotations

import asyncio
from asyncio import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from ._times import take_times
from ._transport import finish, start

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Unpack

    from ._options import File, Path, SharedAndClocks

# asyncio's own.
_LIMIT = 2**16

# What is not: the keywords of take_times.
_CLOCKS = ("boottime", "monotonic", "uptime", "userns", "route")


class AsyncProcess(subprocess.Process):
    """An asyncio.subprocess.Process that can be sure of its end.

    `async with await timens.create_subprocess_exec(...) as process:` closes the pipes and waits for
    the program at the end of the block. When the block is left by an exception, be it a
    cancellation or a timeout, the program is killed first.
    """

    @property
    def _popen(self) -> Any:
        return self._transport.get_extra_info("subprocess")  # type: ignore[attr-defined]

    @property
    def route(self) -> str | None:
        """The way into the namespace that was taken; None for a plain start."""
        return getattr(self._popen, "route", None)

    @property
    def userns(self) -> bool:
        """Whether the program is in a user namespace of its own."""
        return getattr(self._popen, "userns", False)

    @property
    def pidfd(self) -> int | None:
        """A pidfd while the program runs; None after it was reaped, and for a plain start."""
        return getattr(self._popen, "pidfd", None)

    async def __aenter__(self) -> AsyncProcess:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is not None:
            await self._end()
            return
        try:
            self._close_pipes()
            await self.wait()
        except BaseException:
            await self._end()
            raise

    async def _end(self) -> None:
        with suppress(ProcessLookupError):
            self.kill()
        # close would first write what is left, to a reader that may be somebody else and not read.
        if self.stdin is not None and self.stdin.transport.get_write_buffer_size():
            self.stdin.transport.abort()
        self._close_pipes()
        await finish(self.wait())

    def _close_pipes(self) -> None:
        for fd in range(3):
            pipe = self._transport.get_pipe_transport(fd)  # type: ignore[attr-defined]
            if pipe is not None:
                pipe.close()


def _check(popen: dict[str, Any], shell: bool) -> None:
    """Takes out what has one possible value; asyncio refuses others in these words."""
    only = {
        "universal_newlines": False,
        "shell": shell,
        "bufsize": 0,
        "text": False,
        "encoding": None,
        "errors": None,
    }
    for name, value in only.items():
        given = popen.pop(name, value)
        if given is not None if value is None else (given or 0) != value:
            raise ValueError(f"{name} must be {value}")


async def _plain(loop: Any, factory: Any, shell: bool, args: Any, popen: dict[str, Any]) -> Any:
    if shell:
        return await loop.subprocess_shell(factory, args, **popen)
    return await loop.subprocess_exec(factory, *args, **popen)


async def _create(shell: bool, args: Any, limit: int, /, **options: Any) -> AsyncProcess:
    loop = asyncio.get_running_loop()

    def factory() -> subprocess.SubprocessStreamProtocol:
        return subprocess.SubprocessStreamProtocol(limit=limit, loop=loop)

    clocks = {name: options.pop(name) for name in _CLOCKS if name in options}
    if take_times(**clocks) is None:
        transport, protocol = await _plain(loop, factory, shell, args, options)
    else:
        _check(options, shell)
        protocol = factory()
        transport = await start(protocol, args, shell=shell, **clocks, **options)
    return AsyncProcess(transport, protocol, loop)


async def create_subprocess_exec(
    program: Path,
    *args: Path,
    stdin: File = None,
    stdout: File = None,
    stderr: File = None,
    limit: int = _LIMIT,
    **options: Unpack[SharedAndClocks],
) -> AsyncProcess:
    """asyncio.create_subprocess_exec, with the keywords of timens.Popen: boottime, monotonic,
    uptime, userns and route.

    Works on any running loop with add_reader, in any thread, and needs no child watcher. Cancelled,
    it leaves nothing behind.
    """
    streams: Any = {"stdin": stdin, "stdout": stdout, "stderr": stderr}
    return await _create(False, (program, *args), limit, **streams, **options)


async def create_subprocess_shell(
    cmd: str | bytes,
    stdin: File = None,
    stdout: File = None,
    stderr: File = None,
    limit: int = _LIMIT,
    **options: Unpack[SharedAndClocks],
) -> AsyncProcess:
    """asyncio.create_subprocess_shell; see create_subprocess_exec."""
    if not isinstance(cmd, str | bytes):
        raise ValueError("cmd must be a string")
    streams: Any = {"stdin": stdin, "stdout": stdout, "stderr": stderr}
    return await _create(True, cmd, limit, **streams, **options)
