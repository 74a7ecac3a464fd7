# SPDX-License-Identifier: MIT
"""The wheel and the sdist by pip, each in an environment of its own.

`make wheel-check` runs the suite from the wheel.
"""

import sys

import pytest
from conftest import ARCHIVE, DIST, EXAMPLES, VERSION, output, starts


def environment(folder):
    output(sys.executable, "-m", "venv", folder)
    return folder / "bin/python"


def used(python, bare):
    starts(python, EXAMPLES / "demo/start.py", env=bare)
    told = output(
        python, "-c", "import timens; print(timens.__version__, timens.__file__)", env=bare
    )
    assert told.startswith(f"{VERSION} {python.parents[1]}")


@pytest.fixture
def pip(tmp_path):
    python = environment(tmp_path / "venv")
    return [python, "-m", "pip", "-q", "--disable-pip-version-check"]


def test_wheel(pip, bare):
    """With nothing but the file; and gone again."""
    (wheel,) = DIST.glob("*.whl")
    output(*pip, "install", "--no-index", wheel)
    used(pip[0], bare)
    output(*pip, "uninstall", "-y", "timens")
    assert not list(pip[0].parents[1].rglob("*timens*"))


def test_sdist(pip, bare, monkeypatch):
    """Without SWIG: it has what that makes."""
    monkeypatch.setenv("PATH", bare["PATH"])
    output(*pip, "install", ARCHIVE)
    used(pip[0], bare)
