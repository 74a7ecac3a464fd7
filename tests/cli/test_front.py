# SPDX-License-Identifier: MIT
"""The quick half of the command: where it finds the rest, and that it does not load anything."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import COMMAND, assert_fails, install, skip

PT_INTERP = 3


def segment_types(path):
    """Of a 64-bit ELF file: what its program headers are."""
    image = Path(path).read_bytes()
    assert image[:5] == b"\x7fELF\x02"
    start = int.from_bytes(image[32:40], "little")
    size, count = (int.from_bytes(image[at : at + 2], "little") for at in (54, 56))
    return [int.from_bytes(image[at : at + 4], "little")
            for at in range(start, start + size * count, size)]  # fmt: skip


@pytest.fixture
def installed(tmp_path):
    command = Path(install(tmp_path))
    if not (tmp_path / "libexec").exists():
        skip("there is no quick half: it was built without musl")
    return command


def run(*words, **how):
    return subprocess.run(words, capture_output=True, text=True, timeout=60, check=False, **how)


def test_it_loads_nothing():
    if not (COMMAND.parents[1] / "libexec").exists():
        skip("there is no quick half: it was built without musl")
    assert PT_INTERP in segment_types("/usr/bin/env")
    assert PT_INTERP not in segment_types(COMMAND)


def test_an_installation_may_be_moved(installed, tmp_path):
    moved = tmp_path / "moved"
    moved.mkdir()
    for name in ("bin", "libexec"):
        shutil.move(tmp_path / name, moved)
    done = run(moved / "bin" / installed.name, "points")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("POINT")


def test_through_a_link_and_path(installed, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/clocks-tool").symlink_to(installed)
    path = f"{tmp_path}/elsewhere:{os.environ['PATH']}"
    done = run("sh", "-c", "clocks-tool points", env={"PATH": path})
    assert (done.returncode, done.stderr) == (0, "")


def test_without_the_rest(installed, tmp_path):
    shutil.rmtree(tmp_path / "libexec")
    rest = tmp_path / "libexec/timens/timens"
    for words in (["points"], ["--help"], []):
        done = run(installed, *words)
        assert_fails(done, 125, f"timens: {installed.parent}/../libexec/timens/timens: No such")
        assert not rest.exists()
    assert run(installed, "run", "--uptime", "1d", "true").returncode == 0
    assert "Usage: timens run" in run(installed, "run", "--help").stdout


def test_it_hands_over_all_it_was_given(installed, tmp_path):
    rest = tmp_path / "libexec/timens/timens"
    rest.write_text('#!/bin/sh\nprintf "<%s>" "$@"; cat; exit 7\n')
    words = ("show", "two words", "", "--", "-x")
    done = run(installed, *words, input="input")
    assert done.stdout == "<show><two words><><--><-x>input"
    assert done.returncode == 7


D = ("--boottime", "1d")
RUN_WORDS = [
    *(["--u", "1d", "true"], ["--clear", *D, "/usr/bin/env"], ["--kill", *D, "true"]),
    *(["--userns"], ["--help"], ["--help=1"], ["-h"], ["-hx"], ["-x"], ["-"], ["--"], []),
    *(["--=x"], ["--bo\udcff", "1", "true"], ["--clear-env=1", "true"], [*D, "--", "-x"]),
    *(["--boottime=", "true"], ["--boottime", "", "true"], ["--boottime", "\x1b[31m", "true"]),
    *(["--uptime", "1e5", "true"], ["--uptime", "@nope", "true"], ["--userns", "x", "true"]),
    *([*D, "--env", "A_B_C", "true"], [*D, "--cwd", "", "true"], [*D, "--cwd", "/no/such", "true"]),
    *([*D, "/"], [*D, "/etc/passwd/x"], [*D, "x" * 5000], [*D, "sh", "-c", "echo a; exit 3"]),
]
JOIN_WORDS = [[], ["1"], ["x"], ["0", "true"], ["-1", "true"], ["--", "1"], ["--cwd"], ["9" * 11]]


@pytest.mark.parametrize(
    "words", [*(["run", *w] for w in RUN_WORDS), *(["join", *w] for w in JOIN_WORDS)]
)
def test_both_halves_say_the_same(words):
    """Each is linked with another C library, and parses with that one's getopt_long."""
    rest = COMMAND.parents[1] / "libexec/timens/timens"
    if not rest.exists():
        skip("there is no quick half: it was built without musl")
    quick, whole = (run(half, *words, stdin=subprocess.DEVNULL) for half in (COMMAND, rest))
    assert quick.returncode == whole.returncode
    assert (quick.stdout, quick.stderr) == (whole.stdout, whole.stderr)


@pytest.mark.parametrize("half", ["bin/timens", "libexec/timens/timens"])
@pytest.mark.parametrize("mode", [0o4755, 0o2755])
def test_neither_half_runs_with_rights_of_another(nobody, half, mode):
    program = nobody.directory / half
    if not program.exists():
        skip("there is no quick half: it was built without musl")
    if os.statvfs(program).f_flag & os.ST_NOSUID:
        skip("the folder for temporary files is mounted nosuid")
    words = (*nobody.words, program, "run", "--uptime", "49d", "true")
    assert run(*words, cwd="/").returncode == 0
    program.chmod(mode)
    assert_fails(run(*words, cwd="/"), 125, "timens: this is set-uid or set-gid", "chmod ug-s")
