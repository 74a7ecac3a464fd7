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
    #: Of an exception group.
    members: list[Carried]
    cause: Carried | None
    context: Carried | None
    suppress_context: bool


def _pack_value(error: BaseException) -> bytes | tuple[str, str, str]:
    try:
        data = pickle.dumps(error)
        pickle.loads(data)
        return data
    except Exception:
        text = error.message if isinstance(error, BaseExceptionGroup) else str(error)
        return type(error).__module__, type(error).__qualname__, text


def _frames(traceback: TracebackType | None) -> list[_Frame]:
    found = []
    while traceback is not None:
        frame = traceback.tb_frame
        code, of_unittest = frame.f_code, "__unittest" in frame.f_globals
        found.append(_Frame(code.co_filename, traceback.tb_lineno, code.co_name, of_unittest))
        traceback = traceback.tb_next
    return found


def _members(error: BaseException) -> tuple[BaseException, ...]:
    return error.exceptions if isinstance(error, BaseExceptionGroup) else ()


def pack(error: BaseException, seen: frozenset[int] = frozenset()) -> Carried:
    seen |= {id(error)}

    def other(linked: BaseException | None) -> Carried | None:
        # It may lead in a circle.
        return None if linked is None or id(linked) in seen else pack(linked, seen)

    return Carried(
        _pack_value(error),
        _frames(error.__traceback__),
        [pack(member, seen) for member in _members(error)],
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
        # They would be shown as the frame's variables (--locals).
        for name in ("__builtins__", "__file__", "__name__"):
            del scope[name]
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


def _value(carried: Carried) -> BaseException:
    if isinstance(carried.value, bytes):
        error: BaseException = pickle.loads(carried.value)
        return error
    module, name, text = carried.value
    if carried.members:
        return BaseExceptionGroup(text, [unpack(member) for member in carried.members])
    made: BaseException = type(name, (Exception,), {"__module__": module})(text)
    return made


def _complete(error: BaseException, carried: Carried) -> BaseException:
    """With what pickle leaves out."""
    for member, of_member in zip(_members(error), carried.members, strict=True):
        _complete(member, of_member)
    error.__cause__ = carried.cause and unpack(carried.cause)
    error.__context__ = carried.context and unpack(carried.context)
    error.__suppress_context__ = carried.suppress_context
    return error.with_traceback(_traceback(carried.frames))


def unpack(carried: Carried) -> BaseException:
    return _complete(_value(carried), carried)
