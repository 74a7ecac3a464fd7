# SPDX-License-Identifier: MIT
"""The keywords of a start, for type checkers only: nothing imports this while a program runs."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import IO, Any, Literal, TypeAlias, TypedDict

from ._clocks import Point
from ._times import Reading

Userns: TypeAlias = Literal["auto", "never", "always"]
Route: TypeAlias = Literal["auto", "clone3", "vfork", "fork"]
Time: TypeAlias = (
    int | float | Decimal | Fraction | timedelta | tuple[int, int] | str | Reading | Point
)

Path: TypeAlias = str | bytes | os.PathLike[str] | os.PathLike[bytes]
Command: TypeAlias = Path | Sequence[Path]
File: TypeAlias = int | IO[Any] | None


class Shared(TypedDict, total=False):
    """Those of subprocess.Popen that asyncio's functions have too."""

    executable: Path | None
    preexec_fn: Callable[[], Any] | None
    close_fds: bool
    cwd: Path | None
    env: Mapping[str, Path] | Mapping[bytes, Path] | None
    startupinfo: Any
    creationflags: int
    restore_signals: bool
    start_new_session: bool
    pass_fds: Collection[int]
    user: str | int | None
    group: str | int | None
    extra_groups: Iterable[str | int] | None
    umask: int
    pipesize: int
    process_group: int | None


class Common(Shared, total=False):
    """Those that say nothing of text or bytes."""

    bufsize: int
    stdin: File
    stdout: File
    stderr: File
    shell: bool


class Options(Common, total=False):
    """Those whose values decide between str and bytes too."""

    text: bool | None
    encoding: str | None
    errors: str | None
    universal_newlines: bool | None


class Clocks(TypedDict, total=False):
    """What timens adds."""

    boottime: Time | None
    monotonic: Time | None
    uptime: Time | None
    userns: Userns
    route: Route


class SharedAndClocks(Shared, Clocks, total=False): ...


class CommonAndClocks(Common, Clocks, total=False): ...


class OptionsAndClocks(Options, Clocks, total=False): ...
