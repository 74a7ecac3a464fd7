# SPDX-License-Identifier: MIT
"""Builds the sdist, and from it the wheel, as they are published; checks what can be seen in them.

wheel.py OUTPUT: as a user's `pip install` does it: with nothing of this machine but a compiler;
SWIG, CMake and Ninja come from the package index.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SOURCE = Path(__file__).parent.parent
OUTPUT = Path(sys.argv[1]).resolve()
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
    call(sys.executable, "-m", "build", "--outdir", work / "built", SOURCE, env=env)
    return work / "built"


def main():
    shutil.rmtree(OUTPUT, ignore_errors=True)
    OUTPUT.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as name:
        built = build(Path(name))
        (wheel,) = built.glob("*.whl")
        (sdist,) = built.glob("*.tar.gz")
        # Names the oldest systems that it runs on; would bring libraries in, if it needed any.
        call(sys.executable, "-m", "auditwheel", "repair", "-w", OUTPUT, wheel)
        shutil.copy(sdist, OUTPUT)
    (wheel,) = OUTPUT.glob("*.whl")
    call(sys.executable, "-m", "abi3audit", "--strict", "--summary", wheel)
    call(sys.executable, "-m", "twine", "check", "--strict", *OUTPUT.iterdir())
    print("wheel:", *sorted(path.name for path in OUTPUT.iterdir()))


main()
