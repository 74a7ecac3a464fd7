# SPDX-License-Identifier: MIT
"""The scripts that make manual and site are modules for the tests."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

TREE = Path(__file__).parents[2]
sys.path.insert(0, str(TREE / "scripts/docs"))


def skip(reason):
    if os.environ.get("TIMENS_REQUIRE") == "1":
        pytest.fail(f"skipped, which TIMENS_REQUIRE=1 forbids: {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def environment():
    """That of scripts/env, which the pages tell the reader to use."""
    shown = subprocess.run(
        ["sh", "-c", ". scripts/env && env -0"], cwd=TREE, capture_output=True, check=True
    ).stdout.decode()
    return dict(line.split("=", 1) for line in shown.split("\0") if line)


@pytest.fixture(scope="session")
def can_start():
    """The pages show what works where time namespaces do."""
    done = subprocess.run([os.environ["TIMENS_COMMAND"], "check"], capture_output=True, check=False)
    if done.returncode == 0:
        return
    skip("no time namespaces here")
