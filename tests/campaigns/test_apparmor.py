# SPDX-License-Identifier: MIT
"""The AppArmor profile of the command, as AppArmor's own parser reads it.

It takes AppArmor 4, which Debian has from 13 (trixie) on: that one is unpacked, and run by its own
loader. `make kernels` loads the profile and looks at what it does.
"""

import sys
from pathlib import Path

import pytest
from conftest import COMMAND

sys.path.insert(0, str(Path(__file__).parents[1]))
from apparmor import PROFILE, Parser

BUILD = COMMAND.parents[2]


@pytest.fixture(scope="session")
def parser():
    return Parser(BUILD / "apparmor")


def test_profile_is_understood(parser, tmp_path):
    done = parser.compile(PROFILE, tmp_path / "policy")
    assert (done.returncode, done.stderr) == (0, "")
    assert b"timens" in (tmp_path / "policy").read_bytes()


def test_profile_is_of_the_installed_command(parser):
    assert parser.names(PROFILE) == ["timens"]
    text = PROFILE.read_text()
    assert "profile timens /usr/{,local/}{bin,libexec/timens}/timens " in text


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  userns,\n", "  usernss,\n"),
        ("  userns,\n", "  userns\n"),
        ("file pux ", "file pqx "),
        ("abi <abi/4.0>", "abi <abi/4.x>"),
    ],
)
def test_mistakes_are_refused(parser, tmp_path, old, new):
    text = PROFILE.read_text()
    assert old in text
    (tmp_path / "profile").write_text(text.replace(old, new))
    assert parser.compile(tmp_path / "profile", tmp_path / "policy").returncode != 0
