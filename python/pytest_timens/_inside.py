# SPDX-License-Identifier: MIT
"""The child's side: one test, whose reports go to the parent."""

from __future__ import annotations

import io
import os
import signal
import sys
import warnings
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from timens._isolated import Sender, is_portable
from timens._setting import Setting
from timens._unittest_run import enter_test

from . import _WIDE_FIXTURES, _private

#: In a child: its test, what that asked for, and the way to the parent.
item: pytest.Item | None = None
setting: Setting | None = None
send: Callable[..., None]


class _Diverted:
    """Stands for a hook: in this process nobody else is to hear of it."""

    def __init__(self, take: Callable[..., None]) -> None:
        self._take = take

    def __call__(self, **kwargs: Any) -> None:
        self._take(**kwargs)

    def call_historic(self, _: object = None, kwargs: dict[str, Any] | None = None) -> None:
        self._take(**(kwargs or {}))


class _Reporter:
    """Sends to the parent what the report is made of."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._failed_parts = False

    def hooks(self) -> dict[str, Callable[..., None]]:
        return {
            "pytest_runtest_logstart": lambda **_: None,
            "pytest_runtest_logfinish": lambda **_: None,
            "pytest_runtest_logreport": self._report,
            "pytest_warning_recorded": self._warning,
        }

    def _report(self, report: Any) -> None:
        hook = self._config.hook
        if type(report) is not pytest.TestReport:
            self._failed_parts |= report.failed
        elif self._failed_parts:
            # By this call pytest 9 lets a test fail whose subtests have failed. It counts those
            # in the process where they ran.
            hook.pytest_report_teststatus(report=report, config=self._config)
        # As text only if need be: of the parameters of a subtest, that keeps no more than a repr.
        if not is_portable(report):
            report = hook.pytest_report_to_serializable(config=self._config, report=report)
        send("report", report)

    @staticmethod
    def _warning(warning_message: warnings.WarningMessage, **rest: Any) -> None:
        names = ("message", "category", "filename", "lineno", "line")
        send("warning", (tuple(getattr(warning_message, name) for name in names), rest))


def _mirror(stream: Any, fd: int) -> None:
    """Writes what --capture=sys keeps in memory to a file too: memory is gone after a crash."""
    if not isinstance(stream, io.TextIOWrapper) or not isinstance(stream.buffer, io.BytesIO):
        return
    write = stream.write

    def write_both(text: str) -> int:
        os.write(fd, text.encode(errors="replace"))
        return write(text)

    stream.write = write_both  # type: ignore[method-assign]


class _Watch:
    """A plugin of the child only."""

    def __init__(self, output: tuple[int, int]) -> None:
        self._output = output
        self._mirrored: set[int] = set()

    def _begin(self, phase: str) -> None:
        send("phase", phase)
        for stream, fd in zip((sys.stdout, sys.stderr), self._output, strict=True):
            os.ftruncate(fd, 0)
            os.lseek(fd, 0, os.SEEK_SET)
            if id(stream) not in self._mirrored:
                self._mirrored.add(id(stream))
                _mirror(stream, fd)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self) -> None:
        self._begin("setup")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_call(self) -> None:
        self._begin("call")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_teardown(self) -> None:
        self._begin("teardown")

    def pytest_enter_pdb(self) -> None:
        send("debugging", True)

    def pytest_leave_pdb(self) -> None:
        send("debugging", False)


def _run_protocol(test: pytest.Item) -> None:
    """Once more, from within: the plugins around a test that came before us, and those after.

    So a time limit, a rerun or a filter for warnings of theirs is in force in here.
    """
    try:
        test.config.hook.pytest_runtest_protocol(item=test, nextitem=None)
    except pytest.exit.Exception as stop:
        send("exit", (stop.msg, stop.returncode))
    except KeyboardInterrupt:
        # The parent waits for this, and may send one more.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        with suppress(BaseException):
            _private.tear_down(test, None)
        send("interrupted")


def run(test: pytest.Item, asked: Setting, output: tuple[int, int], sender: Sender) -> None:
    global item, setting, send
    item, setting, send = test, asked, sender
    config, session = test.config, test.session
    _private.disown(session, session.stash.get(_WIDE_FIXTURES, {}).values())
    hooks = _Reporter(config).hooks()
    for relay in (config.hook, test.ihook):
        for name, take in hooks.items():
            setattr(relay, name, _Diverted(take))
    config.pluginmanager.register(_Watch(output), "timens-watch")
    if "timens.unittest" in sys.modules and isinstance(test, pytest.Function) and test.cls:
        # It is not to make one more process by itself.
        enter_test(test.cls, test.name)
    before = session.shouldstop, session.shouldfail
    _run_protocol(test)
    if (session.shouldstop, session.shouldfail) != before:
        send("stop", (session.shouldstop, session.shouldfail))
    terminal = config.pluginmanager.getplugin("terminalreporter")
    if terminal is not None:
        terminal.flush()
