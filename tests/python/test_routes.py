# SPDX-License-Identifier: MIT
"""Each way in is forced, and the answer says which one was taken."""

import errno

import pytest
import timens
from helpers import ASKED, assert_clocks, need_route, routes_here
from timens._options import Route


def assert_forced(route: Route) -> None:
    need_route(route)
    assert assert_clocks(route=route, **ASKED).route == route


def test_clone3_forced() -> None:
    assert_forced("clone3")


def test_vfork_forced() -> None:
    assert_forced("vfork")


def test_fork_forced() -> None:
    assert_forced("fork")


def test_auto_takes_clone3_here() -> None:
    need_route("clone3")
    assert assert_clocks(**ASKED).route == "clone3"


def test_failure_on_each_route() -> None:
    for route in routes_here():
        with pytest.raises(FileNotFoundError) as caught:
            timens.spawn(["no-such-program-anywhere"], route=route, **ASKED)
        assert caught.value.errno == errno.ENOENT
        assert caught.value.filename == "no-such-program-anywhere"
