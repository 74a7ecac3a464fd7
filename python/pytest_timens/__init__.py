# SPDX-License-Identifier: MIT
"""The pytest plugin of timens: tests whose uptime clocks read what you say.

PYTEST_DONT_REWRITE

Only what is used is imported, so that it costs nothing where timens is merely installed, and breaks
nothing where it cannot work. A package of its own for that: a module in `timens` would import it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from ._fixture import TimensFixture as TimensFixture

_MARKERS = (
    "timens(*, uptime, boottime, monotonic, userns='auto', timeout): run the test in a process of "
    "its own whose uptime clocks read other values. uptime='49d17h' is what both are to read at "
    "the start; boottime= and monotonic= are added to each. timeout='30s' kills it after that.",
    "timens_points(*names, lead='5s', userns='auto', timeout): run the test once per point where a "
    "counter rolls over, such as 'u32-ms', started that long before it, also several: "
    "lead=('5s', '1ms'). Without names: all points.",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("timens", "uptime clocks")
    group.addoption(
        "--timens-uptime",
        metavar="T",
        help="run all of it where the uptime clocks read T at the start, e.g. 49d17h or @u32-ms-5s",
    )
    parser.addini(
        "timens_unavailable",
        "what becomes of tests marked timens where there are no time namespaces: skip or fail "
        "(with TIMENS_REQUIRE=1 in the environment always fail); else skip",
        default=None,
    )


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    options = early_config.known_args_namespace
    if getattr(options, "timens_uptime", None) is not None:
        from ._whole_run import move_in

        move_in(options)


def pytest_configure(config: pytest.Config) -> None:
    for marker in _MARKERS:
        config.addinivalue_line("markers", marker)
    choice = config.getini("timens_unavailable")
    # Unset it is None, or empty before pytest 8.
    if choice and choice not in ("skip", "fail"):
        raise pytest.UsageError(f"timens_unavailable: {choice!r} is not one of skip, fail")


def _is_expected(config: pytest.Config) -> bool:
    """Before anything is collected; a controller of pytest-xdist collects nothing."""
    return (
        config.getoption("timens_uptime") is not None
        or bool(config.getini("timens_unavailable"))
        or os.environ.get("TIMENS_REQUIRE", "0") not in ("", "0")
        or config.getoption("dist", "no") != "no"
    )


def pytest_report_header(config: pytest.Config) -> str | None:
    if not _is_expected(config):
        return None
    from ._whole_run import header

    return header(config)


def pytest_report_collectionfinish(config: pytest.Config, items: list[pytest.Item]) -> str | None:
    """It takes an import and a trial: for those who have use for it."""
    quiet = config.getoption("verbose") < 0
    if quiet or _is_expected(config) or not any(map(_concerns, items)):
        return None
    from ._whole_run import header

    return header(config)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if any(metafunc.definition.iter_markers("timens_points")):
        from ._markers import parametrize

        parametrize(metafunc)


def _asked_by_unittest(item: pytest.Item) -> object:
    """What timens.unittest has left at the method, or else at the class."""
    cls = getattr(item, "cls", None)
    method = getattr(cls, getattr(item, "originalname", None) or item.name, None)
    return getattr(method, "__timens__", getattr(cls, "__timens__", None))


def _concerns(item: pytest.Item) -> bool:
    if any(mark.name in ("timens", "timens_points") for mark in item.iter_markers()):
        return True
    return "timens.unittest" in sys.modules and _asked_by_unittest(item) is not None


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    if not _concerns(item):
        return None
    from ._outside import run

    return run(item, nextitem)


#: That outlive a test; by identity, as they are made again for each run in this process.
_WIDE_FIXTURES = pytest.StashKey[dict[int, object]]()


@pytest.hookimpl(tryfirst=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[object], request: object) -> None:
    if fixturedef.scope != "function":
        session: pytest.Session = request.session  # type: ignore[attr-defined]
        session.stash.setdefault(_WIDE_FIXTURES, {})[id(fixturedef)] = fixturedef


@pytest.fixture
def _timens_point(request: pytest.FixtureRequest) -> object:
    """What timens_points parametrizes."""
    return request.param


@pytest.fixture
def timens(request: pytest.FixtureRequest) -> Iterator[TimensFixture]:
    """The uptime clocks of this test, and programs that end with it.

    timens.uptime, boottime, monotonic: as asked by the marker, None where not; timens.point, lead:
    of timens_points; timens.inside. timens.run, spawn and Popen are those of the module, but a
    program that is still running at the end is killed, with all that runs under it, and reaped. The
    rest of the module is here too: timens.PIPE, timens.read.
    """
    from ._fixture import TimensFixture

    with TimensFixture(request) as fixture:
        yield fixture


def __getattr__(name: str) -> object:
    if name == "TimensFixture":
        from ._fixture import TimensFixture

        return TimensFixture
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
