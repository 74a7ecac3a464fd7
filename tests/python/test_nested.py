# SPDX-License-Identifier: MIT
"""Offsets are relative to the caller's clocks, wherever the caller is."""

import errno
from typing import Any

import timens
from helpers import (
    DAY,
    Spans,
    assert_clocks,
    fails,
    isolated,
    leave_pending,
    move_into,
    need_route,
    offsets_of,
    routes_here,
    spans,
)
from timens._options import Route

A: dict[str, Any] = {"boottime": (DAY, 600000000), "monotonic": (2 * DAY, 999999999)}
B: dict[str, Any] = {"boottime": (-3, 500000000), "monotonic": (1000, 1)}
PENDING: dict[str, Any] = {"boottime": (700000, 7), "monotonic": (800000, 8)}


def assert_b_on_top_of(own: Spans, route: Route = "auto") -> None:
    assert_clocks(own, route=route, **B)


def inside() -> None:
    outer = offsets_of()
    # Before the move too, since a start keeps what it learns about the caller.
    assert_b_on_top_of(outer)
    move_into(**A)
    assert_b_on_top_of(outer + spans(**A))


def test_inside_a_shifted_namespace() -> None:
    isolated(inside)


def with_pending() -> None:
    outer = offsets_of()
    leave_pending(**PENDING)
    assert_b_on_top_of(outer)
    assert_b_on_top_of(outer)


def with_pending_after_a_start() -> None:
    outer = offsets_of()
    assert_b_on_top_of(outer)
    leave_pending(**PENDING)
    assert_b_on_top_of(outer)


def test_pending_namespace() -> None:
    isolated(with_pending)
    isolated(with_pending_after_a_start)


def with_pending_inside() -> None:
    outer = offsets_of()
    move_into(**A)
    leave_pending(**PENDING)
    assert_b_on_top_of(outer + spans(**A))
    assert_b_on_top_of(outer + spans(**A), "fork")


def test_pending_in_a_shifted_namespace() -> None:
    isolated(with_pending_inside)


def on_each_route() -> None:
    outer = offsets_of()
    routes = routes_here()
    move_into(**A)
    for route in routes:
        assert_b_on_top_of(outer + spans(**A), route)


def test_each_route_when_nested() -> None:
    isolated(on_each_route)


def refused(route: Route) -> None:
    move_into(**A)
    leave_pending(**PENDING)
    with fails("route", errno.EBUSY, route, "use route auto or fork"):
        timens.spawn(["true"], route=route, **B)


def test_forced_route_refused_when_pending_and_shifted() -> None:
    need_route("vfork")
    for route in routes_here():
        if route != "fork":
            isolated(refused, route)
