# SPDX-License-Identifier: MIT
"""The parent's side: starts the child for a test, and makes its reports known."""

from __future__ import annotations

import os
import signal
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Literal

import pytest
from timens._isolate import Ending, isolate
from timens._setting import Setting, is_required, why_unavailable

from . import _inside, _private
from ._markers import MarkerError, setting_of

# Of pytest itself, which nobody looks for in a traceback.
_FRAMES = ("/_pytest/", "/pluggy/", "/pytest_timens/")

_Phase = Literal["setup", "call", "teardown"]


class _Test:
    """One test, as its process tells of it."""

    def __init__(self, item: pytest.Item) -> None:
        self._item = item
        self._phase: _Phase = "setup"
        self._begun = time.time(), time.perf_counter()
        self._over = False
        self._stop: BaseException | None = None
        self._started: list[int] = []
        self._table: dict[str, Callable[[Any], None]] = {
            "phase": self._begin,
            "report": self._log_data,
            "warning": self._warn,
            "started": self._note_program,
            "exit": lambda why: self._stop_with(pytest.exit.Exception(*why)),
            "interrupted": lambda _: self._stop_with(KeyboardInterrupt()),
            "stop": self._take_stop,
        }

    # -- What the child sends --

    def _begin(self, phase: _Phase) -> None:
        self._phase = phase
        self._begun = time.time(), time.perf_counter()

    def _log_data(self, data: Any) -> None:
        config = self._item.config
        if isinstance(data, dict):
            data = config.hook.pytest_report_from_serializable(config=config, data=data)
        self._log(data)

    def _log(self, report: pytest.TestReport) -> None:
        self._over |= report.when == "teardown"
        self._item.ihook.pytest_runtest_logreport(report=report)

    def _warn(self, data: tuple[tuple[Any, ...], dict[str, Any]]) -> None:
        (message, category, filename, lineno, line), rest = data
        if not isinstance(category, type):
            # Pickled as text, as its class is not to be found in its module.
            message, category = str(message), UserWarning
        recorded = warnings.WarningMessage(message, category, filename, lineno, line=line)
        self._item.ihook.pytest_warning_recorded.call_historic(
            kwargs={"warning_message": recorded, **rest}
        )

    def _note_program(self, pid: int) -> None:
        with suppress(OSError):
            self._started.append(os.pidfd_open(pid))

    def _stop_with(self, error: BaseException) -> None:
        self._stop = error

    def _take_stop(self, flags: tuple[Any, Any]) -> None:
        self._item.session.shouldstop, self._item.session.shouldfail = flags

    # -- The course of it --

    def run(self, setting: Setting) -> None:
        outputs = os.memfd_create("timens-stdout"), os.memfd_create("timens-stderr")
        try:
            self._judge(self._isolate(setting, outputs), outputs)
        finally:
            for fd in (*outputs, *self._started):
                os.close(fd)

    def _isolate(self, setting: Setting, outputs: tuple[int, int]) -> Ending | str:
        try:
            return isolate(
                setting,
                lambda send: _inside.run(self._item, setting, outputs, send),
                lambda kind, value: self._table[kind](value),
            )
        except (OSError, pytest.fail.Exception) as error:
            # No process could be made; or a handler of a signal has raised it.
            return f"stopped by {type(error).__name__}: {error}"

    def _judge(self, ending: Ending | str, outputs: tuple[int, int]) -> None:
        if isinstance(ending, str):
            self._crash(ending, outputs)
        elif ending.refusal is not None:
            self.fail(f"the time namespace could not be entered: {ending.refusal}")
        elif ending.raised:
            self.fail(f"timens cannot run it:\n{ending.raised}")
        elif not ending.done:
            self._crash(ending.text(_FRAMES, f", in its {self._phase}"), outputs)
        if self._stop is not None:
            raise self._stop

    def _crash(self, how: str, outputs: tuple[int, int]) -> None:
        """A failure, with where it stood and the output so far."""
        for fd in self._started:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(fd, signal.SIGKILL)
        capture = self._item.config.pluginmanager.getplugin("capturemanager")
        captured = ("", "") if capture is None else capture.read_global_capture()
        for name, fd, text in zip(("stdout", "stderr"), outputs, captured, strict=True):
            kept = os.pread(fd, os.fstat(fd).st_size, 0).decode(errors="replace")
            self._item.add_report_section(self._phase, name, kept + text)
        self.fail(how, _private.expected_failure(self._item))

    def fail(self, why: str, expected: str | None = None) -> None:
        """A report of failure, or of an expected one with the reason for that, and the last one."""
        report = self._report(lambda: pytest.fail(why, pytrace=False))
        if expected is not None:
            report.outcome, report.wasxfail = "skipped", expected
        self._log(report)
        if not self._over:
            self._begin("teardown")
            self._log(self._report(lambda: None))

    def _report(self, outcome: Callable[[], None]) -> pytest.TestReport:
        """By no hook: plugins that make more of a report expect to have seen the test run."""
        call = pytest.CallInfo.from_call(outcome, when=self._phase)
        call.start, call.duration = self._begun[0], time.perf_counter() - self._begun[1]
        return pytest.TestReport.from_item_and_call(self._item, call)

    def tear_down(self, nextitem: pytest.Item | None) -> None:
        """What the tests before have left for this one, and the next one does not need."""
        self._begin("teardown")
        report = self._report(lambda: _private.tear_down(self._item, nextitem))
        if report.failed:
            self._log(report)


def _isolated(item: pytest.Item, setting: Setting) -> Callable[[_Test], None]:
    def run(test: _Test) -> None:
        # The child sets the time limit of pytest-timeout anew; this process must not be ended.
        if item.config.pluginmanager.hasplugin("timeout"):
            item.config.hook.pytest_timeout_cancel_timer(item=item)
        _private.make_tmp_dir(item.config)
        test.run(setting)

    return run


def _course(item: pytest.Item) -> Callable[[_Test], None] | None:
    """What is to be done; None: nothing of ours."""
    try:
        setting = setting_of(item)
    except MarkerError as error:
        text = str(error)
        return lambda test: test.fail(text)
    why = setting and why_unavailable()
    if setting is None:
        return None
    if not why:
        return _isolated(item, setting)
    if is_required() or item.config.getini("timens_unavailable") == "fail":
        return lambda test: test.fail(why)
    item.add_marker(pytest.mark.skip(reason=why))
    return None


def run(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """pytest_runtest_protocol; None leaves the test to the others."""
    if item is _inside.item or item.config.getoption("setupplan", False):
        return None
    course = _course(item)
    if course is None:
        return None
    test = _Test(item)
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    course(test)
    test.tear_down(nextitem)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True
