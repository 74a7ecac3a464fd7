# SPDX-License-Identifier: MIT
"""typing's names for checkers of types; while a program runs, what does in their place.

To import typing itself would be a fifth of the cost of `import timens`.
"""

from __future__ import annotations

TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import AnyStr, overload
else:
    AnyStr = str | bytes

    def overload(function):
        return function


__all__ = ["TYPE_CHECKING", "AnyStr", "overload"]
