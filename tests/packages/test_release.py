# SPDX-License-Identifier: MIT
"""make release refuses what is not to be released, and says why."""

import os
import re
import subprocess

import pytest
from conftest import SOURCE, VERSION, output

NAMES = ["-c", "user.name=somebody", "-c", "user.email=somebody@localhost"]


@pytest.fixture
def repository(tmp_path):
    """As much of the tree as the checks look at, dated and committed."""
    for name in ("scripts/release", "scripts/version", "core/include/timens.h", "CHANGELOG.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes((SOURCE / name).read_bytes())
    for script in (tmp_path / "scripts").iterdir():
        script.chmod(0o755)
    output("git", "init", "-q", tmp_path)
    head(tmp_path, f"## {VERSION} (2026-11-27)")
    return tmp_path


def head(repository, heading):
    changes = repository / "CHANGELOG.md"
    changes.write_text(re.sub(r"^## .*", heading, changes.read_text(), count=1, flags=re.MULTILINE))
    commit(repository)


def commit(repository):
    output("git", "-C", repository, "add", "-A")
    output("git", "-C", repository, *NAMES, "commit", "-q", "--allow-empty", "-m", "a change")


def refusal(repository):
    command = [repository / "scripts/release", "--check"]
    env = os.environ | {"LC_ALL": "C.UTF-8"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
    assert (done.returncode != 0) == bool(done.stderr)
    return done.stderr


def test_accepted(repository):
    assert refusal(repository) == ""
    output("git", "-C", repository, "tag", f"v{VERSION}")
    assert refusal(repository) == ""


@pytest.mark.parametrize("name", ["CHANGELOG.md", "new.c"])
def test_tree_not_clean(repository, name):
    with (repository / name).open("a") as file:
        file.write("more\n")
    assert name in refusal(repository) and "not committed" in refusal(repository)


@pytest.mark.parametrize("date", ["", " (not yet released)", " (soon)", " (2026-11-27) or so"])
def test_no_date(repository, date):
    head(repository, f"## {VERSION}{date}")
    assert f"no date for {VERSION}" in refusal(repository)


def test_no_section(repository):
    head(repository, f"## {VERSION}1 (2026-11-27)")
    assert f"core/include/timens.h has {VERSION}" in refusal(repository)


def test_released_already(repository):
    output("git", "-C", repository, "tag", f"v{VERSION}")
    commit(repository)
    assert f"v{VERSION} is a tag of another commit" in refusal(repository)
