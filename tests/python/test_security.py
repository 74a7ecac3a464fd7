# SPDX-License-Identifier: MIT
"""What a program gets that nobody has asked for: nothing. See tests/core/test_security.c."""

import os
import subprocess

import helpers
import pytest
import timens

SURROUNDINGS = helpers.program("surroundings")


def lines_of(start: str, text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith(start)]


def look_around() -> None:
    kept = [os.memfd_create("secret"), *os.pipe(), os.open("/proc/self/maps", os.O_RDONLY)]
    for route in helpers.routes_here():
        for userns in ("never", "always") if os.geteuid() == 0 else ("auto",):
            text = helpers.output_of([SURROUNDINGS], boottime=1, route=route, userns=userns)
            assert lines_of("fd ", text) == ["fd 0", "fd 1", "fd 2"]
            text = helpers.output_of(
                [SURROUNDINGS], boottime=1, route=route, userns=userns, env={"ONE": "1"}
            )
            assert lines_of("env ", text) == ["env ONE=1"]
    assert all(os.get_inheritable(fd) is False for fd in kept)


def test_nothing_reaches_the_program_unasked() -> None:
    helpers.isolated(look_around)


def test_privileges_are_as_by_exec() -> None:
    if os.geteuid() != 0:
        pytest.skip("without a user namespace it takes root")
    expected = subprocess.check_output([SURROUNDINGS, "quiet"], text=True)
    assert helpers.output_of([SURROUNDINGS, "quiet"]) == expected
    for route in helpers.routes_here():
        text = helpers.output_of([SURROUNDINGS, "quiet"], boottime=1, route=route, userns="never")
        assert text == expected


def assert_no_power(text: str) -> None:
    assert "\nsethostname EPERM\nsetpriority EACCES\n" in text
    for kind in ("Inh", "Amb") if "\nUid:\t0" in "\n" + text else ("Inh", "Amb", "Prm", "Eff"):
        assert f"Cap{kind}:\t{'0' * 16}\n" in text


def start_as_nobody() -> None:
    helpers.become_nobody()
    for route in helpers.routes_here():
        assert_no_power(helpers.output_of([SURROUNDINGS, "quiet"], boottime=1, route=route))


def test_user_namespace_lends_nothing_outside() -> None:
    helpers.isolated(start_as_nobody)
    assert timens.support().available
    text = helpers.output_of([SURROUNDINGS, "quiet"], boottime=1, userns="always")
    assert_no_power(text)
