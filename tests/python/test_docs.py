# SPDX-License-Identifier: MIT
"""The examples of the documentation, as they stand there."""

import doctest
import os
import re
from pathlib import Path
from typing import Any

import pytest

DOCS = Path(__file__).parent.parent.parent / "docs"
PAGES = sorted(path for path in DOCS.rglob("*.md") if "```pycon" in path.read_text("utf-8"))


def examples_of(page: Path) -> doctest.DocTest:
    """All of a page: a later block may use what an earlier one has made.

    Blocks with as-root are for root alone.
    """
    text = page.read_text("utf-8")
    mark = "(?: as-root)?" if os.geteuid() == 0 else ""
    blocks = re.findall(rf"^```pycon{mark}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    test = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, page.name, str(page), 0)
    assert len(test.examples) >= len(blocks), "every block has an example"
    return test


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
def test_examples(page: Path) -> None:
    said: list[str] = []
    result: Any = doctest.DocTestRunner().run(examples_of(page), out=said.append)
    assert result.attempted > 0
    assert result.failed == 0, "".join(said)
    if os.geteuid() != 0 and "```pycon as-root" in page.read_text("utf-8"):
        pytest.skip("it takes root: the blocks with as-root")


def test_there_are_pages() -> None:
    assert PAGES
