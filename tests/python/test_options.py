# SPDX-License-Identifier: MIT
"""Group, credentials and umask, by the names and with the exceptions of subprocess."""

import errno
import os
import signal
import subprocess
from typing import Any

import pytest
import timens
from helpers import (
    ASKED,
    become_nobody,
    fails,
    finish,
    isolated,
    only,
    output_of,
    routes_here,
    sleeper,
)


def need_root() -> None:
    if os.geteuid() != 0:
        pytest.skip("it takes root")


def test_process_group(route: Any) -> None:
    leader: timens.Popen[bytes] = timens.Popen(
        ["sleep", "60"], process_group=0, route=route, **ASKED
    )
    member: timens.Popen[bytes] = timens.Popen(
        ["sleep", "60"], process_group=leader.pid, route=route, **ASKED
    )
    with leader, member:
        assert os.getpgid(leader.pid) == os.getpgid(member.pid) == leader.pid
        os.killpg(leader.pid, signal.SIGKILL)
    # Nobody joins a group of another session.
    with sleeper(start_new_session=True) as other, pytest.raises(PermissionError):
        timens.Popen(["true"], process_group=other.pid, route=route, **ASKED)


def test_uid_gid_and_groups() -> None:
    need_root()
    start: dict[str, Any] = {"user": 1234, "group": 2345, "extra_groups": [7, 4711], **ASKED}
    process, text = finish(["sh", "-c", "id -u; id -g; id -G"], **start)
    assert text == "1234\n2345\n2345 7 4711\n"
    assert process.route == "fork"
    assert output_of(["id", "-un"], user="nobody", **ASKED) == "nobody\n"
    for route in routes_here():
        if route != "fork":
            with fails("route", errno.EINVAL, "use route auto or fork"):
                timens.Popen(["true"], route=route, **start)
    # Ours has stayed what it was: another process of this user may look at it.
    assert output_of(["cat", f"/proc/{os.getpid()}/timens_offsets"], **ASKED)


def test_groups_alone(route: Any) -> None:
    need_root()
    assert output_of(["id", "-G"], extra_groups=[], route=route, **ASKED) == "0\n"
    text = output_of(["id", "-G"], extra_groups=[7, 4711], route=route, **ASKED)
    assert text == "0 7 4711\n"


def refused() -> None:
    become_nobody()
    # Also in the user namespace that makes the second start possible, which has no such id.
    for times in ({}, ASKED):
        with pytest.raises(PermissionError) as caught:
            timens.Popen(["true"], user=1, **times)
        assert not isinstance(caught.value, timens.Error)


def test_credentials_refused() -> None:
    isolated(refused)


def test_file_mode_mask(route: Any) -> None:
    assert output_of(["sh", "-c", "umask"], umask=0o27, route=route, **ASKED) == "0027\n"
    assert output_of(["sh", "-c", "umask"], umask=0, route=route, **ASKED) == "0000\n"


@pytest.mark.parametrize("name", ["user", "group", "process_group"])
def test_ids_that_cannot_be(name: str) -> None:
    for popen in (subprocess.Popen, timens.Popen):
        moved = ASKED if popen is timens.Popen else {}
        with pytest.raises(OverflowError):
            popen(["true"], **only(name, 2**64), **moved)
