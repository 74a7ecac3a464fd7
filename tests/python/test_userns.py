# SPDX-License-Identifier: MIT
"""With and without privilege. Who the caller is, is changed in processes of their own."""

import errno
import os

import pytest
import timens
from helpers import (
    ASKED,
    become_nobody,
    drop_capabilities,
    fails,
    finish,
    isolated,
    new_user_namespace,
    offsets_of,
    output_of,
    routes_here,
    set_limit,
    shown_offsets,
    spans,
)


def assert_works_in_userns(userns: str, route: str = "auto") -> None:
    start = {"userns": userns, "route": route, **ASKED}
    process, text = finish(["cat", "/proc/self/timens_offsets"], **start)
    assert process.userns is True
    assert shown_offsets(text) == offsets_of() + spans(**ASKED)
    for file, own in (("uid_map", os.geteuid()), ("gid_map", os.getegid())):
        # Each id to itself, and no other.
        ids = output_of(["cat", f"/proc/self/{file}"], **start).split()
        assert ids == [str(own), str(own), "1"]


def as_nobody_auto() -> None:
    become_nobody()
    assert_works_in_userns("auto")
    for route in routes_here():
        assert_works_in_userns("auto", route)


def test_unprivileged_auto() -> None:
    isolated(as_nobody_auto)


def as_nobody_never() -> None:
    become_nobody()
    # Again, when it is known what kernel this is; and on each route.
    for route in ("auto", "auto", *routes_here()):
        with fails("unshare", errno.EPERM, "CAP_SYS_ADMIN"):
            timens.spawn(["true"], userns="never", route=route, **ASKED)


def test_unprivileged_never() -> None:
    isolated(as_nobody_never)


def without_user_namespaces() -> None:
    new_user_namespace()
    set_limit("max_user_namespaces", 0)
    drop_capabilities()
    with fails("clone", errno.ENOSPC, "user.max_user_namespaces"):
        timens.spawn(["true"], **ASKED)


def test_unprivileged_without_user_namespaces() -> None:
    isolated(without_user_namespaces)


def test_always_as_root() -> None:
    if os.geteuid() != 0:
        pytest.skip("this is not root")
    assert_works_in_userns("always")


def without_time_namespaces() -> None:
    new_user_namespace()
    set_limit("max_time_namespaces", 0)
    with fails("unshare", errno.ENOSPC, "user.max_time_namespaces"):
        timens.spawn(["true"], **ASKED)


def time_namespaces_taken_away() -> None:
    """The kernel is known already, and so the start itself runs into the limit."""
    new_user_namespace()
    routes = routes_here()
    set_limit("max_time_namespaces", 0)
    for route in routes:
        with fails("unshare", errno.ENOSPC, "user.max_time_namespaces"):
            timens.spawn(["true"], route=route, **ASKED)


def test_time_namespaces_used_up() -> None:
    isolated(without_time_namespaces)
    isolated(time_namespaces_taken_away)
