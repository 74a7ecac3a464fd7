# SPDX-License-Identifier: MIT
"""timens show: the clocks of processes."""

import contextlib
import json
import os
import subprocess
import sys
import time

import pytest
from conftest import COMMAND, NSEC, assert_fails, own_offsets, skip, timens

DAY = 86400 * NSEC
CLOCKS = ("boottime", "monotonic")
# Higher than any process id can be: the kernel's limit is 4194304.
NO_PROCESS = "4194305"


@contextlib.contextmanager
def running(*words):
    """A program that is past its exec, and answers until its stdin is closed."""
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdin.write(b"ready\n")
        process.stdin.flush()
        assert process.stdout.readline() == b"ready\n"
        yield process
        process.stdin.close()


def nanoseconds(clock, name):
    assert set(clock[name]) == {"sec", "nsec"}
    assert 0 <= clock[name]["nsec"] < NSEC
    return clock[name]["sec"] * NSEC + clock[name]["nsec"]


def show_json(*pids):
    return json.loads(timens("show", "--json", *map(str, pids), check=True).stdout)


def test_itself():
    rows = show_json()
    assert len(rows) == 1
    assert rows[0]["command"] == "timens"
    assert rows[0]["namespace"] == os.stat("/proc/self/ns/time").st_ino
    for name in CLOCKS:
        assert nanoseconds(rows[0][name], "offset") == own_offsets()[name]
        assert rows[0][name]["inside"] == rows[0][name]["outside"]


def test_itself_in_a_namespace():
    shift = ("run", "--boottime", "10d", "--monotonic", "-1ns")
    done = timens(*shift, COMMAND, "show", "--json", check=True)
    row = json.loads(done.stdout)[0]
    assert row["namespace"] != os.stat("/proc/self/ns/time").st_ino
    assert nanoseconds(row["boottime"], "offset") == own_offsets()["boottime"] + 10 * DAY
    assert nanoseconds(row["monotonic"], "offset") == own_offsets()["monotonic"] - 1
    # It is inside itself, so what it reads here is what it reads there.
    for name in CLOCKS:
        assert row[name]["inside"] == row[name]["outside"]


def test_a_process_in_a_namespace():
    words = ("run", "--boottime", "-1.5s", "--monotonic", "20d")
    with running(COMMAND, *words, "cat") as process:
        before = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        (row,) = show_json(process.pid)
        after = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        assert row["namespace"] == os.stat(f"/proc/{process.pid}/ns/time").st_ino
    assert (row["pid"], row["command"]) == (process.pid, "cat")
    assert nanoseconds(row["boottime"], "offset") == own_offsets()["boottime"] - NSEC * 3 // 2
    assert nanoseconds(row["monotonic"], "offset") == own_offsets()["monotonic"] + 20 * DAY
    assert before <= nanoseconds(row["boottime"], "outside") <= after
    for name, shift in (("boottime", -NSEC * 3 // 2), ("monotonic", 20 * DAY)):
        assert nanoseconds(row[name], "inside") - nanoseconds(row[name], "outside") == shift


def test_from_inside_another_namespace():
    if os.geteuid() != 0:
        skip("from inside a user namespace other processes cannot be looked at")
    shift = ("run", "--boottime", "5d 1ns", "--monotonic", "-0.3s")
    with running("cat") as process:
        words = (*shift, COMMAND, "show", "--json", str(process.pid))
        (row,) = json.loads(timens(*words, check=True).stdout)
    for name, ahead in (("boottime", 5 * DAY + 1), ("monotonic", -300_000_000)):
        assert nanoseconds(row[name], "offset") == own_offsets()[name]
        assert nanoseconds(row[name], "inside") - nanoseconds(row[name], "outside") == -ahead


def test_table():
    with running(COMMAND, "run", "--boottime", "100d", "cat") as process:
        done = timens("show", str(process.pid), str(os.getpid()), check=True)
    head, *lines = [line.split() for line in done.stdout.splitlines()]
    assert head == ["PID", "NAMESPACE", "CLOCK", "OFFSET", "OUTSIDE", "INSIDE", "SINCE", "COMMAND"]
    assert [line[0] for line in lines] == [str(process.pid)] * 2 + [str(os.getpid())] * 2
    assert [line[2] for line in lines] == [*CLOCKS, *CLOCKS]
    if own_offsets()["boottime"] == 0:
        assert lines[0][3] == "100d"
    assert lines[0][5].startswith("10")
    assert lines[0][8:] == ["cat"]


def test_since():
    before = int(time.time())
    words = ("run", "--boottime", "100d", "--monotonic", "3d", "cat")
    with running(COMMAND, *words) as process:
        (row,) = show_json(process.pid)
        done = timens("show", str(process.pid), check=True)
    assert before - 1 <= row["since"] <= time.time() + 1
    text = time.strftime("%Y-%m-%d %H:%M:", time.localtime(row["since"]))
    assert done.stdout.count(text) == 2


def test_columns_line_up():
    with running(COMMAND, "run", "--boottime", "12345d", "cat") as process:
        done = timens("show", str(process.pid), str(os.getpid()), check=True)
    lines = done.stdout.splitlines()
    assert len(lines) == 5
    column = lines[0].index("COMMAND")
    assert all(line[column - 1] == " " and line[column] != " " for line in lines)


@contextlib.contextmanager
def named(name):
    """A process that gave itself this name, of any bytes."""
    script = (
        "import sys; open('/proc/self/comm', 'wb').write(bytes.fromhex(sys.argv[1]))\n"
        "print(sys.stdin.readline(), end='', flush=True); sys.stdin.read()"
    )
    with running(sys.executable, "-c", script, name.hex()) as process:
        yield process


@pytest.mark.parametrize(
    ("name", "in_json", "in_table"),
    [
        (b'a "b"', 'a "b"', 'a "b"'),
        (b"back\\slash", "back\\slash", "back\\slash"),
        (b"two\nlines", "two\nlines", r"two\x0alines"),
        (b"ends\n", "ends\n", r"ends\x0a"),
        (b"\x1b[31mred", "\x1b[31mred", r"\x1b[31mred"),
        ("\N{GREEK SMALL LETTER MU}s".encode(),) + ("\N{GREEK SMALL LETTER MU}s",) * 2,
        (b"a\xff\xfez", "a\ufffd\ufffdz", r"a\xff\xfez"),
        (b"\xe2\x82", "\ufffd\ufffd", r"\xe2\x82"),
        (b"\xc0\xaf/", "\ufffd\ufffd/", r"\xc0\xaf/"),
        (b"\xed\xa0\x80", "\ufffd" * 3, r"\xed\xa0\x80"),
        (b"\xc2\x9b1m", "\x9b1m", r"\xc2\x9b1m"),
    ],
)
def test_names_of_any_bytes(name, in_json, in_table):
    with named(name) as process:
        assert show_json(process.pid)[0]["command"] == in_json
        lines = timens("show", str(process.pid), check=True).stdout.splitlines()
    assert len(lines) == 3
    assert lines[1].endswith(f"  {in_table}")


@pytest.mark.parametrize("words", [[], ["--json"]])
def test_one_of_several_fails(words):
    pid = str(os.getpid())
    done = timens("show", *words, pid, NO_PROCESS, pid)
    assert_fails(done, 1, f"timens show: read of the offsets of process {NO_PROCESS}", "No such")
    assert len(done.stderr.splitlines()) == 1
    if words:
        assert [row["pid"] for row in json.loads(done.stdout)] == [int(pid)] * 2
    else:
        assert len(done.stdout.splitlines()) == 5


def test_all_fail():
    assert timens("show", NO_PROCESS).stdout == ""
    done = timens("show", NO_PROCESS, "--json")
    assert_fails(done, 1, NO_PROCESS)
    assert json.loads(done.stdout) == []


def test_another_users_process(nobody):
    done = nobody.timens("show", str(os.getpid()))
    assert_fails(done, 1, "Permission denied", "ptrace(2)")


def test_options_after_the_pids():
    assert json.loads(timens("show", str(os.getpid()), "--json", check=True).stdout)


@pytest.mark.parametrize("word", ["abc", "0", "12x", "99999999999999999999", "", "+1"])
def test_no_process_id(word):
    done = timens("show", str(os.getpid()), word)
    assert_fails(done, 125, f"timens show: '{word}' is no process id")
    assert done.stdout == ""
