# SPDX-License-Identifier: MIT
"""For tests of unittest: each in a process of its own, whose uptime clocks read other values.

@timens.unittest.at("49d17h") stands over a test method or a TestCase; in a class with Mixin it is
`uptime = "49d17h"`. setUp, tearDown and cleanups run inside, setUpClass and setUpModule outside.
"""

from __future__ import annotations

import functools
import unittest
from collections.abc import Callable
from types import FunctionType
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from ._setting import Setting, settings_at, take_setting
from ._unittest_run import is_inside, run_isolated

if TYPE_CHECKING:
    from ._clocks import Point
    from ._options import Time, Userns

__all__ = ["Mixin", "at", "at_points"]

_T = TypeVar("_T")

_CLOCKS = ("uptime", "boottime", "monotonic")


def _setting_of(case: unittest.TestCase) -> Setting | None:
    """The method's own, or else its class's."""
    method = getattr(case, case._testMethodName, None)
    found: Setting | None = getattr(method, "__timens__", getattr(case, "__timens__", None))
    return found


def _is_skipped(case: unittest.TestCase) -> bool:
    """By a decorator: no process is made for it, and whether it counts as a test that ran is
    left to unittest, whose 3.12.1 has another answer than the versions before and after it."""
    method = getattr(case, case._testMethodName, None)
    return any(getattr(of, "__unittest_skip__", False) for of in (type(case), method))


def _take_over(cls: type[unittest.TestCase]) -> None:
    original, debug_here = cls.run, cls.debug
    if getattr(original, "__timens_isolates__", False):
        return

    @functools.wraps(original)
    def run(case: unittest.TestCase, result: Any = None) -> Any:
        setting = _setting_of(case)
        if setting is None or is_inside(case) or _is_skipped(case):
            return original(case, result)
        return run_isolated(case, result, functools.partial(original, case), setting)

    @functools.wraps(debug_here)
    def debug(case: unittest.TestCase) -> None:
        if _setting_of(case) is not None and not is_inside(case):
            raise RuntimeError(
                "timens.unittest: debug() runs a test in this process, whose clocks are not moved"
            )
        debug_here(case)

    run.__timens_isolates__ = True  # type: ignore[attr-defined]
    cls.run, cls.debug = run, debug  # type: ignore[assignment, method-assign]


class _Method:
    """Stands for a test method until its class is made, and is then replaced by functions."""

    def __init__(self, function: Callable[..., Any], settings: dict[str, Setting]) -> None:
        functools.update_wrapper(self, function)
        self._function = function
        self._settings = settings
        self._before = dict(vars(self))

    def _added(self) -> dict[str, Any]:
        """What decorators above have noted here: a mark of pytest's, an expected failure."""
        before = self._before | {"_before": self._before}
        return {name: value for name, value in vars(self).items() if before.get(name) is not value}

    def __set_name__(self, owner: type, name: str) -> None:
        if not issubclass(owner, unittest.TestCase):
            raise TypeError(f"timens.unittest: {owner.__name__}.{name} is not in a TestCase")
        _take_over(owner)
        _expand(owner, name, self._function, self._settings, self._added())

    def __call__(self, *_: Any, **_kwargs: Any) -> Any:
        """Only where __set_name__ has not been: at a function, or below another decorator."""
        raise TypeError(
            f"timens.unittest: {self._function.__qualname__} is not a method of a TestCase with "
            "the decorator of timens above those that wrap it; for a function there is "
            "@pytest.mark.timens"
        )


def _copy(function: Any, name: str) -> Any:
    copy = FunctionType(
        function.__code__, function.__globals__, name, function.__defaults__, function.__closure__
    )
    copy.__kwdefaults__ = function.__kwdefaults__
    functools.update_wrapper(copy, function)
    copy.__name__ = name
    copy.__qualname__ = f"{function.__qualname__.rpartition('.')[0]}.{name}".lstrip(".")
    return copy


def _expand(
    owner: type,
    name: str,
    function: Any,
    settings: dict[str, Setting],
    added: dict[str, Any],
) -> None:
    """One method for each setting; that without a name stays where it was."""
    if "" not in settings:
        # Not deleted: a base class may have one, which would run then.
        setattr(owner, name, None)
    for suffix, setting in settings.items():
        full = f"{name}_{suffix.translate(str.maketrans('-.', '__'))}" if suffix else name
        copy = _copy(function, full)
        vars(copy).update(added, __timens__=setting)
        setattr(owner, full, copy)


def _decorate(target: Any, settings: dict[str, Setting]) -> Any:
    if not isinstance(target, type):
        return _Method(target, settings)
    if not issubclass(target, unittest.TestCase):
        raise TypeError(f"timens.unittest: {target.__name__} is not a TestCase")
    _take_over(target)
    if "" in settings:
        target.__timens__ = settings[""]  # type: ignore[attr-defined]
        return target
    for name in unittest.defaultTestLoader.getTestCaseNames(target):
        function = getattr(target, name)
        if not hasattr(function, "__timens__"):
            _expand(target, name, function, settings, {})
    return target


def at(
    uptime: Time | None = None,
    *,
    boottime: Time | None = None,
    monotonic: Time | None = None,
    userns: Userns = "auto",
    timeout: Time | None = None,
) -> Callable[[_T], _T]:
    """Over a test method or a TestCase; above decorators that wrap a method, such as mock.patch.

    uptime is what both clocks are to read when the test starts; boottime and monotonic are added
    to each. After `timeout` the test is killed. A method's own goes before that of its class.
    """
    setting = take_setting(
        uptime=uptime, boottime=boottime, monotonic=monotonic, userns=userns, timeout=timeout
    )
    return lambda target: _decorate(target, {"": setting})


def at_points(
    *names: str | Point,
    lead: Time | tuple[Time, ...] | list[Time] = "5s",
    userns: Userns = "auto",
    timeout: Time | None = None,
) -> Callable[[_T], _T]:
    """Over a test method or a TestCase: once per point where a counter rolls over, that long
    before it; without names at all of them. test_x becomes test_x_u32_ms_5s and so on."""
    settings = settings_at(names, lead=lead, userns=userns, timeout=timeout)
    return lambda target: _decorate(target, settings)


class Mixin:
    """class Test(timens.unittest.Mixin, unittest.TestCase): uptime = "49d17h" """

    uptime: ClassVar[Time | None] = None
    boottime: ClassVar[Time | None] = None
    monotonic: ClassVar[Time | None] = None
    userns: ClassVar[Userns] = "auto"
    timeout: ClassVar[Time | None] = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if all(getattr(cls, name) is None for name in _CLOCKS):
            # `uptime = None` turns off what a class above has asked for.
            if not vars(cls).keys().isdisjoint(_CLOCKS):
                cls.__timens__ = None  # type: ignore[attr-defined]
            return
        names = (*_CLOCKS, "userns", "timeout")
        try:
            setting = take_setting(**{name: getattr(cls, name) for name in names})
        except (TypeError, ValueError) as error:
            kind = TypeError if isinstance(error, TypeError) else ValueError
            raise kind(f"{cls.__name__}: {error}") from None
        cls.__timens__ = setting  # type: ignore[attr-defined]
        if issubclass(cls, unittest.TestCase):
            _take_over(cls)
