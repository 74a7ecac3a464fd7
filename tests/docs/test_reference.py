# SPDX-License-Identifier: MIT
"""The references have all that is public."""

import re
import subprocess

import c_reference
import header
import lua_reference
import timens
from conftest import TREE

# They are subprocess's, and named in the text.
THEIRS = {"PIPE", "STDOUT", "DEVNULL", "CompletedProcess", "CalledProcessError"}
THEIRS |= {"SubprocessError", "TimeoutExpired", "__version__"}


def test_c():
    text = c_reference.page(header.read(TREE / "core/include/timens.h"))
    exported = re.findall(r"^\t(timens_\w+);", (TREE / "core/src/timens.map").read_text(), re.M)
    shown = re.findall(r"^\.\. c:function:: .*?(timens_\w+)\(", text, re.M)
    assert sorted(shown) == sorted(exported)
    constants = re.findall(
        r"^#define (TIMENS_[A-Z0-9_]+)[ \t]+\S", (TREE / "core/include/timens.h").read_text(), re.M
    )
    hidden = {"TIMENS_API", "TIMENS_VERSION"} | {name for name in constants if "VERSION_" in name}
    assert [name for name in constants if name not in text and name not in hidden] == []


def test_python():
    text = (TREE / "scripts/docs/python.rst").read_text(encoding="utf-8")
    shown = re.findall(r"^\.\. (?:auto\w+|data):: (\w+)", text, re.M)
    assert set(timens.__all__) - THEIRS <= set(shown)
    assert all(f"``{name}``" in text for name in THEIRS - {"__version__"})


def test_lua():
    source = TREE / "library/timens.lua"
    text = lua_reference.page(source)
    functions = re.findall(r"^function ([\w.:]+)\(", source.read_text(), re.M)
    assert len(functions) > 10
    assert [name for name in functions if f"### {name}(" not in text] == []
    options = re.findall(r"^---@field (\w+) ", source.read_text(), re.M)
    assert [name for name in options if f"| `{name}` |" not in text] == []


def test_example_of_the_header(tmp_path, environment, can_start):
    """The one at its head, as the body of a main."""
    parts = header.parts(header.read(TREE / "core/include/timens.h").intro)
    code = next(part.text for part in parts if isinstance(part, header.Code))
    program = (
        f"#include <stdio.h>\n#include <timens.h>\nint main(void)\n{{\n{code}\nreturn status;\n}}\n"
    )
    (tmp_path / "example.c").write_text(program)
    subprocess.run(
        ["cc", "-Wall", "-Werror", "example.c", "-ltimens", "-o", "example"],
        cwd=tmp_path,
        env=environment,
        check=True,
    )
    shown = subprocess.run(
        ["./example"], cwd=tmp_path, env=environment, check=True, capture_output=True, text=True
    ).stdout
    assert shown.startswith("up 7 weeks")
