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

from ._clocks import Offsets, Support, Timespec, read, support
from ._errors import Error, InputError
from ._popen import Popen
from ._run import run, spawn
from ._timens import VERSION as __version__

__all__ = [
    "DEVNULL",
    "PIPE",
    "STDOUT",
    "CalledProcessError",
    "CompletedProcess",
    "Error",
    "InputError",
    "Offsets",
    "Popen",
    "SubprocessError",
    "Support",
    "TimeoutExpired",
    "Timespec",
    "__version__",
    "read",
    "run",
    "spawn",
    "support",
]
