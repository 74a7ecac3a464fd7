# SPDX-License-Identifier: MIT
"""scripts/env, which the pages tell the reader to use."""

import subprocess

import pytest
from conftest import TREE

VARIABLES = ["LUA_PATH", "LUA_CPATH", "CPATH", "LIBRARY_PATH", "LD_LIBRARY_PATH", "MANPATH"]


def after_env(folder, **variables):
    """What sh says and has set then, in a folder, with nothing set but these."""
    done = subprocess.run(
        ["sh", "-c", f". '{TREE}/scripts/env'; echo $? >&2; set"],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", **variables},
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [line.partition("=") for line in done.stdout.splitlines()]
    return done.stderr, {name: value.strip("'") for name, _, value in lines}


def test_it_leaves_nothing_else_behind(tmp_path):
    _, before = after_env(tmp_path)
    said, after = after_env(TREE)
    assert said == "0\n"
    assert sorted(after.keys() - before.keys()) == sorted(VARIABLES)


def test_in_another_folder_it_sets_nothing(tmp_path):
    said, after = after_env(tmp_path, LUA_PATH="x")
    assert "run this in the root of the tree" in said and said.endswith("\n1\n")
    assert (after["PATH"], after["LUA_PATH"]) == ("/usr/bin:/bin", "x")
    assert [name for name in VARIABLES if name in after] == ["LUA_PATH"]


@pytest.mark.parametrize("name", VARIABLES)
def test_what_was_set_stays(name):
    _, after = after_env(TREE, **{name: "/there"})
    assert after[name].startswith(str(TREE))
    assert after[name].replace(";", ":").endswith(":/there")


@pytest.mark.parametrize("name", ["LUA_PATH", "LUA_CPATH"])
def test_lua_finds_its_own(name):
    assert after_env(TREE)[1][name].endswith(";;")
