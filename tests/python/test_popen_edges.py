# SPDX-License-Identifier: MIT
"""What nobody should hand to Popen, and what few do: as subprocess, to the letter."""

import os
import pathlib
import subprocess
import sys
from typing import Any

import pytest
import timens

ASKED: dict[str, Any] = {"boottime": 86400}
TRUE = ["true"]
NOWHERE = "/no/such/place"


class PathLike:
    def __init__(self, path: Any) -> None:
        self.path = path

    def __repr__(self) -> str:
        return f"PathLike({self.path!r})"

    def __fspath__(self) -> Any:
        return self.path


def outcome(popen: Any, args: Any, options: dict[str, Any]) -> tuple[Any, ...]:
    try:
        with popen(args, **options) as process:
            return ("exit", process.wait())
    except (Exception, SystemExit) as error:
        number, filename = getattr(error, "errno", None), getattr(error, "filename", None)
        return type(error), str(error), number, filename


COMMANDS: list[Any] = [
    [],
    "",
    b"",
    [""],
    None,
    5,
    [5],
    ["true", 5],
    ["true", "a\0b"],
    ["tr\0ue"],
    ["/"],
    ["/etc/passwd"],
    ["./nosuch"],
    ["no-such-program"],
    ("true",),
    {"true": 1},
    {"true"},
    bytearray(b"true"),
    memoryview(b"true"),
    "true false",
    b"true",
    ["\ud800"],
    ["true", "\udc80"],
    PathLike("/bin/true"),
    [PathLike(b"/bin/true")],
    PathLike(3),
    [PathLike(3)],
]


@pytest.mark.parametrize("args", COMMANDS, ids=repr)
def test_commands(args: Any) -> None:
    expected = outcome(subprocess.Popen, args, {})
    assert outcome(timens.Popen, args, ASKED) == expected


SHELLS: list[Any] = [
    "exit 3",
    b"exit 3",
    ["exit 4", "a"],
    PathLike("exit 3"),
    [],
    "",
    5,
    ("exit 3",),
]


@pytest.mark.parametrize("args", SHELLS, ids=repr)
def test_shells(args: Any) -> None:
    options = {"shell": True}
    expected = outcome(subprocess.Popen, args, options)
    assert outcome(timens.Popen, args, options | ASKED) == expected


OPTIONS: dict[str, list[Any]] = {
    "executable": [NOWHERE, "", b"", 5, "a\0b", PathLike("/bin/true"), b"/bin/false"],
    "cwd": [NOWHERE, b"/no", 5, "a\0b", "", pathlib.Path(NOWHERE), "/etc/passwd", PathLike(b"/")],
    "env": [
        {"A=B": "c"},
        {"A": 5},
        {5: "c"},
        {"A": "a\0b"},
        {"A\0": "a"},
        [],
        5,
        {"": "x"},
        {},
        {b"A": "b"},
        {"PATH": "/none"},
        {"PATH": ""},
    ],
    "umask": ["x", 1.5, -5, 0o7777, 2**31, -(2**31) - 1, 2**70, None, True],
    "process_group": ["x", 1.5, 0, -1, -7, 999999, None],
    "user": ["no-such-user", -1, 1.5, 2**70],
    "group": ["no-such-group", -1, 1.5, 2**70],
    "extra_groups": ["x", 5, [-1], [2**33], [1.5], ["no-such-group"], range(70000)],
    "pass_fds": [[99], [-1], ["x"], [0, 0, 1], 5, [1.5], [2**40], [True], (2, 1, 0)],
    "stdin": [99, -7, "x", 1.5, 2**40, subprocess.STDOUT],
    "stdout": [99, -7, subprocess.STDOUT, 2**40],
    "stderr": [subprocess.STDOUT, 99],
    "bufsize": ["x", None, 0, 1],
    "pipesize": ["x", -7],
    "encoding": ["no-such-encoding"],
    "startupinfo": [1],
    "creationflags": [1],
    "close_fds": ["x", [], None, 2],
    "restore_signals": [0, 7],
    "start_new_session": [0, 7],
    "preexec_fn": [5, os.getpid],
    "no_such_option": [1],
}
CASES = [(name, value) for name, values in OPTIONS.items() for value in values]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("name", "value"), CASES, ids=repr)
def test_options(name: str, value: Any) -> None:
    options = {name: value}
    if name in ("pipesize", "encoding"):
        options["stdout"] = subprocess.PIPE
    expected = outcome(subprocess.Popen, TRUE, options)
    assert outcome(timens.Popen, TRUE, options | ASKED) == expected


@pytest.mark.parametrize("name", ["user", "group"])
def test_the_id_that_changes_nothing(name: str) -> None:
    """setreuid and setregid take -1 for that."""
    ids = [sys.executable, "-c", "import os; print(*os.getresuid(), *os.getresgid())"]
    options: dict[str, Any] = {name: 2**32 - 1}
    same = timens.run(ids, capture_output=True, **options, **ASKED)
    assert same.stdout == timens.run(ids, capture_output=True, **ASKED).stdout
