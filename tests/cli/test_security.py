# SPDX-License-Identifier: MIT
"""What the command lends to the program it becomes: nothing; and to who calls it."""

import os
import shutil
import subprocess

import pytest
from conftest import COMMAND, NOBODY, PROGRAMS, install, skip, timens

SURROUNDINGS = str(PROGRAMS / "surroundings")
WAYS = {
    "shifted": ["run", "--uptime", "49d"],
    "in a user namespace": ["run", "--uptime", "49d", "--userns", "always"],
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_nothing_reaches_the_program_unasked(way):
    done = timens(*way, "--", SURROUNDINGS, check=True, env={"ONE": "1"}, close_fds=True)
    lines = done.stdout.splitlines()
    assert [line for line in lines if line.startswith("fd ")] == ["fd 0", "fd 1", "fd 2"]
    assert [line for line in lines if line.startswith("env ")] == ["env ONE=1"]


def test_privileges_are_as_by_exec():
    if os.geteuid() != 0:
        skip("without a user namespace it takes root")
    expected = subprocess.check_output([SURROUNDINGS, "quiet"], text=True)
    words = ("run", "--uptime", "49d", "--userns", "never", "--", SURROUNDINGS, "quiet")
    assert timens(*words, check=True).stdout == expected


def as_nobody(*words):
    return subprocess.run(
        words,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        user=NOBODY if os.geteuid() == 0 else None,
        group=NOBODY if os.geteuid() == 0 else None,
        extra_groups=[] if os.geteuid() == 0 else None,
    )


def test_user_namespace_lends_nothing_outside(reachable):
    done = as_nobody(install(reachable), "run", "--uptime", "49d", "--", SURROUNDINGS, "quiet")
    assert (done.returncode, done.stderr) == (0, "")
    for kind in ("Prm", "Eff", "Inh", "Amb"):
        assert f"Cap{kind}:\t{'0' * 16}\n" in done.stdout
    assert "sethostname EPERM" in done.stdout
    assert "setpriority EACCES" in done.stdout


@pytest.mark.parametrize("mode", [0o4755, 0o2755])
def test_setuid_is_refused(reachable, mode):
    if os.geteuid() != 0:
        skip("a set-uid file of another user takes root")
    command = reachable / "timens"
    shutil.copy(COMMAND, command)
    if os.statvfs(reachable).f_flag & os.ST_NOSUID:
        skip("the folder for temporary files is mounted nosuid")
    plain = as_nobody(command, "run", "--uptime", "49d", "--", "id", "-u")
    assert (plain.returncode, plain.stdout, plain.stderr) == (0, f"{NOBODY}\n", "")
    command.chmod(mode)
    done = as_nobody(command, "run", "--uptime", "49d", "--", "id", "-u")
    assert (done.returncode, done.stdout) == (125, "")
    assert done.stderr == (
        "timens: this is set-uid or set-gid, and would start any program with its owner's "
        "rights: chmod ug-s\n"
    )
    assert as_nobody(command, "--version").returncode == 125
