# SPDX-License-Identifier: MIT
"""All that is used of pytest's private interface, as it is from 8.0 to 9.2."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from contextlib import nullcontext, suppress
from typing import Any

import pytest

# Alive as long as the process is, see disown().
_kept: list[Any] = []


def _finishes_a_fixture(finalizer: Any) -> bool:
    """It only hands the end of a fixture on to one that uses it."""
    owner = getattr(getattr(finalizer, "func", None), "__self__", None)
    return isinstance(finalizer, functools.partial) and isinstance(owner, pytest.FixtureDef)


def disown(session: pytest.Session, fixtures: Iterable[Any]) -> None:
    """In the child: what the parent has set up is the parent's to tear down.

    The finalizers are kept alive: a generator that loses its last reference is closed, which runs
    its `finally` and the `__exit__` of its `with`.
    """
    for finalizers, _ in session._setupstate.stack.values():
        _kept.append(finalizers[:])
        finalizers.clear()
    for fixture in fixtures:
        _kept.append(fixture._finalizers[:])
        # If its parameter changes in here, what was made from the old one must be made anew.
        fixture._finalizers[:] = filter(_finishes_a_fixture, fixture._finalizers)


def tear_down(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """All that the next test does not need; what is printed goes to the report of `item`."""
    capture = item.config.pluginmanager.getplugin("capturemanager")
    with nullcontext() if capture is None else capture.item_capture("teardown", item):
        item.session._setupstate.teardown_exact(nextitem)


def expected_failure(item: pytest.Item) -> str | None:
    """In the parent: the reason, if the test is marked xfail and may fail in any way."""
    from _pytest.skipping import evaluate_xfail_marks

    # With -p no:skipping there is no such option, and the mark means nothing.
    off = item.config.getoption("runxfail", True)
    expected = None if off else evaluate_xfail_marks(item)
    return expected.reason if expected and expected.raises is None else None


def make_tmp_dir(config: pytest.Config) -> None:
    """In the parent: else each child would make a folder for the whole run."""
    factory = getattr(config, "_tmp_path_factory", None)
    if factory is not None:
        # A test that needs it will say so.
        with suppress(OSError):
            factory.getbasetemp()
