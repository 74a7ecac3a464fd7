# SPDX-License-Identifier: MIT
"""Choices by name."""

from __future__ import annotations

from . import _timens
from ._errors import wrong
from ._static import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_USERNS: dict[str, int] = {
    "auto": _timens.USERNS_AUTO,
    "never": _timens.USERNS_NEVER,
    "always": _timens.USERNS_ALWAYS,
}
_ROUTES: dict[str, int] = {
    "auto": _timens.ROUTE_AUTO,
    "clone3": _timens.ROUTE_CLONE3,
    "vfork": _timens.ROUTE_VFORK,
    "fork": _timens.ROUTE_FORK,
}


def _choose(name: str, table: dict[str, int], value: str) -> int:
    try:
        return table[value]
    except (KeyError, TypeError):
        raise wrong(f"{name}: {value!r} is not one of {', '.join(table)}") from None


def userns_number(value: str) -> int:
    return _choose("userns", _USERNS, value)


def route_number(value: str) -> int:
    return _choose("route", _ROUTES, value)


def nearest(word: str, known: Iterable[str]) -> str:
    """What somebody may have meant, for the end of an error."""
    from difflib import get_close_matches

    found = get_close_matches(word, list(known), 1)
    return f"; did you mean {found[0]!r}?" if found else ""
