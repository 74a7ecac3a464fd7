# SPDX-License-Identifier: MIT
"""Start programs whose uptime clocks read what you say.

The wall clock is not changed, nor is the speed of time. See the README.
"""

from subprocess import (
    DEVNULL,
    PIPE,
    STDOUT,
    CalledProcessError,
    CompletedProcess,
    SubprocessError,
    TimeoutExpired,
)

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
from ._errors import Error, InputError
from ._popen import Popen
from ._run import run, spawn
from ._timens import VERSION as __version__
from ._times import Reading, at

__all__ = [
    "DEVNULL",
    "PIPE",
    "STDOUT",
    "CalledProcessError",
    "CompletedProcess",
    "Error",
    "InputError",
    "Offsets",
    "Point",
    "Popen",
    "Reading",
    "SubprocessError",
    "Support",
    "TimeoutExpired",
    "Timespec",
    "__version__",
    "at",
    "enter",
    "format",
    "join",
    "parse",
    "points",
    "read",
    "run",
    "spawn",
    "support",
]
