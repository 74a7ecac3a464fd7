# SPDX-License-Identifier: MIT
"""The rock by LuaRocks, in an empty tree. `make rock` runs the suite from there."""

import pytest
from conftest import DIST, EXAMPLES, VERSION, output, starts


@pytest.fixture
def luarocks(tmp_path, bare):
    env = bare | {"HOME": str(tmp_path)}
    options = ["--lua-version=5.4", f"--tree={tmp_path}/tree"]
    return lambda *words: output("luarocks", *options, *words, env=env, cwd=tmp_path)


def test_rock(luarocks, bare, tmp_path):
    luarocks("install", DIST / f"timens-{VERSION}-1.src.rock")
    tree = tmp_path / "tree"
    path = f"{tree}/share/lua/5.4/?.lua;{tree}/share/lua/5.4/?/init.lua"
    env = bare | {"LUA_PATH": path, "LUA_CPATH": f"{tree}/lib/lua/5.4/?.so"}
    starts("lua5.4", EXAMPLES / "demo/start.lua", env=env)
    assert output("lua5.4", "-e", "print(require('timens').VERSION)", env=env) == f"{VERSION}\n"
    luarocks("remove", "timens")
    assert not [file for file in tree.rglob("*timens*") if file.is_file()]
