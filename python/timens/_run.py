# SPDX-License-Identifier: MIT
"""spawn and run: the one-call forms."""

from __future__ import annotations

import subprocess

from ._popen import Popen
from ._static import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Literal, Unpack

    from ._options import Command, CommonAndClocks, OptionsAndClocks


@overload
def spawn(
    args: Command, *, text: Literal[True], **options: Unpack[CommonAndClocks]
) -> Popen[str]: ...
@overload
def spawn(args: Command, *, encoding: str, **options: Unpack[CommonAndClocks]) -> Popen[str]: ...
@overload
def spawn(args: Command, **options: Unpack[CommonAndClocks]) -> Popen[bytes]: ...
@overload
def spawn(args: Command, **options: Unpack[OptionsAndClocks]) -> Popen[Any]: ...
def spawn(args: Any, **options: Any) -> Popen[Any]:
    """Starts args and returns its Popen. The keywords are those of Popen: what the clocks are to
    read (boottime, monotonic, uptime), userns and route, and all of subprocess.Popen."""
    return Popen(args, **options)


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


@overload
def run(
    args: Command,
    *,
    input: str | None = ...,
    capture_output: bool = ...,
    timeout: float | None = ...,
    check: bool = ...,
    text: Literal[True],
    **options: Unpack[CommonAndClocks],
) -> subprocess.CompletedProcess[str]: ...
@overload
def run(
    args: Command,
    *,
    input: str | None = ...,
    capture_output: bool = ...,
    timeout: float | None = ...,
    check: bool = ...,
    encoding: str,
    **options: Unpack[CommonAndClocks],
) -> subprocess.CompletedProcess[str]: ...
@overload
def run(
    args: Command,
    *,
    input: bytes | None = ...,
    capture_output: bool = ...,
    timeout: float | None = ...,
    check: bool = ...,
    **options: Unpack[CommonAndClocks],
) -> subprocess.CompletedProcess[bytes]: ...
@overload
def run(
    args: Command,
    *popen_args: Any,
    input: Any = ...,
    capture_output: bool = ...,
    timeout: float | None = ...,
    check: bool = ...,
    **options: Unpack[OptionsAndClocks],
) -> subprocess.CompletedProcess[Any]: ...
def run(
    args: Any,
    *popen_args: Any,
    input: Any = None,
    capture_output: bool = False,
    timeout: float | None = None,
    check: bool = False,
    **options: Any,
) -> subprocess.CompletedProcess[Any]:
    """subprocess.run, with the keywords of timens.Popen: what the clocks are to read (boottime,
    monotonic, uptime), userns and route."""
    return run_by(
        Popen,
        args,
        *popen_args,
        input=input,
        capture_output=capture_output,
        timeout=timeout,
        check=check,
        **options,
    )


def run_by(
    start: Callable[..., Popen[Any]],
    args: Any,
    *popen_args: Any,
    input: Any = None,
    capture_output: bool = False,
    timeout: float | None = None,
    check: bool = False,
    **popen: Any,
) -> subprocess.CompletedProcess[Any]:
    """run, whose program `start` starts."""
    if input is not None:
        if popen.get("stdin") is not None:
            raise ValueError("stdin and input arguments may not both be used.")
        popen["stdin"] = subprocess.PIPE
    if capture_output:
        if popen.get("stdout") is not None or popen.get("stderr") is not None:
            raise ValueError("stdout and stderr arguments may not be used with capture_output.")
        popen["stdout"] = popen["stderr"] = subprocess.PIPE
    with start(args, *popen_args, **popen) as process:
        stdout, stderr = _finish(process, input, timeout)
    done = subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)
    if check:
        done.check_returncode()
    return done
