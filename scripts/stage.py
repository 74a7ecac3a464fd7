# SPDX-License-Identifier: MIT
"""The Python package with the module of a CMake build, for PYTHONPATH: stage.py BUILD.

Links, so that files keep the names that they have in the tree.
"""

import os
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def stage(build: Path) -> Path:
    to = build / "python"
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(
        ROOT / "python",
        to,
        copy_function=os.symlink,
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    for module in (build / "swig").glob("_timens.*so"):
        (to / "timens" / module.name).symlink_to(module)
    return to


if __name__ == "__main__":
    print(stage(Path(sys.argv[1]).resolve()))
