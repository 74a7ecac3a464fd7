# SPDX-License-Identifier: MIT
"""The manual has each option and subcommand that the command has, and no other."""

import re
from pathlib import Path

import pytest
from conftest import timens
from test_completion import COMMANDS, options_in_help

MAN = Path(__file__).parents[2] / "docs/man"


def page(*commands):
    sweep = commands[:1] == ("sweep",)
    return (MAN / ("timens-sweep.1" if sweep else "timens.1")).read_text()


def options_of(text):
    """Those that are macros' arguments; with the letters."""
    long = re.findall(r"\\-([a-z][a-z-]+)", text)
    letters = re.findall(r"Fl ([a-zA-Z])\b", text)
    return {f"--{name}" for name in long} | {f"-{letter}" for letter in letters}


def in_help(*command):
    text = timens(*command, "--help", check=True).stdout
    letters = re.findall(r"^  (-\w), --", text, re.MULTILINE)
    return {*options_in_help(*command), *letters}


@pytest.mark.parametrize("sweep", [True, False])
def test_options(sweep):
    commands = [command for command in COMMANDS if (command[:1] == ("sweep",)) == sweep]
    expected = set().union(*(in_help(*command) for command in commands))
    assert options_of(page(*commands[0])) == expected


def test_subcommands():
    listed = re.findall(r"^\.Ss timens (.*)$", page(), re.MULTILINE)
    assert sorted(listed) == sorted(command[0] for command in COMMANDS if len(command) == 1)


@pytest.mark.parametrize("command", [("run",), ("join",), ("sweep",), ("check",)])
def test_exit_statuses(command):
    text = timens(*command, "--help", check=True).stdout
    statuses = re.findall(r"\b(12[567])\b", text)
    assert statuses
    for status in statuses:
        assert f".It {status}\n" in page(*command)
