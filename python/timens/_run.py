# SPDX-License-Identifier: MIT
"""spawn and run: the one-call forms."""

from __future__ import annotations

import subprocess
from typing import Any

from ._choices import Route, Userns
from ._popen import Popen
from ._times import Time


def spawn(
    argv: Any,
    *,
    boottime: Time | None = None,
    monotonic: Time | None = None,
    uptime: Time | None = None,
    userns: Userns = "auto",
    route: Route = "auto",
    **popen: Any,
) -> Popen[Any]:
    """Starts argv and returns its Popen; further keywords are subprocess.Popen's."""
    return Popen(
        argv,
        boottime=boottime,
        monotonic=monotonic,
        uptime=uptime,
        userns=userns,
        route=route,
        **popen,
    )


def _finish(process: Popen[Any], data: Any, timeout: float | None) -> tuple[Any, Any]:
    """Whatever happens, nothing goes on running. After a timeout: what had been written so far."""
    try:
        return process.communicate(data, timeout=timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise
    except BaseException:
        process.kill()
        raise


def run(
    argv: Any,
    *,
    input: Any = None,
    capture_output: bool = False,
    timeout: float | None = None,
    check: bool = False,
    **popen: Any,
) -> subprocess.CompletedProcess[Any]:
    """subprocess.run, with the keywords of timens.Popen."""
    if input is not None:
        if popen.get("stdin") is not None:
            raise ValueError("stdin and input arguments may not both be used.")
        popen["stdin"] = subprocess.PIPE
    if capture_output:
        if popen.get("stdout") is not None or popen.get("stderr") is not None:
            raise ValueError("stdout and stderr arguments may not be used with capture_output.")
        popen["stdout"] = popen["stderr"] = subprocess.PIPE
    with Popen(argv, **popen) as process:
        stdout, stderr = _finish(process, input, timeout)
    done = subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)
    if check:
        done.check_returncode()
    return done
