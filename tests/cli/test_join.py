# SPDX-License-Identifier: MIT
"""timens join: the clocks of a process that runs."""

import os
import subprocess
from contextlib import contextmanager

import pytest
from conftest import CLOCKS, COMMAND, NSEC, assert_fails, assert_shifted, skip, timens, wait_for

DAY = 86400 * NSEC
NO_PROCESS = "4194305"


@contextmanager
def running(*options):
    """A program ten days ahead."""
    words = (COMMAND, "run", "--boottime", "10d", "--monotonic", "-1.5s", *options, "cat")
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdin.write(b"ready\n")
        process.stdin.flush()
        assert process.stdout.readline() == b"ready\n"
        yield process


@pytest.fixture
def sleeper():
    if os.geteuid() != 0:
        skip("only root may join without a user namespace")
    with running() as process:
        yield process


@pytest.mark.parametrize("dashes", [[], ["--"]])
def test_clocks_are_the_others(sleeper, dashes):
    done = timens("join", str(sleeper.pid), *dashes, CLOCKS, check=True)
    assert_shifted(done.stdout, 10 * DAY, -NSEC * 3 // 2)


def test_same_namespace(sleeper):
    done = timens("join", str(sleeper.pid), "readlink", "/proc/self/ns/time", check=True)
    assert done.stdout.strip() == os.readlink(f"/proc/{sleeper.pid}/ns/time")


def test_no_wrapper_stays(sleeper):
    with subprocess.Popen(
        [COMMAND, "join", str(sleeper.pid), "sh", "-c", "echo $$ $PPID; exit 7"],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        output, _ = process.communicate(timeout=60)
    assert output.split() == [str(process.pid), str(os.getpid())]
    assert process.returncode == 7


def test_options(sleeper, tmp_path):
    options = ("--cwd", tmp_path, "--clear-env", "--env", "A=1")
    done = timens("join", *options, str(sleeper.pid), "/bin/sh", "-c", "pwd; echo $A", check=True)
    assert done.stdout.split() == [str(tmp_path.resolve()), "1"]


def test_unprivileged(nobody):
    words = [*nobody.words, nobody.command, "run", "--boottime", "10d", "sleep", "600"]
    with subprocess.Popen(words, cwd="/") as process:
        try:
            wait_for(lambda: os.readlink(f"/proc/{process.pid}/exe").endswith("sleep"))
            done = nobody.timens("join", str(process.pid), nobody.clocks)
        finally:
            process.kill()
    assert (done.returncode, done.stderr) == (0, "")
    assert_shifted(done.stdout, 10 * DAY, 0)


def test_another_users_process(nobody):
    done = nobody.timens("join", str(os.getpid()), "true")
    assert_fails(done, 125, f"process {os.getpid()}: ", "CAP_SYS_ADMIN")


@pytest.mark.parametrize(
    ("words", "texts"),
    [
        ([], ["no process id given", "PID [--] CMD"]),
        (["1x", "true"], ["'1x' is no process id"]),
        ([NO_PROCESS, "true"], [NO_PROCESS, "No such process"]),
        (["1"], ["no program given"]),
        (["1", "--"], ["no program given"]),
        (["--uptime", "1d", "1", "true"], ["unknown option '--uptime'"]),
        (["1", "--cwd", "/", "true"], ["'--cwd' stands after the process id; options go before"]),
    ],
)
def test_bad_words(words, texts):
    assert_fails(timens("join", *words), 125, "timens join: ", *texts)


def test_program_not_found():
    # In a user namespace of its own, which its user may enter: anyone runs this.
    with running("--userns", "always") as program:
        done = timens("join", str(program.pid), "no-such-program")
    assert_fails(done, 127, "'no-such-program'")
