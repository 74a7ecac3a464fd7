# SPDX-License-Identifier: MIT
"""--timens-uptime, and the line in the report's header."""

from __future__ import annotations

import os
from argparse import Namespace

import pytest

# Who has entered. The workers of pytest-xdist are started inside and get the same options.
_ENTERED = "TIMENS_PYTEST_ENTERED"


def _is_entered() -> bool:
    return "PYTEST_XDIST_WORKER" in os.environ and os.environ.get(_ENTERED) == str(os.getppid())


def move_in(options: Namespace) -> None:
    """This very process moves in, before any conftest.py: no wrapper, whatever way it started."""
    if getattr(options, "help", False) or getattr(options, "version", 0) or _is_entered():
        return
    from timens import enter

    try:
        enter(uptime=options.timens_uptime)
    except (OSError, ValueError, TypeError) as error:
        raise pytest.UsageError(f"--timens-uptime {options.timens_uptime}: {error}") from None
    os.environ[_ENTERED] = str(os.getpid())


def header(config: pytest.Config) -> str:
    asked = config.getoption("timens_uptime")
    if asked is not None:
        return f"timens: all of it at uptime {asked}"
    try:
        from timens._setting import is_required, why_unavailable

        why = why_unavailable()
    except Exception as error:
        return f"timens: not usable here: {error}"
    if why is None:
        return "timens: time namespaces are available"
    result = "fail" if is_required() else config.getini("timens_unavailable") or "skip"
    return f"timens: {why}; tests that need them {result}"
