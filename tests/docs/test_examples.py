# SPDX-License-Identifier: MIT
"""Each example of README.md and docs runs, and prints what stands below it.

A page's blocks run one after the other in one folder, which has examples/ of the tree:

- sh, python, lua: run; a block of `text` right below it is what it prints, with … for anything
- python pytest: run by pytest
- c NAME, yaml NAME, …: a file of that name, for the blocks below
- a block with run-by=FILE: that test runs it, such as an installation
- a block with as-root: run by root alone; others do the rest of the page, and skip that
- sh that is nothing but `make TARGET`: not run, since it takes its time; there is such a target
"""

import os
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from conftest import TREE, skip

# Run by a suite of their own.
ELSEWHERE = {
    "docs/lua.md": "tests/lua/lua_recipes_spec.lua",
    "docs/python/asyncio.md": "tests/python/test_asyncio.py",
    "docs/python/multiprocessing.md": "tests/python/test_multiprocessing.py",
    "docs/python/pytest.md": "tests/python/test_pytest_docs.py",
}
FENCE = re.compile(r"^```(?P<info>[^\n]*)\n(?P<text>.*?)^```$", re.M | re.S)
RUN = {
    "sh": ["sh", "-eu"],
    "python": ["python", "-W", "error"],
    "lua": ["lua5.4"],
    "python pytest": ["python", "-m", "pytest", "-q", "-p", "no:cacheprovider"],
}
SUFFIX = {"sh": ".sh", "python": ".py", "lua": ".lua", "python pytest": "_test.py"}
# Blocks that say something and do nothing; pycon is run by tests/python/test_docs.py.
STILL = {"text", "pycon"}


@dataclass
class Example:
    kind: str
    words: list[str]
    text: str
    line: int
    expected: str | None = field(default=None)


def examples_of(page):
    """With a text block right below as what is expected."""
    text = page.read_text(encoding="utf-8")
    found = []
    end = 0
    for match in FENCE.finditer(text):
        kind, *words = (match["info"].strip() or "text").split()
        if kind == "text" and found and not text[end : match.start()].strip():
            found[-1].expected = match["text"]
        else:
            line = text.count("\n", 0, match.start()) + 1
            found.append(Example(kind, words, match["text"], line))
        end = match.end()
    return found


def pages():
    found = [TREE / "README.md", *sorted((TREE / "docs").rglob("*.md"))]
    names = [str(path.relative_to(TREE)) for path in found]
    return [name for name in names if name not in ELSEWHERE and examples_of(TREE / name)]


def as_pattern(text):
    """How long a run took ("7.09s") is another time in each."""
    return re.sub(r"\d+\\\.\d\ds", r"\\d+\\.\\d\\ds", re.escape(text).replace("…", ".*"))


def run(example, folder, environment):
    kind = " ".join([example.kind, *example.words])
    name = f"block{example.line}{SUFFIX[kind]}"
    (folder / name).write_text(example.text, encoding="utf-8")
    done = subprocess.run(
        [*RUN[kind], name],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    expected = example.expected
    assert done.returncode == 0, f"line {example.line}: {done.stdout}{done.stderr}"
    if expected is not None and not re.fullmatch(as_pattern(expected), done.stdout, re.S):
        pytest.fail(f"line {example.line}: expected\n{expected}\nfound\n{done.stdout}")


def targets_of(example):
    """If it is nothing but make, or loads what that has built."""
    lines = [line.partition("#")[0].strip() for line in example.text.splitlines()]
    made = [line for line in lines if line and line != ". scripts/env"]
    if example.kind != "sh" or not all(line.startswith("make ") for line in made):
        return []
    return [word for line in made for word in line.split()[1:] if "=" not in word]


def assert_targets(names):
    text = (TREE / "Makefile").read_text(encoding="utf-8")
    # With those of a line that are continued on the next.
    known = re.sub(r"\\\n", " ", text)
    phony = " ".join(re.findall(r"^\.PHONY:(.*)$", known, re.M)).split()
    assert [name for name in names if name not in phony] == []


@pytest.mark.parametrize("name", pages())
def test_page(name, tmp_path, environment, can_start):
    (tmp_path / "examples").symlink_to(TREE / "examples")
    examples = examples_of(TREE / name)
    for_root = [example for example in examples if "as-root" in example.words]
    for example in for_root:
        example.words.remove("as-root")
    left_out = [example for example in for_root if os.geteuid() != 0 and example.kind not in STILL]
    for example in examples:
        if example in left_out:
            continue
        targets = targets_of(example)
        runner = [word.removeprefix("run-by=") for word in example.words if "run-by=" in word]
        if targets:
            assert_targets(targets)
        elif runner:
            assert (TREE / runner[0]).is_file(), f"line {example.line}: {runner[0]}"
        elif example.words and example.words != ["pytest"]:
            (tmp_path / example.words[0]).write_text(example.text, encoding="utf-8")
        elif example.kind in STILL:
            assert example.expected is None
        else:
            run(example, tmp_path, environment)
    if left_out:
        skip(f"it takes root: the block at line {left_out[0].line}")


@pytest.mark.parametrize("page", ELSEWHERE)
def test_page_elsewhere(page):
    runner = (TREE / ELSEWHERE[page]).read_text(encoding="utf-8")
    assert Path(page).name in runner and (TREE / page).exists()


def test_files_of_readme():
    """What it points to is in the tree."""
    text = (TREE / "README.md").read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)|src=\"([^\"]+)\"", text)
    files = {a or b for a, b in links if not (a or b).startswith("http")}
    assert len(files) > 10
    assert [name for name in sorted(files) if not (TREE / name).exists()] == []
