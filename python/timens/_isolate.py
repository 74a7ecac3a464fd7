# SPDX-License-Identifier: MIT
"""A function in a forked process of its own, with other clocks: what tests run in.

The child sends messages over a pipe; the parent handles them as they come. Whatever happens to
either of them, the child is gone when isolate() returns or the parent dies.
"""

from __future__ import annotations

import os
import pickle
import select
import signal
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import takewhile
from types import TracebackType
from typing import Any

from ._errors import Error
from ._isolated import HEAD, MUTE, TRACE_SIGNAL, Sender, flush, run_child
from ._setting import Setting
from ._tree import kill_tree

__all__ = ["Ending", "Sender", "isolate"]

# After an interrupt: for the child to come to its end at the terminal's Ctrl-C, which it gets too;
# and then at a signal of ours, in case there was no terminal.
_GRACE = (1.0, 5.0)

_POLL_MAX = 2**31 - 1

Receive = Callable[[str, Any], None]


@dataclass(frozen=True, slots=True)
class Ending:
    """How the child ended."""

    #: It came to its end by itself: the function returned or raised.
    done: bool
    #: The exit status; negative: the signal that killed it.
    status: int
    timed_out: bool
    #: Where it stood when its time was up or it crashed.
    trace: str
    #: The namespace could not be entered; the function was not called.
    refusal: Error | None
    #: What the function raised, as text.
    raised: str

    def text(self, without: tuple[str, ...], phase: str = "") -> str:
        """How it ended and where; without the frames of files with one of these in their path."""
        lines = [line for line in self.trace.splitlines() if not any(map(line.count, without))]
        return "\n".join([f"{self._how()}{phase}", *lines])

    def _how(self) -> str:
        if self.timed_out:
            return "killed as its timeout was over"
        if self.status == MUTE:
            return (
                "its process could tell no more: descriptors that are not the test's own have been "
                "closed, as os.closerange(3, ...) does"
            )
        if self.status >= 0:
            return f"its process ended with exit status {self.status}"
        try:
            return f"killed by {signal.Signals(-self.status).name}"
        except ValueError:
            return f"killed by signal {-self.status}"


def _fork() -> int:
    # Python warns of locks that other threads may hold. The child uses nothing of theirs but what
    # the test itself does; it is for the documentation and not for each run to say so.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


class _Child:
    def __init__(self, setting: Setting, receive: Receive) -> None:
        self._setting = setting
        self._receive = receive
        self._fds: list[int] = []
        self._buffer = bytearray()
        self._pid = 0
        self._status: int | None = None
        self._deadline: float | None = None
        self._done = self._debugging = self._timed_out = False
        self._refusal: Error | None = None
        self._raised = ""
        self._table: dict[str, Callable[[Any], None]] = {
            "done": lambda _: setattr(self, "_done", True),
            "debugging": lambda on: setattr(self, "_debugging", on),
            "refused": lambda error: setattr(self, "_refusal", error),
            "raised": lambda text: setattr(self, "_raised", text),
        }

    def __enter__(self) -> _Child:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _: BaseException | None, _tb: TracebackType | None
    ) -> None:
        self._end()
        for fd in self._fds:
            os.close(fd)

    def _own(self, *fds: int) -> tuple[int, ...]:
        self._fds += fds
        return fds

    def _disown(self, *fds: int) -> None:
        for fd in fds:
            self._fds.remove(fd)
            os.close(fd)

    def start(self, body: Callable[[Sender], None]) -> None:
        (self._trace,) = self._own(os.memfd_create("timens-trace"))
        self._reader, writer = self._own(*os.pipe())
        answers, self._answers = self._own(*os.pipe())
        lifeline, lifeline_end = self._own(*os.pipe())
        os.set_blocking(self._reader, False)
        # Else the child would write once more what is still in our buffers.
        flush()
        # A handler that raises right after the fork would send the child up our stack.
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        try:
            self._pid = _fork()
            if self._pid == 0:
                run_child(
                    self._setting,
                    body,
                    writer=writer,
                    answers=answers,
                    lifeline=lifeline,
                    trace=self._trace,
                    foreign=(self._reader, self._answers, lifeline_end),
                    mask=mask,
                )
            (self._pidfd,) = self._own(os.pidfd_open(self._pid))
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        self._disown(writer, answers, lifeline)
        self._poll = select.poll()
        self._poll.register(self._reader, select.POLLIN)
        self._poll.register(self._pidfd, select.POLLIN)
        if self._setting.timeout is not None:
            self._deadline = time.monotonic() + self._setting.timeout

    def follow(self) -> Ending:
        while self._status is None:
            try:
                # Poll may come back earlier.
                if not self._step(self._left()) and not self._left():
                    self._time_out()
            except KeyboardInterrupt:
                # In a debugger it is the debugger's, who has got it from the terminal too.
                if not self._debugging:
                    self._interrupt()
                    raise
        return Ending(
            done=self._done and self._status == 0,
            status=self._status,
            timed_out=self._timed_out,
            trace=self._read_trace(),
            refusal=self._refusal,
            raised=self._raised,
        )

    def _left(self) -> float | None:
        if self._deadline is None or self._debugging:
            return None
        return max(self._deadline - time.monotonic(), 0)

    def _step(self, wait: float | None) -> bool:
        """Handles what comes within `wait` seconds; False: nothing did."""
        ready = dict(self._poll.poll(None if wait is None else min(wait * 1000, _POLL_MAX)))
        if self._reader in ready:
            self._read()
        # All that it has sent is in the pipe by now.
        if self._pidfd in ready:
            self._read()
            self._reap()
        return bool(ready)

    def _read(self) -> None:
        with suppress(BlockingIOError):
            while data := os.read(self._reader, 1 << 16):
                self._buffer += data
            # The test has closed descriptors that are not its own. Poll would spin.
            self._poll.modify(self._reader, 0)
        for kind, value in self._messages():
            self._table.get(kind, lambda value, kind=kind: self._receive(kind, value))(value)
            with suppress(BrokenPipeError):
                os.write(self._answers, b".")

    def _messages(self) -> Iterator[tuple[str, Any]]:
        while len(self._buffer) >= HEAD.size:
            end = HEAD.size + HEAD.unpack_from(self._buffer)[0]
            if len(self._buffer) < end:
                return
            data = bytes(self._buffer[HEAD.size : end])
            # Before it is handled: if that raises, it must not be handled again.
            del self._buffer[:end]
            yield pickle.loads(data)

    def _reap(self) -> None:
        try:
            self._status = os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])
        except ChildProcessError:
            # Somebody has waited for any child, or ignores SIGCHLD.
            self._status = 0 if self._done else 255

    def _steps(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while self._status is None and time.monotonic() < until:
            self._step(until - time.monotonic())

    def _time_out(self) -> None:
        self._timed_out = True
        os.kill(self._pid, TRACE_SIGNAL)
        size = -1
        for _ in range(20):
            self._steps(0.05)
            before, size = size, os.fstat(self._trace).st_size
            if self._status is not None or size == before > 0:
                break
        self._end()

    def _read_trace(self) -> str:
        """Of the frames, those that are not ours and the parent's."""
        size, ours = os.fstat(self._trace).st_size, f'"{run_child.__code__.co_filename}"'
        lines = os.pread(self._trace, size, 0).decode(errors="replace").splitlines()
        return "\n".join(takewhile(lambda line: ours not in line, lines))

    def _interrupt(self) -> None:
        """So that the test's own teardown runs, if it does not take too long."""
        with suppress(KeyboardInterrupt):
            self._steps(_GRACE[0])
            if self._status is None:
                os.kill(self._pid, signal.SIGINT)
            self._steps(_GRACE[1])

    def _end(self) -> None:
        if self._pid and self._status is None:
            kill_tree(self._pid)
            self._reap()


def isolate(setting: Setting, body: Callable[[Sender], None], receive: Receive) -> Ending:
    """Runs body(send) in the child; receive(kind, value) is called here for what it sends.

    send("debugging", True) suspends time limit and interrupts. OSError: no process could be made.
    """
    with _Child(setting, receive) as child:
        child.start(body)
        return child.follow()
