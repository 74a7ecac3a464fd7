# SPDX-License-Identifier: MIT
"""docs/guide/install.md: each of its ways, in a minimal Debian that has nothing but the files."""

import re

import pytest
from conftest import DIST, EXAMPLES, SOURCE, VERSION

PAGE = (SOURCE / "docs/guide/install.md").read_text()
WAYS = dict(re.findall(r"^## ([^\n]*)\n+```sh[^\n]*\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))
# How it starts a program then.
STARTS = {
    "Debian 12": ["timens", "run", "--boottime"],
    "Python": ["/root/venv/bin/python", "/root/start.py"],
    "Lua": ["lua5.4", "/root/start.lua"],
    "From the source archive": ["timens", "run", "--boottime"],
}


def test_all_ways_are_there():
    assert WAYS.keys() == STARTS.keys()


@pytest.mark.parametrize("way", STARTS)
def test_way(root, way):
    root.copy(*(file for file in DIST.glob("*timens*")), *(EXAMPLES / "demo").glob("start.*"))
    root.apt("update")
    root.run("sh", "-eu", "-c", f"cd /root\n{WAYS[way]}")
    root.starts(*STARTS[way])


def test_versions():
    """The one that a project asks for is no later than this one."""
    (asked,) = re.findall(r"find_package\(timens ([\d.]+) ", PAGE)
    assert VERSION.startswith(f"{asked}.")
