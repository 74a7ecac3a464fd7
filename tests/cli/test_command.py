# SPDX-License-Identifier: MIT
"""What all subcommands share: help, version, unknown words, output that cannot be written."""

import os
import socket
import subprocess

import pytest
from conftest import COMMAND, assert_fails, timens

SUBCOMMANDS = ("run", "sweep", "show", "join", "points", "check", "oci", "completion")


@pytest.mark.parametrize("words", [[], *[[name] for name in SUBCOMMANDS], ["sweep", "merge"]])
def test_help(words):
    text = timens(*words, "--help", check=True).stdout
    lines = text.splitlines()
    assert lines[0].startswith("The wall clock and the speed of time are not changed")
    assert lines[2].startswith(" ".join(["Usage: timens", *words]))
    assert text.endswith("\n")
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80


def test_help_lists_the_subcommands():
    lines = [line.split() for line in timens("--help", check=True).stdout.splitlines()]
    listed = [line[0] for line in lines if line and line[0] in SUBCOMMANDS]
    assert listed == list(SUBCOMMANDS)


def test_help_comes_before_later_mistakes():
    done = timens("run", "--help", "--boottime", "bad", check=True)
    assert "Usage: timens run" in done.stdout


def test_version():
    name, version = timens("--version", check=True).stdout.split()
    assert name == "timens"
    assert len(version.split(".")) == 3


@pytest.mark.parametrize(
    ("words", "texts"),
    [
        ([], ["timens: no subcommand given", "timens --help"]),
        (["rum"], ["timens: unknown subcommand 'rum'", "did you mean run?"]),
        (["shwo"], ["did you mean show?"]),
        (["chek"], ["did you mean check?"]),
        (["xxxrun"], ["see timens --help"]),
        (["frobnicate"], ["'frobnicate'", "see timens --help"]),
        ([""], ["''", "see timens --help"]),
        (["49d17h", "--", "true"], ["'49d17h'", "did you mean run --uptime 49d17h?"]),
        (["@u32-ms-5s", "true"], ["did you mean run --uptime @u32-ms-5s?"]),
        (["x" * 5000], ["unknown subcommand 'xxx"]),
        (["\x1b[31m"], [r"'\x1b[31m'"]),
        (["--versoin"], ["timens: unknown option '--versoin'", "did you mean --version?"]),
        (["--boottime", "1d", "true"], ["unknown option '--boottime'"]),
        (["show", "--jsno"], ["timens show: unknown option '--jsno'", "did you mean --json?"]),
        (["check", "--json=yes"], ["timens check: --json takes no value"]),
        (["check", "-j"], ["timens check: unknown option '-j'"]),
    ],
)
def test_unknown_words(words, texts):
    done = timens(*words)
    assert_fails(done, 125, *texts)
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""


WRITERS = [
    ["--help"],
    ["--version"],
    ["run", "--help"],
    ["show"],
    ["show", "--json"],
    ["points"],
    ["points", "--json"],
    ["check"],
    ["check", "--json"],
]


@pytest.mark.parametrize("words", WRITERS)
def test_full_disk(words):
    with open("/dev/full", "w") as full:
        done = timens(*words, stdout=full)
    assert_fails(done, 125, "timens: write to standard output: No space left on device")


@pytest.mark.parametrize("words", WRITERS)
def test_closed_output(words):
    done = subprocess.run(
        ["sh", "-c", '"$0" "$@" >&-', COMMAND, *words],
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )
    assert_fails(done, 125, "timens: write to standard output: Bad file descriptor")


def writes_of(stream, *words):
    """Each write to this stream arrives as a packet of its own."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours:
        with theirs:
            streams = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, stream: theirs}
            subprocess.run([COMMAND, *words], timeout=60, check=False, **streams)
        return list(iter(lambda: ours.recv(1 << 20), b""))


def test_output_is_one_write():
    (text,) = writes_of("stdout", "show", *[str(os.getpid())] * 200)
    assert len(text.splitlines()) == 401
    assert text.endswith(b"\n")


def test_messages_are_whole_lines():
    text, caret = writes_of("stderr", "run", "--boottime", "1x", "true")[-2:]
    assert text == b"  1x\n"
    assert caret == b"   ^\n"
    (message,) = writes_of("stderr", "show", "--jsno")
    assert message.endswith(b"did you mean --json?\n")
