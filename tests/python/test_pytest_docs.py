# SPDX-License-Identifier: MIT
"""The examples of docs/python/pytest.md run as they stand."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from plugin_helpers import command, environment

pytest_plugins = "pytester"

PAGE = Path(__file__).parents[2] / "docs/python/pytest.md"


@pytest.fixture
def examples(pytester: pytest.Pytester) -> list[Path]:
    blocks = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.M | re.S)
    paths = [pytester.path / f"test_example_{n}.py" for n in range(len(blocks))]
    for path, block in zip(paths, blocks, strict=True):
        path.write_text(block, encoding="utf-8")
    assert len(paths) == 3
    return paths


def test_examples_of_pytest(pytester: pytest.Pytester, examples: list[Path]) -> None:
    result = pytester.run(*command("--strict-markers"), timeout=120)
    result.assert_outcomes(passed=8)


def test_examples_of_unittest(examples: list[Path]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "unittest", examples[-1].stem],
        cwd=examples[-1].parent,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout
    assert "Ran 4 tests" in done.stdout
