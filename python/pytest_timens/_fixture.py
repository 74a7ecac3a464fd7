# SPDX-License-Identifier: MIT
"""The fixture `timens`."""

from __future__ import annotations

import subprocess
from contextlib import suppress
from types import TracebackType
from typing import Any

import pytest
import timens
from timens._tree import kill_tree

from . import _inside


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
        self._programs: list[timens.Popen[Any]] = []
        whole_run = request.config.getoption("timens_uptime")
        if request.node is _inside.item:
            assert _inside.setting is not None
            self.inside = True
            for name in ("uptime", "boottime", "monotonic", "point", "lead"):
                setattr(self, name, getattr(_inside.setting, name))
        elif whole_run is not None:
            self.inside, self.uptime = True, timens.at(whole_run)

    def Popen(self, args: Any, *popen_args: Any, **popen: Any) -> timens.Popen[Any]:
        """timens.Popen: a program that does not outlive the test."""
        program: timens.Popen[Any] = timens.Popen(args, *popen_args, **popen)
        self._programs.append(program)
        if _inside.item is not None:
            # If this process is killed, the parent ends the program.
            _inside.send("started", program.pid)
        return program

    @staticmethod
    def run(argv: Any, **start: Any) -> subprocess.CompletedProcess[Any]:
        """timens.run."""
        return timens.run(argv, **start)

    def spawn(self, argv: Any, **start: Any) -> timens.Popen[Any]:
        """timens.spawn: a program that does not outlive the test."""
        return self.Popen(argv, **start)

    def __enter__(self) -> TimensFixture:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _: BaseException | None, _tb: TracebackType | None
    ) -> None:
        for program in reversed(self._programs):
            if program.poll() is None:
                kill_tree(program.pid)
            program.wait()
            for stream in (program.stdin, program.stdout, program.stderr):
                # A pipe that nobody reads any more.
                with suppress(BrokenPipeError):
                    if stream is not None:
                        stream.close()
