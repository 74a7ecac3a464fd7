# SPDX-License-Identifier: MIT
"""get_context: multiprocessing whose workers start in a time namespace."""

from __future__ import annotations

import multiprocessing
from functools import partial
from multiprocessing.context import BaseContext, ForkContext, ForkServerContext, SpawnContext
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypedDict, overload

from . import _timens, _workers
from ._errors import wrong
from ._times import take_times

if TYPE_CHECKING:
    from typing import Unpack

    from ._options import Time, Userns

    class _Clocks(TypedDict, total=False):
        boottime: Time | None
        monotonic: Time | None
        uptime: Time | None
        userns: Userns


Method: TypeAlias = Literal["spawn", "fork", "forkserver"]

_METHODS: dict[str, tuple[Any, Any]] = {
    "spawn": (SpawnContext, _workers.SpawnPopen),
    "fork": (ForkContext, _workers.ForkPopen),
    "forkserver": (ForkServerContext, _workers.ForkServerPopen),
}


@overload
def get_context(
    method: Literal["spawn"] | None = None, **clocks: Unpack[_Clocks]
) -> SpawnContext: ...
@overload
def get_context(method: Literal["fork"], **clocks: Unpack[_Clocks]) -> ForkContext: ...
@overload
def get_context(method: Literal["forkserver"], **clocks: Unpack[_Clocks]) -> ForkServerContext: ...
def get_context(method: Method | None = None, **clocks: Unpack[_Clocks]) -> BaseContext:
    """multiprocessing.get_context, whose Process, Pool and so on start in a time namespace.

    method: "spawn" unless said otherwise; "fork"; "forkserver".
    boottime, monotonic, uptime, userns: as in timens.Popen.
    A reading (uptime=, "@...") is what the clocks read when a worker starts, whenever that is. A
    worker that cannot get into the namespace is a timens.Error from Process.start().
    With none of the four, this is multiprocessing's own context.
    """
    method = "spawn" if method is None else method
    if method not in _METHODS:
        raise wrong(f"method: {method!r} is not one of {', '.join(_METHODS)}")
    times = take_times(**clocks)
    if times is None or (times.boottime is None and times.userns != _timens.USERNS_ALWAYS):
        return multiprocessing.get_context(method)
    if times.boottime is None and method != "spawn":
        raise wrong(f"userns: 'always' takes a clock here: a worker of {method!r} enters by itself")
    return _make(method, _workers.Start(**clocks))


def _make(method: Method, start: _workers.Start) -> BaseContext:
    base, popen = _METHODS[method]

    class Context(base):  # type: ignore[misc, valid-type]
        Process = _workers.process_class(base.Process, popen, start)

        def get_context(self, method: Method | None = None) -> BaseContext:
            return self if method is None else get_context(method, **start._asdict())

        def __reduce__(self) -> tuple[Any, ...]:
            # This class cannot be imported.
            return partial(get_context, method, **start._asdict()), ()

    Context.__name__ = Context.__qualname__ = base.__name__
    made: BaseContext = Context()
    return made
