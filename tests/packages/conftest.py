# SPDX-License-Identifier: MIT
"""What is published, from build/dist, and what is asked of each of them once it is installed."""

import os
import re
import subprocess
import time
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2]
DIST = SOURCE / "build/dist"
EXAMPLES = SOURCE / "examples"
SHIFT = "49d17h2m47s"
SHIFT_SECONDS = 49 * 86400 + 17 * 3600 + 2 * 60 + 47


def output(*command, **how):
    """What a command that must succeed prints; all of it, if it does not."""
    how = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | how
    done = subprocess.run(command, text=True, check=False, **how)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


VERSION = output(SOURCE / "scripts/version").strip()
ARCHIVE = DIST / f"timens-{VERSION}.tar.gz"


def skip(reason):
    if os.environ.get("TIMENS_REQUIRE") == "1":
        pytest.fail(f"TIMENS_REQUIRE=1, but {reason}")
    pytest.skip(reason)


def starts(*starter, **how):
    """`starter` is examples/demo/start in some language, or the command: it starts a program whose
    boottime is later by as much as was asked for."""
    before = time.clock_gettime(time.CLOCK_BOOTTIME)
    inside = float(output(*starter, SHIFT, "cat", "/proc/uptime", **how).split()[0])
    after = time.clock_gettime(time.CLOCK_BOOTTIME)
    assert before - 0.02 <= inside - SHIFT_SECONDS <= after


@pytest.fixture(scope="session")
def tree(tmp_path_factory):
    """The source archive, unpacked."""
    folder = tmp_path_factory.mktemp("source")
    output("tar", "-xzf", ARCHIVE, "-C", folder)
    return folder / f"timens-{VERSION}"


@pytest.fixture(scope="session")
def bare():
    """The environment of somebody who has no venv, and with that no SWIG, of ours."""
    return {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent", "LC_ALL": "C.UTF-8"}


@pytest.fixture
def root(request):
    """A minimal Debian."""
    from roots import CACHE, Root

    if os.geteuid() != 0:
        skip("a root directory with a system in it takes root")
    made = Root(CACHE / "roots" / re.sub(r"\W", "-", request.node.name))
    yield made
    made.remove()
