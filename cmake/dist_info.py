# SPDX-License-Identifier: MIT
"""Writes what importlib.metadata and pytest look for, as pip does it from a wheel.

dist_info.py SOURCE VERSION FOLDER: from SOURCE/pyproject.toml.
"""

import sys
import tomllib
from pathlib import Path

source, version, folder = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
project = tomllib.loads((source / "pyproject.toml").read_text())["project"]

metadata = f"""\
Metadata-Version: 2.1
Name: {project["name"]}
Version: {version}
Summary: {project["description"]}
Requires-Python: {project["requires-python"]}
"""
groups = (
    f"[{group}]\n" + "".join(f"{name} = {target}\n" for name, target in rows.items())
    for group, rows in project["entry-points"].items()
)

folder.mkdir(exist_ok=True)
(folder / "METADATA").write_text(metadata)
(folder / "entry_points.txt").write_text("\n".join(groups))
(folder / "INSTALLER").write_text("cmake\n")
