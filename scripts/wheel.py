# SPDX-License-Identifier: MIT
"""Builds the wheel from the sdist, as it is published; checks what can be seen in them.

wheel.py SDIST OUTPUT: as a user's `pip install` does it: with nothing of this machine but a
compiler; CMake and Ninja come from the package index, and SWIG is not needed.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

SDIST, OUTPUT = (Path(word).resolve() for word in sys.argv[1:])
# What a build would take from the machine if it were there.
HIDDEN = ("cmake", "ctest", "ninja", "ninja-build", "swig", "swig4.0", "make", "gmake")


def call(*command, **how):
    print(
        "wheel:", *(Path(word).name if "/" in str(word) else word for word in command), flush=True
    )
    subprocess.run(command, check=True, **how)


def bare_path(folder):
    """A folder with the programs of this machine, but for the hidden ones."""
    for name in ("/usr/bin", "/bin"):
        for program in Path(name).iterdir():
            link = folder / program.name
            if program.name not in HIDDEN and not link.is_symlink():
                link.symlink_to(program)
    return str(folder)


def build(work):
    """The venv's own programs come in by their full path; PATH has none of them."""
    bare = work / "bin"
    bare.mkdir()
    env = os.environ | {"PATH": bare_path(bare)}
    env.pop("PYTHONPATH", None)
    pip = [sys.executable, "-m", "pip", "wheel", "-q", "--disable-pip-version-check", "--no-deps"]
    call(*pip, "-w", work / "built", SDIST, env=env)
    (wheel,) = (work / "built").iterdir()
    return wheel


def main():
    # Modes are in the wheel.
    os.umask(0o022)
    OUTPUT.mkdir(parents=True, exist_ok=True)
    for old in OUTPUT.glob("*.whl"):
        old.unlink()
    with tempfile.TemporaryDirectory() as name:
        # Names the oldest systems that it runs on; would bring libraries in, if it needed any.
        wheel = build(Path(name))
        call(sys.executable, "-m", "auditwheel", "repair", "-w", OUTPUT, wheel)
    (wheel,) = OUTPUT.glob("*.whl")
    call(sys.executable, "-m", "abi3audit", "--strict", "--summary", wheel)
    call(sys.executable, "-m", "twine", "check", "--strict", wheel, SDIST)


main()
