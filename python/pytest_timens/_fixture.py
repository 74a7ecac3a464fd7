# SPDX-License-Identifier: MIT
"""The fixture `timens`."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any

import pytest
import timens
from timens._run import run_by
from timens._tree import kill_tree

from . import _inside


def _close(stream: IO[Any]) -> None:
    # A pipe that nobody reads any more.
    with suppress(BrokenPipeError):
        stream.close()


def _end(program: timens.Popen[Any]) -> None:
    with ExitStack() as streams:
        for stream in filter(None, (program.stdin, program.stdout, program.stderr)):
            streams.callback(_close, stream)
        if program.poll() is None:
            kill_tree(program.pid)
        program.wait()


class TimensFixture:
    """The uptime clocks of a test as they were asked for, and programs that end with it."""

    #: Whether the test was moved by a marker, or the whole run by --timens-uptime.
    inside: bool = False
    #: What was asked for; None where it was not.
    uptime: timens.Reading | None = None
    boottime: timens.Timespec | timens.Reading | None = None
    monotonic: timens.Timespec | timens.Reading | None = None
    #: By timens_points.
    point: timens.Point | None = None
    lead: timens.Timespec | None = None

    def __init__(self, request: pytest.FixtureRequest) -> None:
        # Whatever one of them raises, the others are ended too.
        self._programs = ExitStack()
        whole_run = request.config.getoption("timens_uptime")
        if request.node is _inside.item:
            assert _inside.setting is not None
            self.inside = True
            for name in ("uptime", "boottime", "monotonic", "point", "lead"):
                setattr(self, name, getattr(_inside.setting, name))
        elif whole_run is not None:
            self.inside, self.uptime = True, timens.at(whole_run)

    if TYPE_CHECKING:
        Popen = timens.Popen
        run = staticmethod(timens.run)
        spawn = staticmethod(timens.spawn)
    else:

        def Popen(self, args: Any, *popen_args: Any, **popen: Any) -> timens.Popen[Any]:
            """timens.Popen: a program that does not outlive the test."""
            program: timens.Popen[Any] = timens.Popen(args, *popen_args, **popen)
            self._programs.callback(_end, program)
            if _inside.item is not None:
                # If this process is killed, the parent ends the program.
                _inside.send("started", program.pid)
            return program

        def run(self, args: Any, *popen_args: Any, **options: Any) -> Any:
            """timens.run, whose program does not outlive the test either."""
            return run_by(self.Popen, args, *popen_args, **options)

        def spawn(self, args: Any, **options: Any) -> timens.Popen[Any]:
            """timens.spawn: a program that does not outlive the test."""
            return self.Popen(args, **options)

    def __getattr__(self, name: str) -> Any:
        """What is not of this test is the module's: timens.PIPE, timens.read."""
        return getattr(timens, name)

    def __enter__(self) -> TimensFixture:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _: BaseException | None, _tb: TracebackType | None
    ) -> None:
        self._programs.close()
