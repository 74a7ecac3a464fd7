# SPDX-License-Identifier: MIT
"""examples/checkpoint: a job goes on elsewhere, and no clock jumps back."""

import subprocess

import pytest
from conftest import COMMAND, NSEC

CHECKPOINT = COMMAND.parents[1] / "examples/checkpoint"
AHEAD = (COMMAND, "run", "--boottime", "10d", "--monotonic", "20d")


def checkpoint(*words, within=()):
    return subprocess.run(
        [*within, CHECKPOINT, *words], capture_output=True, text=True, timeout=60, check=False
    )


def readings(state):
    rows = [line.split() for line in state.read_text().splitlines()]
    assert [row[0] for row in rows] == ["boottime", "monotonic"]
    return [int(sec) * NSEC + int(nsec) for _, sec, nsec in rows]


@pytest.fixture
def state(tmp_path):
    """Of a job that has stopped, with clocks that are ahead of everything outside."""
    file = tmp_path / "state"
    done = checkpoint("run", str(file), within=AHEAD)
    assert done.returncode == 0, done.stderr
    return file


def assert_goes_on(state, within=()):
    before = readings(state)
    done = checkpoint("go-on", str(state), within=within)
    assert done.returncode == 0, done.stdout + done.stderr
    for earlier, later in zip(before, readings(state), strict=True):
        # Not back, and not far ahead: the pause does not count.
        assert 0 <= later - earlier < 60 * NSEC


def test_without_help_a_clock_jumps_back(state):
    done = checkpoint("run", str(state))
    assert done.returncode == 1
    assert "jumped back" in done.stdout


def test_goes_on(state):
    assert_goes_on(state)
    assert_goes_on(state)


def test_goes_on_from_within_a_namespace(state):
    assert_goes_on(state, within=(COMMAND, "run", "--boottime", "3d", "--monotonic", "-1s"))
    assert_goes_on(state, within=AHEAD)
    assert_goes_on(state)


def test_nothing_to_go_on_from(tmp_path):
    done = checkpoint("go-on", str(tmp_path / "none"))
    assert done.returncode == 125
    assert "no state" in done.stderr
