# SPDX-License-Identifier: MIT
"""The exceptions. The extension module makes them through from_core."""

from __future__ import annotations

import errno

from ._static import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

# What the caller gave was wrong, whatever the machine can do.
_INPUT_STAGES = frozenset({"args", "offsets", "parse"})


class Error(OSError):
    """A start failed at `stage`; `hint` says what to do about it, as far as that is known.

    It is the exception that Python has for its errno as well: a BlockingIOError if there may be no
    more processes, a ProcessLookupError if there is no such process. Failures of exec and of the
    change to cwd are no Error but what subprocess raises for them.
    """

    def __init__(self, number: int, text: str, stage: str, hint: str = "") -> None:
        super().__init__(number, text)
        self.stage = stage
        self.hint = hint

    def __str__(self) -> str:
        return str(self.strerror)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.errno, self.strerror, self.stage, self.hint)


class InputError(Error, ValueError):
    """A time or another argument that can never be right."""


class NotPermittedError(Error, PermissionError):
    """This caller may not: a capability is missing, or a limit of containers and profiles."""


class UnsupportedError(Error):
    """This kernel cannot, or a seccomp profile answers in its place that it cannot."""


# A kernel without time namespaces calls the flag invalid.
_UNSUPPORTED = frozenset({errno.ENOSYS, errno.EOPNOTSUPP})
_NO_TIME_NAMESPACES = ("unshare", errno.EINVAL)


def wrong(text: str, number: int = errno.EINVAL, stage: str = "args") -> InputError:
    """Of an argument, before the core sees it."""
    return InputError(number, text, stage)


def _by_errno(number: int) -> type[Error]:
    builtin = type(OSError(number, ""))
    if builtin is OSError:
        return Error
    if builtin not in _COMBINED:
        # Its name is not to be found in this module: pickle has it made anew.
        members = {"__module__": __name__, "__doc__": Error.__doc__, "__reduce__": _reduce}
        _COMBINED[builtin] = type("Error", (Error, builtin), members)
    return _COMBINED[builtin]


_COMBINED: dict[type[OSError], type[Error]] = {}


def _reduce(error: Error) -> tuple[Any, ...]:
    return from_core, (error.errno, error.stage, error.strerror, error.hint)


def _kind(number: int, stage: str) -> type[Error]:
    if stage in _INPUT_STAGES:
        return InputError
    if number in (errno.EPERM, errno.EACCES):
        return NotPermittedError
    if number in _UNSUPPORTED or (stage, number) == _NO_TIME_NAMESPACES:
        return UnsupportedError
    return _by_errno(number)


def from_core(number: int, stage: str, text: str, hint: str) -> Error:
    return _kind(number, stage)(number, text, stage, hint)
