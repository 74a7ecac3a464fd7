# SPDX-License-Identifier: MIT
"""Every public function has a page of section 3, made from its comment in timens.h."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import TREE

MAN = Path(os.environ["TIMENS_COMMAND"]).parents[1] / "man/man3"
HEADER = (TREE / "core/include/timens.h").read_text(encoding="utf-8")
# What the linker lets out, which is not what the generator reads.
EXPORTED = re.findall(r"^\t(timens_\w+);", (TREE / "core/src/timens.map").read_text(), re.M)
PAGES = sorted([*MAN.glob("*.3"), *(TREE / "docs/man").iterdir()])


def as_text(page):
    command = ["mandoc", "-Tascii", "-Owidth=200", str(page)]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return re.sub(r".\x08", "", text)


def words(text):
    return re.findall(r"[\w@/]+", text)


def test_every_function_has_a_page():
    assert sorted(EXPORTED) == sorted(page.stem for page in MAN.glob("timens_*.3"))
    assert (MAN / "libtimens.3").exists()


@pytest.mark.parametrize("name", EXPORTED)
def test_page(name):
    page = as_text(MAN / f"{name}.3")
    comment, declared = re.search(
        rf"/\*((?:(?!\*/).)*)\*/\n(?:#define[^\n]*\n)*TIMENS_API ([^;]*\b{name}\([^;]*\));",
        HEADER,
        re.S,
    ).groups()
    synopsis = words(page[page.index("SYNOPSIS") : page.index("DESCRIPTION")])
    assert synopsis[-len(words(declared)) :] == words(declared)
    # Each word of the comment, in its order.
    said = words(re.sub(r"^ \*|…", "", comment, flags=re.M))
    shown = iter(words(page[page.index("DESCRIPTION") :]))
    missing = [word for word in said if word not in shown]
    assert not missing[:1], f"'{missing[0]}' is not where it was"


def test_overview_names_all():
    page = as_text(MAN / "libtimens.3")
    assert [name for name in EXPORTED if f"{name}(3)" not in page] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_lint(page):
    assert shutil.which("mandoc"), "scripts/deps test installs it"
    done = subprocess.run(
        ["mandoc", "-Tlint", "-Wwarning", str(page)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")
