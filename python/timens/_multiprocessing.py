# SPDX-License-Identifier: MIT
"""get_context: multiprocessing whose workers start in a time namespace."""

from __future__ import annotations

import multiprocessing
from multiprocessing import context
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, overload

from . import _workers
from ._choices import userns_number
from ._times import take_times

if TYPE_CHECKING:
    from ._options import Time, Userns

Method: TypeAlias = Literal["spawn", "fork", "forkserver"]

_METHODS: dict[str, tuple[Any, Any]] = {
    "spawn": (context.SpawnContext, _workers.SpawnPopen),
    "fork": (context.ForkContext, _workers.ForkPopen),
    "forkserver": (context.ForkServerContext, _workers.ForkServerPopen),
}


@overload
def get_context(
    method: Literal["spawn"] | None = None,
    *,
    boottime: Time | None = ...,
    monotonic: Time | None = ...,
    uptime: Time | None = ...,
    userns: Userns = ...,
) -> context.SpawnContext: ...
@overload
def get_context(
    method: Literal["fork"],
    *,
    boottime: Time | None = ...,
    monotonic: Time | None = ...,
    uptime: Time | None = ...,
    userns: Userns = ...,
) -> context.ForkContext: ...
@overload
def get_context(
    method: Literal["forkserver"],
    *,
    boottime: Time | None = ...,
    monotonic: Time | None = ...,
    uptime: Time | None = ...,
    userns: Userns = ...,
) -> context.ForkServerContext: ...
def get_context(
    method: Method | None = None,
    *,
    boottime: Time | None = None,
    monotonic: Time | None = None,
    uptime: Time | None = None,
    userns: Userns = "auto",
) -> context.BaseContext:
    """multiprocessing.get_context, whose Process, Pool and so on start in a time namespace.

    method: "spawn" unless said otherwise; "fork"; "forkserver".
    A reading (uptime=, "@...") is what the clocks read when a worker starts, whenever that is. A
    worker that cannot get into the namespace is a timens.Error from Process.start().
    With no time given, this is multiprocessing's own context.
    """
    method = "spawn" if method is None else method
    if method not in _METHODS:
        raise ValueError(f"method: {method!r} is not one of {', '.join(_METHODS)}")
    userns_number(userns)
    if take_times(boottime, monotonic, uptime) is None:
        return multiprocessing.get_context(method)
    return _make(method, _workers.Start(boottime, monotonic, uptime, userns))


def _make(method: Method, start: _workers.Start) -> context.BaseContext:
    base, popen = _METHODS[method]

    class Context(base):  # type: ignore[misc, valid-type]
        Process = _workers.process_class(base.Process, popen, start)

        def get_context(self, method: Method | None = None) -> context.BaseContext:
            return self if method is None else get_context(method, **start._asdict())

    Context.__name__ = Context.__qualname__ = base.__name__
    made: context.BaseContext = Context()
    return made
