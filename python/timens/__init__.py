# SPDX-License-Identifier: MIT
"""Start programs whose uptime clocks read what you say.

The wall clock is not changed, nor is the speed of time. See the README.

PYTEST_DONT_REWRITE (no asserts to explain, and no warning if it is imported before pytest is)
"""

from __future__ import annotations

from subprocess import (
    DEVNULL,
    PIPE,
    STDOUT,
    CalledProcessError,
    CompletedProcess,
    SubprocessError,
    TimeoutExpired,
)

from ._errors import Error, InputError, NotPermittedError, UnsupportedError
from ._popen import Popen
from ._run import run, spawn
from ._static import TYPE_CHECKING
from ._timens import VERSION as __version__
from ._times import Reading, at

if TYPE_CHECKING:
    from typing import Any

    from ._asyncio import AsyncProcess, create_subprocess_exec, create_subprocess_shell
    from ._clocks import (
        Offsets,
        Point,
        Support,
        Timespec,
        enter,
        format,
        join,
        parse,
        points,
        read,
        support,
    )
    from ._multiprocessing import get_context
    from ._options import Route, Time, Userns

__all__ = [
    "DEVNULL",
    "PIPE",
    "STDOUT",
    "AsyncProcess",
    "CalledProcessError",
    "CompletedProcess",
    "Error",
    "InputError",
    "NotPermittedError",
    "Offsets",
    "Point",
    "Popen",
    "Reading",
    "Route",
    "SubprocessError",
    "Support",
    "Time",
    "TimeoutExpired",
    "Timespec",
    "UnsupportedError",
    "Userns",
    "__version__",
    "at",
    "create_subprocess_exec",
    "create_subprocess_shell",
    "enter",
    "format",
    "get_context",
    "join",
    "parse",
    "points",
    "read",
    "run",
    "spawn",
    "support",
]

# What not every program needs, by its module: imported when it is first asked for.
_LATER = {
    name: module
    for module, names in {
        "_asyncio": "AsyncProcess create_subprocess_exec create_subprocess_shell",
        "_multiprocessing": "get_context",
        "_options": "Route Time Userns",
        "_clocks": "Offsets Point Support Timespec enter format join parse points read support",
    }.items()
    for name in names.split()
}


if not TYPE_CHECKING:  # It would tell mypy that every name is there.

    def __getattr__(name: str) -> Any:
        if name not in _LATER:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        value = getattr(import_module(f".{_LATER[name]}", __name__), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
