# SPDX-License-Identifier: MIT
"""From markers to settings."""

from __future__ import annotations

from typing import Any

import pytest
from timens._setting import Setting, check_keywords, settings_at, take_setting

from . import _asked_by_unittest

POINT = "_timens_point"
_NAMES = ("timens", "timens_points")


class MarkerError(Exception):
    """A marker is wrong; the text says which and why."""


def closest(node: pytest.Item | Any) -> pytest.Mark | None:
    """The innermost of both markers: it overrides the outer ones altogether."""
    found = [(at, mark) for at, mark in node.iter_markers_with_node() if mark.name in _NAMES]
    if not found:
        return None
    owner, mark = found[0]
    if any(at is owner and other.name != mark.name for at, other in found):
        raise MarkerError(
            "@pytest.mark.timens and @pytest.mark.timens_points on one test: both set its clocks"
        )
    return mark


def _named(mark: pytest.Mark, error: Exception) -> MarkerError:
    return MarkerError(f"@pytest.mark.{mark.name}: {error}")


def _setting_of(mark: pytest.Mark) -> Setting:
    try:
        if mark.args:
            raise TypeError(f"{mark.args[0]!r}: give it a name, such as uptime={mark.args[0]!r}")
        check_keywords(mark.kwargs)
        return take_setting(**mark.kwargs)
    except (TypeError, ValueError) as error:
        raise _named(mark, error) from None


def setting_of(item: pytest.Item) -> Setting | None:
    """What the test asks for; None: nothing. MarkerError."""
    mark = closest(item)
    too_old = pytest.version_tuple < (8, 0)
    if mark is None:
        # timens.unittest sees to it without us.
        return None if too_old else _of_unittest(item)
    if too_old:
        raise _named(mark, RuntimeError(f"needs pytest 8.0; this is {pytest.__version__}"))
    if mark.name == "timens":
        return _setting_of(mark)
    callspec = getattr(item, "callspec", None)
    if callspec is None or POINT not in callspec.params:
        raise _named(mark, TypeError("only test functions can be parametrized, and this is none"))
    setting: Setting = callspec.params[POINT]
    return setting


def _of_unittest(item: pytest.Item) -> Setting | None:
    asked = _asked_by_unittest(item)
    return asked if isinstance(asked, Setting) else None


def _points_of(mark: pytest.Mark) -> dict[str, Setting]:
    try:
        check_keywords(mark.kwargs, ("lead", "userns", "timeout"))
        return settings_at(mark.args, **mark.kwargs)
    except (TypeError, ValueError) as error:
        raise _named(mark, error) from None


def parametrize(metafunc: pytest.Metafunc) -> None:
    try:
        mark = closest(metafunc.definition)
        if mark is None or mark.name != "timens_points":
            return
        settings = _points_of(mark)
    except MarkerError as error:
        # A CollectError is shown as its text alone.
        where = metafunc.definition.nodeid
        raise pytest.Collector.CollectError(f"{where}: {error}") from None
    metafunc.fixturenames.append(POINT)
    metafunc.parametrize(POINT, list(settings.values()), ids=list(settings), indirect=True)
