# SPDX-License-Identifier: MIT
"""timens completion: what the shells are told, and that they can read it."""

import json
import os
import re
import shutil
import subprocess

import pytest
from conftest import COMMAND, assert_fails, skip, timens

COMMANDS = (
    *((), ("run",), ("sweep",), ("sweep", "merge"), ("show",), ("join",), ("points",)),
    *(("check",), ("oci",), ("completion",)),
)
POINTS = [point["name"] for point in json.loads(timens("points", "--json").stdout)]


def words(*typed):
    lines = timens("completion", "--words", "--", *typed, check=True).stdout.splitlines()
    return [line.split("\t")[0] for line in lines]


def options_in_help(*command):
    text = timens(*command, "--help", check=True).stdout
    return re.findall(r"^  (?:-\w, )?(--[a-z-]+)", text, re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_of_the_help(command):
    found = options_in_help(*command)
    assert "--help" in found
    assert words(*command, "--") == found


def test_subcommands():
    assert words("") == [c[0] for c in COMMANDS if len(c) == 1]
    assert words("sw") == ["sweep"]
    assert words("sweep", "m") == ["merge", ":program 2"]


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        (["run", "--userns", ""], ["auto", "never", "always"]),
        (["run", "--userns", "=", "n"], ["never"]),
        (["run", "--userns", "="], ["auto", "never", "always"]),
        (["run", "--cwd", ""], [":directories"]),
        # What bash makes of --env A=1, --env A=b:c@d, --uptime @49d and --uptime=@49d.
        (["run", "--env", "A", "=", "1", "--userns", "n"], ["never"]),
        (["run", "--env", "A", "=", "b", ":", "c", "@", "d", "ca"], [":program 10"]),
        (["run", "--uptime", "@", "49d", "ca"], [":program 5"]),
        (["run", "--uptime", "=@", "49d", "--user"], ["--userns"]),
        (["run", "--env", "A", "=", "--user"], ["--userns"]),
        (["run", "--env", "A", "=", "x"], []),
        (["run", "--uptime", "@"], []),
        (["run", "--boottime", ""], []),
        (["run", "--boottime", "1d", "ca"], [":program 4"]),
        (["run", "--boottime", "1d", "--", "ca"], [":program 5"]),
        (["run", "--boottime", "1d", "cat", "--userns", ""], [":program 4"]),
        (["join", ""], []),
        (["join", "12", "--", "c"], [":program 4"]),
        (["join", "12", "cat", "-"], [":program 3"]),
        (["sweep", "-j", "4", "--junit", "x"], [":files"]),
        (["sweep", "merge", "x"], [":files"]),
        (["sweep", "--", "merge", ""], [":program 3"]),
        (["oci", "--uptime", "1d", ""], [":files"]),
        (["points", ""], POINTS),
        (["sweep", "--points", "u32-"], [p for p in POINTS if p.startswith("u32-")]),
        (["sweep", "--points", "fresh,m"], ["fresh,max"]),
        (["sweep", "--points", 30 * "fresh," + "m"], [30 * "fresh," + "max"]),
        (["completion", ""], ["bash", "fish", "zsh"]),
    ],
)
def test_words(typed, offered):
    assert words(*typed) == offered


def shell(name, *arguments, **how):
    path = shutil.which(name)
    if not path:
        skip(f"there is no {name} here")
    env = {**os.environ, "PATH": f"{os.path.dirname(COMMAND)}:{os.environ['PATH']}", **how}
    return subprocess.run(
        [path, *arguments], capture_output=True, text=True, timeout=60, check=True, env=env
    ).stdout


def test_bash():
    script = (
        'eval "$(timens completion bash)"; compopt() { echo "compopt $*"; };'
        'try() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _timens; '
        'echo "${COMPREPLY[@]}"; };'
        "try timens sw; try timens sweep --fail; try timens run --userns = a;"
        "try timens sweep --keep-output ''; try timens run --boottime 1d unshar"
    )
    lines = shell("bash", "--norc", "-c", script).splitlines()
    assert lines[:3] == ["sweep", "--fail-fast", "auto always"]
    assert lines[3] == "compopt -o dirnames"
    assert "unshare" in lines[-1].split()


def test_fish():
    script = "timens completion fish | source; complete -C 'timens sweep --points u32-ms,i'"
    lines = shell("fish", "--no-config", "-c", script).splitlines()
    found = {line.split("\t")[0] for line in lines}
    assert found == {"u32-ms,i32-ms", "u32-ms,i32-cs", "u32-ms,i32-s"}
    script = "timens completion fish | source; complete -C 'timens run --boottime 1d unshar'"
    assert "unshare" in shell("fish", "--no-config", "-c", script)


def test_zsh():
    # What _describe and _normal are given: the widget itself needs a terminal.
    script = (
        'compdef() { :; }; eval "$(timens completion zsh)";'
        "_describe() { print -l -- ${(P)2}; }; _normal() { print program $words[*]; };"
        "_files() { print files $*; };"
        'try() { words=("$@"); CURRENT=$#; _timens; };'
        "try timens sweep --fail; try timens run --boottime 1d cat x;"
        "try timens sweep --html ''; true"
    )
    lines = shell("zsh", "-f", "-c", script).splitlines()
    assert lines == ["--fail-fast:end all after the first failure", "program cat x", "files"]


def test_unknown_shell():
    assert_fails(timens("completion", "bahs"), 125, "unknown shell 'bahs'", "bash, fish and zsh")
    assert_fails(timens("completion"), 125, "give one shell")
