# SPDX-License-Identifier: MIT
"""The exceptions. The extension module makes them through from_core."""

from __future__ import annotations

from typing import Any

# What the caller gave was wrong, whatever the machine can do.
_INPUT_STAGES = frozenset({"args", "offsets", "parse"})


class Error(OSError):
    """A start failed at `stage`; `hint` says what to do about it, as far as that is known.

    Failures of exec and of the change to cwd are no Error but what subprocess raises for them.
    """

    def __init__(self, errno: int, text: str, stage: str, hint: str = "") -> None:
        super().__init__(errno, text)
        self.stage = stage
        self.hint = hint

    def __str__(self) -> str:
        return str(self.strerror)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.errno, self.strerror, self.stage, self.hint)


class InputError(Error, ValueError):
    """A time or another argument that can never be right."""


def from_core(errno: int, stage: str, text: str, hint: str) -> Error:
    return (InputError if stage in _INPUT_STAGES else Error)(errno, text, stage, hint)
