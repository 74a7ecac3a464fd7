# SPDX-License-Identifier: MIT
"""A test of unittest in a process of its own; its result is told here as if it had run here."""

from __future__ import annotations

import io
import sys
import unittest
from collections.abc import Callable
from typing import Any
from unittest.case import (  # type: ignore[attr-defined]
    _SubTest,
    _subtest_msg_sentinel,
)

from ._carried import Carried, pack, unpack
from ._isolate import Ending, Sender, isolate
from ._setting import Setting, is_required, why_unavailable

# __unittest: its frames are left out of tracebacks.
__unittest = True

# In a child: the test that it was made for.
_inside: tuple[type, str] | None = None


# Of unittest itself, which nobody looks for in a traceback.
_FRAMES = ("/unittest/", "/_unittest_run.py")


class TestProcessError(Exception):
    """The process of a test came to no good end."""


def enter_test(cls: type, name: str) -> None:
    """This process is that test's, whoever has made it."""
    global _inside
    _inside = cls, name


def is_inside(case: unittest.TestCase) -> bool:
    return _inside == (type(case), case._testMethodName)


# -- The child's side --


class _Recorder(unittest.TestResult):
    """Sends on what it is told."""

    def __init__(self, send: Sender, failfast: bool) -> None:
        super().__init__()
        self.failfast = failfast
        self._send = send

    def _tell(self, name: str, *args: Any) -> None:
        self._send("result", (name, args))

    def startTest(self, test: Any) -> None:
        """Told by the parent, in time for what it prints to come first."""

    def stopTest(self, test: Any) -> None:
        """Told by the parent, as it must be after a crash too."""

    def addSuccess(self, test: Any) -> None:
        self._tell("addSuccess")

    def addError(self, test: Any, err: Any) -> None:
        self._tell("addError", _pack(err))

    def addFailure(self, test: Any, err: Any) -> None:
        self._tell("addFailure", _pack(err))

    def addExpectedFailure(self, test: Any, err: Any) -> None:
        self._tell("addExpectedFailure", _pack(err))

    def addUnexpectedSuccess(self, test: Any) -> None:
        self._tell("addUnexpectedSuccess")

    def addSkip(self, test: Any, reason: str) -> None:
        self._tell("addSkip", _part_of(test), reason)

    def addDuration(self, test: Any, elapsed: float) -> None:
        self._tell("addDuration", elapsed)

    def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:
        self._tell("addSubTest", _part_of(subtest), err and _pack(err))


def _pack(err: Any) -> Carried:
    return pack(err[1].with_traceback(err[2]))


def _part_of(test: Any) -> tuple[tuple[Any, ...], dict[str, Any]] | None:
    """What makes a subtest; None: it is the test itself."""
    if not isinstance(test, _SubTest):
        return None
    has_message = test._message is not _subtest_msg_sentinel
    return (test._message,) if has_message else (), dict(test.params)


class _Forward(io.TextIOBase):
    """Stands for a stream without a descriptor, such as that of unittest's --buffer."""

    def __init__(self, send: Sender, name: str) -> None:
        self._send = send
        self._name = name

    def write(self, text: str) -> int:
        self._send("write", (self._name, text))
        return len(text)


def _has_descriptor(stream: Any) -> bool:
    try:
        stream.fileno()
    except Exception:
        return False
    return True


def _body(case: unittest.TestCase, run: Callable[[Any], Any], result: Any) -> Callable[..., None]:
    def body(send: Sender) -> None:
        enter_test(type(case), case._testMethodName)
        for name in ("stdout", "stderr"):
            if not _has_descriptor(getattr(sys, name)):
                setattr(sys, name, _Forward(send, name))
        try:
            run(_Recorder(send, getattr(result, "failfast", False)))
        except KeyboardInterrupt:
            send("interrupted")

    return body


# -- The parent's side --


class _Replay:
    """Tells a result what the child has sent."""

    def __init__(self, case: unittest.TestCase, result: Any) -> None:
        self._case = case
        self._result = result
        self.interrupted = False

    def receive(self, kind: str, value: Any) -> None:
        getattr(self, f"_take_{kind}")(value)

    def _take_interrupted(self, _: Any) -> None:
        self.interrupted = True

    def _take_write(self, value: tuple[str, str]) -> None:
        name, text = value
        getattr(sys, name).write(text)

    def _take_result(self, value: tuple[str, tuple[Any, ...]]) -> None:
        name, args = value
        if name in ("addSubTest", "addSkip"):
            test, *rest = self._part(args[0]), *args[1:]
            args = (self._case, test, *rest) if name == "addSubTest" else (test, *rest)
        else:
            args = (self._case, *args)
        method = getattr(self._result, name, None)
        if method is not None:
            method(*map(_unpacked, args))

    def _part(self, made_of: tuple[tuple[Any, ...], dict[str, Any]] | None) -> Any:
        if made_of is None:
            return self._case
        message, params = made_of
        return _SubTest(self._case, *(message or (_subtest_msg_sentinel,)), params)

    def fail(self, why: str) -> None:
        try:
            raise TestProcessError(why)
        except TestProcessError:
            self._result.addError(self._case, sys.exc_info())


def _unpacked(value: Any) -> Any:
    if not isinstance(value, Carried):
        return value
    error = unpack(value)
    return type(error), error, error.__traceback__


def _judge(replay: _Replay, ending: Ending) -> None:
    if replay.interrupted:
        raise KeyboardInterrupt
    if ending.refusal is not None:
        replay.fail(f"the time namespace could not be entered: {ending.refusal}")
    elif ending.raised:
        replay.fail(f"timens cannot run it:\n{ending.raised}")
    elif not ending.done:
        replay.fail(ending.text(_FRAMES))


def _isolate(case: Any, result: Any, run: Callable[[Any], Any], setting: Setting) -> None:
    replay = _Replay(case, result)
    why = why_unavailable()
    result.startTest(case)
    try:
        if why is None:
            _judge(replay, isolate(setting, _body(case, run, result), replay.receive))
        elif is_required():
            replay.fail(why)
        else:
            result.addSkip(case, why)
    finally:
        result.stopTest(case)


def run_isolated(
    case: unittest.TestCase, result: Any, run: Callable[[Any], Any], setting: Setting
) -> Any:
    """What TestCase.run(result) does; `run` is that of the class."""
    if result is not None:
        _isolate(case, result, run, setting)
        return result
    result = case.defaultTestResult()
    result.startTestRun()
    try:
        _isolate(case, result, run, setting)
    finally:
        result.stopTestRun()
    return result
