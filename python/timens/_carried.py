# SPDX-License-Identifier: MIT
"""An exception from another process of this program, with a traceback that can be shown."""

from __future__ import annotations

import pickle
from types import FrameType, TracebackType
from typing import Any, NamedTuple


class _Frame(NamedTuple):
    filename: str
    line: int
    name: str
    #: unittest leaves out its own frames by this.
    of_unittest: bool


class Carried(NamedTuple):
    """What can be pickled of an exception."""

    #: Pickled; or module, name and text of one that cannot be.
    value: bytes | tuple[str, str, str]
    frames: list[_Frame]
    cause: Carried | None
    context: Carried | None
    suppress_context: bool


def _pack_value(error: BaseException) -> bytes | tuple[str, str, str]:
    try:
        data = pickle.dumps(error)
        pickle.loads(data)
        return data
    except Exception:
        return type(error).__module__, type(error).__qualname__, str(error)


def _frames(traceback: TracebackType | None) -> list[_Frame]:
    found = []
    while traceback is not None:
        frame = traceback.tb_frame
        code, of_unittest = frame.f_code, "__unittest" in frame.f_globals
        found.append(_Frame(code.co_filename, traceback.tb_lineno, code.co_name, of_unittest))
        traceback = traceback.tb_next
    return found


def pack(error: BaseException, seen: frozenset[int] = frozenset()) -> Carried:
    seen |= {id(error)}

    def other(linked: BaseException | None) -> Carried | None:
        # It may lead in a circle.
        return None if linked is None or id(linked) in seen else pack(linked, seen)

    return Carried(
        _pack_value(error),
        _frames(error.__traceback__),
        other(error.__cause__),
        other(error.__context__),
        error.__suppress_context__,
    )


def _like(frame: _Frame) -> FrameType:
    """A frame of that file, line and name: only code that runs has one."""
    code = compile("raise KeyError", frame.filename, "exec")
    code = code.replace(co_name=frame.name, co_qualname=frame.name, co_firstlineno=frame.line)
    scope: dict[str, Any] = {"__name__": frame.name, "__file__": frame.filename}
    if frame.of_unittest:
        scope["__unittest"] = True
    try:
        exec(code, scope)
    except KeyError as error:
        traceback = error.__traceback__
        assert traceback is not None and traceback.tb_next is not None
        return traceback.tb_next.tb_frame
    raise AssertionError("it raises")


def _traceback(frames: list[_Frame]) -> TracebackType | None:
    found = None
    for frame in reversed(frames):
        # -1: no instruction, so that no columns are marked in the line.
        found = TracebackType(found, _like(frame), -1, frame.line)
    return found


def unpack(carried: Carried) -> BaseException:
    if isinstance(carried.value, bytes):
        error: BaseException = pickle.loads(carried.value)
    else:
        module, name, text = carried.value
        error = type(name, (Exception,), {"__module__": module})(text)
    error.__cause__ = carried.cause and unpack(carried.cause)
    error.__context__ = carried.context and unpack(carried.context)
    error.__suppress_context__ = carried.suppress_context
    return error.with_traceback(_traceback(carried.frames))
