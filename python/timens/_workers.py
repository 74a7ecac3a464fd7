# SPDX-License-Identifier: MIT
"""Workers of multiprocessing that start in a time namespace.

All that is not public in multiprocessing is used here: its Popen classes, one for each method.
"""

from __future__ import annotations

import io
import marshal
import os
import signal
from contextlib import ExitStack
from multiprocessing import (
    connection,
    context,
    forkserver,
    popen_fork,
    popen_forkserver,
    popen_spawn_posix,
    reduction,
    resource_tracker,
    spawn,
    util,
)
from multiprocessing.process import BaseProcess
from typing import TYPE_CHECKING, Any, NamedTuple

from ._errors import Error, from_core
from ._popen import Popen
from ._times import take_moved

if TYPE_CHECKING:
    from ._options import Time, Userns


class Start(NamedTuple):
    """How each worker is to start, as take_times takes it. Readings are taken when it does."""

    boottime: Time | None = None
    monotonic: Time | None = None
    uptime: Time | None = None
    userns: Userns = "auto"

    def enter(self) -> None:
        take_moved(*self).enter()


# -- spawn: the interpreter of the worker is a program like any other --


def _pipe(read_side: ExitStack, write_side: ExitStack) -> tuple[int, int]:
    reader, writer = os.pipe()
    read_side.callback(os.close, reader)
    write_side.callback(os.close, writer)
    return reader, writer


def _close(*fds: int) -> None:
    for fd in fds:
        os.close(fd)


def _end(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


class SpawnPopen(popen_spawn_posix.Popen):
    _fds: list[int]

    def __init__(self, process: BaseProcess, start: Start) -> None:
        self._start = start
        super().__init__(process)

    def _launch(self, process: BaseProcess) -> None:
        tracker: Any = resource_tracker.getfd()
        data = self._pickle(process)
        with ExitStack() as ours:
            with ExitStack() as theirs:
                sentinel, theirs_to_close = _pipe(ours, theirs)
                theirs_to_read, writer = _pipe(theirs, ours)
                argv = spawn.get_command_line(tracker_fd=tracker, pipe_handle=theirs_to_read)
                self._fds += [tracker, theirs_to_read, theirs_to_close]
                self.pid = self._spawn(argv)
                ours.callback(_end, self.pid)
            # If the worker has ended, this fails because theirs are closed; else it would block.
            with open(writer, "wb", closefd=False) as pipe:
                pipe.write(data)
            ours.pop_all()
        self.sentinel = sentinel
        self.finalizer = util.Finalize(self, _close, (sentinel, writer))

    def _pickle(self, process: BaseProcess) -> bytes:
        data = io.BytesIO()
        context.set_spawning_popen(self)
        try:
            reduction.dump(spawn.get_preparation_data(process.name), data)
            reduction.dump(process, data)
        finally:
            context.set_spawning_popen(None)
        return data.getvalue()

    def _spawn(self, argv: list[str]) -> int:
        started = Popen(
            argv,
            executable=spawn.get_executable(),
            pass_fds=self._fds,
            restore_signals=False,
            **self._start._asdict(),
        )
        # multiprocessing reaps it by its pid.
        started.returncode = 0
        return started.pid


# -- fork and forkserver: the worker enters by itself, when it has one thread only --


class Report:
    """Tells the parent whether the worker is in the namespace."""

    def __init__(self) -> None:
        self.reader, self.writer = os.pipe()

    def close(self) -> None:
        os.close(self.reader)
        os.close(self.writer)

    def failure(self, ended: int) -> Error | None:
        """`ended` is readable when the worker is gone: the pipe may then still be open elsewhere,
        in processes that other threads have forked."""
        if self.reader not in connection.wait([self.reader, ended]):
            return None
        answer = marshal.loads(os.read(self.reader, 65536))
        return from_core(*answer) if answer else None


def enter(start: Start, writer: int) -> None:
    """In the worker. A failure ends it: the parent raises it."""
    answer: tuple[Any, ...] = ()
    try:
        start.enter()
    except Error as error:
        answer = error.errno, error.stage, error.strerror, error.hint
    os.write(writer, marshal.dumps(answer))
    os.close(writer)
    if answer:
        os._exit(1)


class _Entering(popen_fork.Popen):
    """A Popen whose worker tells, before anything else, whether it could enter."""

    def __init__(self, process: BaseProcess, start: Start) -> None:
        self._start = start
        self._report = Report()
        try:
            super().__init__(process)
        finally:
            self._report.close()

    def _failure(self) -> Error | None:
        raise NotImplementedError

    def _check(self, otherwise: Exception | None = None) -> None:
        try:
            failure = self._failure() or otherwise
            if failure is not None:
                raise failure
        except BaseException:
            self.kill()
            self.wait()
            self.close()
            raise


class ForkPopen(_Entering):
    def _launch(self, process: Any) -> None:
        bootstrap = process._bootstrap

        def enter_first(**given: Any) -> int:
            os.close(self._report.reader)
            enter(self._start, self._report.writer)
            code: int = bootstrap(**given)
            return code

        process._bootstrap = enter_first
        try:
            super()._launch(process)  # type: ignore[misc]
        finally:
            del process._bootstrap
        self._check()

    def _failure(self) -> Error | None:
        pidfd = os.pidfd_open(self.pid)
        try:
            return self._report.failure(pidfd)
        finally:
            os.close(pidfd)


class ForkServerPopen(_Entering, popen_forkserver.Popen):
    def _launch(self, process: BaseProcess) -> None:
        try:
            super()._launch(process)  # type: ignore[misc]
        except BrokenPipeError as error:
            # It did not read on; most likely it could not enter.
            self.pid = forkserver.read_signed(self.sentinel)
            self._check(error)
        self._check()

    def _failure(self) -> Error | None:
        return self._report.failure(self.sentinel)

    def entrance(self) -> Entrance:
        return Entrance(self._start, self.duplicate_for_child(self._report.writer))


class Entrance:
    """Whoever unpickles it is in the namespace."""

    def __init__(self, start: Start, writer: int) -> None:
        self._given = start, writer

    def __reduce__(self) -> Any:
        return _enter_by_number, self._given


def _enter_by_number(start: Start, writer: int) -> None:
    fds = forkserver.get_inherited_fds()
    assert fds is not None
    enter(start, fds[writer])


# -- Process: a class for each context --


def _rebuild(_entrance: None, make: Any, args: Any, state: Any, *_: object) -> BaseProcess:
    process: BaseProcess = make(*args)
    if hasattr(process, "__setstate__"):
        process.__setstate__(state)
    else:
        process.__dict__.update(state)
    return process


def process_class(base: type[BaseProcess], popen: Any, start: Start) -> type[Any]:
    class Process(base):  # type: ignore[misc, valid-type]
        @staticmethod
        def _Popen(process: BaseProcess) -> Any:
            return popen(process, start)

        def __reduce_ex__(self, protocol: Any) -> Any:
            # The worker cannot import a class that is made here, nor does it need it.
            make, args, *state = super().__reduce_ex__(protocol)
            args = tuple(base if arg is Process else arg for arg in args)
            spawning = context.get_spawning_popen()
            # First, so that arguments find the worker inside; they may also start threads.
            entrance = spawning.entrance() if isinstance(spawning, ForkServerPopen) else None
            return _rebuild, (entrance, make, args, *state)

    # Names of processes are made of it.
    Process.__name__ = Process.__qualname__ = base.__name__
    return Process
