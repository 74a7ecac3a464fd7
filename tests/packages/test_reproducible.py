# SPDX-License-Identifier: MIT
"""All of build/dist once more, by another user's habits in another folder: the same bytes."""

import os
import subprocess

import pytest
from conftest import DIST, SOURCE, VERSION, output

# What would show if it got in.
HABITS = {"TZ": "Asia/Kathmandu", "LC_ALL": "C", "LANG": "C", "USER": "somebody"}


@pytest.fixture(scope="module")
def again(tmp_path_factory):
    """A copy of the tree in a repository of its own, whose files are new and have another mode."""
    copy = tmp_path_factory.mktemp("a-much-longer-name-of-a-folder")
    epoch = output("git", "-C", SOURCE, "log", "-1", "--format=%ct").strip()
    env = os.environ | HABITS | {"SOURCE_DATE_EPOCH": os.environ.get("SOURCE_DATE_EPOCH", epoch)}
    script = """
    set -e
    umask 027
    git ls-files -z --cached --others --exclude-standard | tar -c --null -T - | tar -xm -C "$1"
    cd "$1"
    git init -q
    git add -A
    scripts/dist out
    archive=out/timens-$2.tar.gz
    python scripts/wheel.py "$archive" out
    lua/rock/pack "$archive" out
    scripts/debs "$archive" out
    """
    subprocess.run(["sh", "-c", script, "sh", copy, VERSION], check=True, cwd=SOURCE, env=env)
    return copy / "out"


def names():
    return sorted(path.name for path in DIST.iterdir() if not path.name.startswith("."))


@pytest.mark.parametrize("name", names())
def test_same_bytes(again, name):
    assert (again / name).read_bytes() == (DIST / name).read_bytes()


def test_same_names(again):
    assert sorted(path.name for path in again.iterdir()) == names()
