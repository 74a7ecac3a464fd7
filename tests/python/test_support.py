# SPDX-License-Identifier: MIT
"""What timens.support says is what then happens."""

import errno

import pytest
import timens
from helpers import (
    ASKED,
    assert_clocks,
    children,
    count_fds,
    drop_capabilities,
    fails,
    isolated,
    new_user_namespace,
    set_limit,
)


def test_says_yes_here() -> None:
    before = count_fds(), children()
    found = timens.support()
    assert (count_fds(), children()) == before
    if not found.available:
        pytest.skip(f"no time namespaces for this user on this machine: {found.reason}")
    assert found.reason is None
    assert isinstance(found.exec_enters, bool)
    process = assert_clocks(**ASKED)
    assert process.route == found.route
    assert process.userns is found.userns


def without_user_namespaces() -> None:
    new_user_namespace()
    set_limit("max_user_namespaces", 0)
    drop_capabilities()
    found = timens.support()
    assert found.available is False
    assert found.exec_enters is None
    assert found.reason is not None
    assert (found.reason.stage, found.reason.errno) == ("clone", errno.ENOSPC)
    assert "user.max_user_namespaces" in found.reason.hint
    with fails("clone", errno.ENOSPC, found.reason.hint):
        timens.spawn(["true"], **ASKED)


def test_says_why_not() -> None:
    isolated(without_user_namespaces)
