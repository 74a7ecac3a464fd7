# SPDX-License-Identifier: MIT
"""timens sweep: the runs, and what becomes of them."""

import errno
import json
import os
import pty
import re
import signal
import subprocess
import threading
import time
from pathlib import Path

import pytest
from conftest import (
    CLOCKS,
    COMMAND,
    NSEC,
    assert_fails,
    parse_clocks,
    skip,
    timens,
    wait_for,
    with_filter,
)
from sweeps import POINTS, shell, sweep, sweep_json, table

FAILS_AT = 'test "$TIMENS_POINT" != {}'
FEW = ("--points", "fresh,u32-ms,i32-s", "--lead", "0s")


def nanoseconds(time):
    return time["sec"] * NSEC + time["nsec"]


def only_run(case):
    (run,) = case["runs"]
    return run


def is_running(pid):
    """A zombie does not run; whoever adopts it may leave it so."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


# -- What is run --


def test_every_point_once():
    suite, cases, found = sweep_json("--", CLOCKS, status=125)
    assert [name for name, _ in cases] == list(POINTS)
    for (name, lead), case in cases.items():
        clocks = parse_clocks(only_run(case)["output"])
        start = nanoseconds(POINTS[name]["reading"]) - 5 * NSEC * (name != "fresh")
        assert lead == (0 if name == "fresh" else 5)
        assert nanoseconds(case["start"]) == start
        assert 0 <= clocks.boottime_reading - start < 60 * NSEC
        assert 0 <= clocks.monotonic_reading - start < 60 * NSEC
    control = parse_clocks(only_run(suite["control"])["output"])
    assert 0 <= time.clock_gettime_ns(time.CLOCK_BOOTTIME) - control.boottime_reading < 60 * NSEC
    # It does not last until a point, but for the one where every clock begins.
    assert (found["passed"], found["ended_early"]) == (1, len(POINTS) - 1)


def test_control_differs_in_nothing_but_the_clocks():
    suite, cases, _ = sweep_json(
        *("--points", "u32-ms", "--lead", "0s", "--userns", "always"),
        *shell("readlink /proc/self/ns/user; id -u"),
    )
    assert suite["control"]["verdict"] == "passed"
    control = only_run(suite["control"])["output"].split()
    point = only_run(cases["u32-ms", 0])["output"].split()
    own = os.readlink("/proc/self/ns/user")
    assert own not in (control[0], point[0])
    assert control[1] == point[1] == str(os.getuid())


def test_environment():
    suite, cases, _ = sweep_json(
        *("--points", "u32-ms,fresh", "--lead", "1.5s"),
        *shell('echo "$TIMENS_POINT $TIMENS_LEAD $TIMENS_READING $OTHER"'),
        env={**os.environ, "OTHER": "kept", "TIMENS_POINT": "old"},
        status=125,
    )
    assert only_run(cases["u32-ms", 1])["output"] == "u32-ms 1.5 4294965.796 kept\n"
    assert only_run(cases["fresh", 0])["output"] == "fresh 0 0 kept\n"
    point, lead, reading, _ = only_run(suite["control"])["output"].split()
    assert (point, lead) == ("control", "0")
    assert abs(float(reading) - time.clock_gettime(time.CLOCK_BOOTTIME)) < 60


def test_leads():
    # A clock cannot be before zero, so what is left of the lead of `fresh` is one.
    for words in (("--lead", "1s,2h"), ("--lead", "1s", "--lead=2h")):
        _, cases, _ = sweep_json("--points", "fresh,u32-us", *words, "true", status=125)
        assert list(cases) == [("fresh", 0), ("u32-us", 1), ("u32-us", 4294)]
        assert cases["u32-us", 4294]["start"] == {"sec": 0, "nsec": 0}


def test_times_as_points():
    _, cases, _ = sweep_json("--points", "49d,@u32-ms+1h", "--lead", "1s", "--", CLOCKS, status=125)
    starts = [case["start"]["sec"] for case in cases.values()]
    assert starts == [49 * 86400 - 1, 4294967 + 3600 - 1]
    clocks = parse_clocks(only_run(cases["49d", 1])["output"])
    assert 0 <= clocks.boottime_reading - starts[0] * NSEC < 60 * NSEC


def test_blanks_between_points_and_leads():
    words = ("--points", "u32-ms, 49d 1s ,max", "--lead", "0s, 1s")
    _, cases, _ = sweep_json(*words, "true", status=125)
    assert list(cases) == [(name, lead) for name in ("u32-ms", "49d 1s", "max") for lead in (0, 1)]


def test_repeat():
    suite, cases, _ = sweep_json("--points", "u32-ms", "--repeat", "3", "true", status=125)
    assert [run["repeat"] for run in suite["control"]["runs"]] == [1, 2, 3]
    assert [run["repeat"] for run in cases["u32-ms", 5]["runs"]] == [1, 2, 3]


@pytest.mark.parametrize("jobs", [1, 3])
def test_jobs(tmp_path, jobs):
    script = f"cd {tmp_path}; touch $$.on; ls *.on | wc -l >> counts; sleep 0.1; rm $$.on"
    sweep("--jobs", str(jobs), "--lead", "0s", *shell(script))
    counts = [int(line) for line in (tmp_path / "counts").read_text().splitlines()]
    assert len(counts) == len(POINTS) + 1
    assert max(counts) == jobs


def test_unprivileged(nobody):
    done = nobody.timens("sweep", "--json", *FEW, "--", nobody.clocks)
    assert (done.returncode, json.loads(done.stdout)["passed"]) == (0, 3)


def test_a_program_of_the_name_of_the_subcommand(tmp_path):
    (tmp_path / "merge").write_text("#!/bin/sh\necho merged\n")
    (tmp_path / "merge").chmod(0o755)
    env = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    suite, _, _ = sweep_json(*FEW, "--", "merge", env=env)
    assert only_run(suite["control"])["output"] == "merged\n"
    assert_fails(timens("sweep", "merge", env=env), 125, "timens sweep merge: no report given")


# -- What came out --


def test_passed():
    done = sweep(*FEW, "true")
    assert table(done.stdout) == dict.fromkeys(("control", "fresh", "u32-ms", "i32-s"), "passed")
    assert done.stdout.endswith("3 passed, 0 failed.\n")
    assert sorted(line.split()[1].rstrip(",") for line in done.stderr.splitlines()) == [
        *("control", "fresh", "i32-s", "u32-ms")
    ]


def test_failed_at_one_point():
    script = f"for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo line $i; done; {FAILS_AT}"
    done = sweep(*FEW, *shell(script.format("u32-ms")), status=1)
    results = table(done.stdout)
    assert results == {"control": "passed", "fresh": "passed", "u32-ms": "FAILED",
                       "i32-s": "passed"}  # fmt: skip
    assert re.search(r"^u32-ms, 0s before: exit status 1 after \d+\.\d+s$", done.stdout, re.M)
    assert re.findall(r"^  \| line (\d+)$", done.stdout, re.M) == [str(i) for i in range(3, 13)]
    assert "2 passed, 1 failed. It fails at: u32-ms, 0s before." in done.stdout


def test_failures_at_multiples():
    """A counter rolls over there too: one mistake of milliseconds fails at five points."""
    words = ("--lead", "0s,30s")
    done = sweep(*words, *shell("case $TIMENS_POINT in u32-ms|?32-cs|max) exit 1; esac"), status=1)
    assert done.stdout.endswith(
        ". It may be one mistake: i32-cs is 5 times u32-ms; u32-cs is 10 times u32-ms. "
        "Where it ended early, let the command run longer, or give a shorter --lead.\n"
    )
    done = sweep(*words, *shell("case $TIMENS_POINT in f32-s|max|fresh) exit 1; esac"), status=1)
    assert "one mistake" not in done.stdout


def test_what_it_says_to_run_again_does_it():
    words = ("sh", "-c", "echo \"it's $1\"; date +%N; read a b < /proc/uptime; echo $a; exit 3",
             "x", "two\nlines \x1b[31m \\")  # fmt: skip
    done = sweep("--points", "u32-ms", "--lead", "0s", *words, status=2)
    # It fails plainly too, which this test does not mind.
    assert "timens run" not in done.stdout
    script = f'{FAILS_AT.format("u32-ms")} || {{ echo "$1"; cat /proc/uptime; false; }}'
    words = ("sh", "-c", script, "x", "it's\ntwo \x1b[31m \\")
    done = sweep("--points", "u32-ms", "--lead", "0s", *words, status=1)
    (again,) = re.findall(r"^  again: timens (.*)$", done.stdout, re.M)
    assert "\x1b" not in done.stdout
    done = subprocess.run(
        ["bash", "-c", f"TIMENS_POINT=u32-ms {COMMAND} {again}"],
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout.startswith(b"it's\ntwo \x1b[31m \\\n429496")


@pytest.mark.parametrize(
    ("script", "how", "outcome"),
    [
        ("exit 7", "exit status 7", "failed"),
        ("kill -SEGV $$", "killed by SIGSEGV", "failed"),
        ("kill -35 $$", "killed by signal 35", "failed"),
        ("sleep 600", "timed out", "timed out"),
    ],
)
def test_how_it_failed(script, how, outcome):
    script = f'if [ "$TIMENS_POINT" = max ]; then {script}; fi'
    words = ("--timeout", "3s", "--points", "max,fresh", "--lead", "0s", *shell(script))
    suite, cases, _ = sweep_json(*words, status=1)
    assert (suite["control"]["verdict"], cases["fresh", 0]["verdict"]) == ("passed", "passed")
    assert cases["max", 0]["verdict"] == "failed"
    run = only_run(cases["max", 0])
    assert (run["how"], run["outcome"]) == (how, outcome)


def test_what_could_not_be_waited_for_has_not_passed():
    """A status is missing then; the filter refuses to wait by pidfd."""
    words = (*with_filter(waitid=(errno.EPERM, 2)), COMMAND, "sweep", "--json", *FEW, "true")
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2, done.stderr
    (suite,) = json.loads(done.stdout)["suites"]
    run = only_run(suite["control"])
    assert (run["outcome"], run["how"]) == ("failed", "could not be waited for")


def test_fails_plainly_too():
    done = sweep(*FEW, *shell("echo why; exit 3"), status=2)
    assert table(done.stdout) == {"control": "FAILED", **dict.fromkeys(("fresh", "u32-ms", "i32-s"),
                                                                       "as control")}  # fmt: skip
    assert re.search(r"^control: exit status 3 after .*\n  \| why$", done.stdout, re.M)
    assert "also fails with its clocks as they are" in done.stdout


def test_some_of_several_failed(tmp_path):
    script = f"[ $TIMENS_POINT != u32-ms ] || mkdir {tmp_path}/once"
    done = sweep("--points", "u32-ms,i32-ms", "--lead=0s", "--repeat=3", *shell(script), status=1)
    assert table(done.stdout)["u32-ms"] == "FAILED 2 of 3"
    assert table(done.stdout)["i32-ms"] == "passed"


def test_ended_early():
    """Some points were reached: the others are counted apart, and the exit status stays."""
    words = ("--points", "u32-ms,fresh", "--lead", "0.1s,30s", "sleep", "0.2")
    done = sweep(*words)
    assert [line.split()[2] for line in done.stdout.splitlines()[2:5]] == [
        *("passed", "ended", "passed")
    ]
    assert "2 passed, 0 failed, 1 ended before its point. Where it ended early" in done.stdout
    assert sorted(line.split()[0] for line in done.stderr.splitlines()) == [
        *("early", "passed", "passed", "passed")
    ]
    _, cases, found = sweep_json(*words)
    early = {name: (case["early"], case["verdict"]) for name, case in cases.items()}
    assert early == {
        ("u32-ms", 0): (False, "passed"),
        ("u32-ms", 30): (True, "ended early"),
        ("fresh", 0): (False, "passed"),
    }
    assert (found["passed"], found["ended_early"], found["failed"]) == (2, 1, 0)


def test_nothing_was_tested():
    """A server that ends at once would be green at every point."""
    done = sweep("true", status=125)
    early = len(POINTS) - 1
    assert f"\n1 passed, 0 failed, {early} ended before their point. No rollover" in done.stdout
    assert done.stdout.endswith("give a --lead shorter than it runs.\n")
    assert table(done.stdout)["u32-ms"] == "ended early"
    # A lead of 0 has no point to reach, and a failure is one, wherever it was.
    sweep("--lead", "0s", "true")
    done = sweep(*shell(FAILS_AT.format("u32-ms")), status=1)
    assert "No rollover was tested" not in done.stdout
    assert "Where it ended early" in done.stdout


def test_one_run_of_several_reached_the_point(tmp_path):
    script = f"[ $TIMENS_POINT = control ] || ! mkdir {tmp_path}/once || sleep 0.3"
    words = ("--points", "u32-ms", "--lead", "0.2s", "--repeat", "2", "-j", "1")
    done = sweep(*words, *shell(script))
    assert table(done.stdout)["u32-ms"] == "passed"
    assert done.stdout.endswith("1 passed, 0 failed.\n")


def test_a_rollover_is_lived_through():
    """A program that counts milliseconds in 32 bits, as so many do."""
    script = (
        "import time\n"
        "now = lambda: time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 10**6 % 2**32\n"
        "begin = now()\n"
        "while now() - begin < 2500:\n"
        "    assert now() >= begin, 'time ran backwards'\n"
        "    time.sleep(0.05)"
    )
    words = ("--points", "u32-ms,f32-s", "--lead", "2s", "-j", "3", "python3", "-c", script)
    done = sweep(*words, status=1)
    assert table(done.stdout)["u32-ms"] == "FAILED"
    assert table(done.stdout)["f32-s"] == "passed"
    assert "  | AssertionError: time ran backwards" in done.stdout


# -- Output --


def test_output_of_any_bytes():
    text = r"a\033[31mred\033[0m \001\377\000 \342\202\254 <&>\r50%%\r100%%\n"
    script = f"printf '{text}'; echo err >&2"
    suite, _, _ = sweep_json(*FEW, *shell(script))
    output = only_run(suite["control"])["output"]
    assert output == "ared \\x01\\xff\\x00 \N{EURO SIGN} <&>\n50%\n100%\nerr\n"


def test_keep_output(tmp_path):
    folder = tmp_path / "new"
    script = "yes 0123456789 | head -20000; echo the end"
    words = ("--keep-output", str(folder), "--points", "u32-ms,fresh", "--repeat", "2")
    suite, _, _ = sweep_json(*words, *shell(script), status=125)
    names = [f"{name}-{i}.log" for name in ("control-0s", "fresh-0s", "u32-ms-5s") for i in (1, 2)]
    assert sorted(path.name for path in folder.iterdir()) == names
    for path in folder.iterdir():
        assert path.read_text() == "0123456789\n" * 20000 + "the end\n"
    runs = suite["control"]["runs"]
    assert [run["file"] for run in runs] == [f"{folder}/control-0s-{i}.log" for i in (1, 2)]
    tail = runs[0]["output"]
    assert tail.endswith("the end\n")
    assert 60000 < len(tail) < 70000


def test_keep_output_on_a_full_disk(tmp_path):
    """The run goes on, but nobody is told that all of its output is there."""
    (tmp_path / "control-0s-1.log").symlink_to("/dev/full")
    words = ("--keep-output", str(tmp_path), "--points", "fresh,u32-ms", "--lead", "0s")
    done = sweep("--json", *words, *shell("echo text; sleep 0.2; echo more"), status=125)
    complaints = [line for line in done.stderr.splitlines() if "keep-output" in line]
    assert complaints == [
        f"timens sweep: --keep-output: {tmp_path}/control-0s-1.log: No space left on device; "
        "it is not all of the output"
    ]
    (suite,) = json.loads(done.stdout)["suites"]
    control = only_run(suite["control"])
    assert (control["outcome"], control["output"]) == ("passed", "text\nmore\n")
    assert not control.get("file")
    for case in suite["points"]:
        assert Path(only_run(case)["file"]).read_text() == "text\nmore\n"


def test_full_disk(tmp_path):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [COMMAND, "sweep", *FEW, "true"], stdout=full, stderr=subprocess.PIPE, timeout=60,
            check=False
        )  # fmt: skip
    assert done.returncode == 125
    assert b"No space left on device" in done.stderr


# -- Nothing is left --


@pytest.mark.parametrize("how", ["", "setsid "])
def test_timeout_ends_the_whole_group(tmp_path, how):
    script = f"{how}sleep 601 & echo $! >> {tmp_path}/pids; echo $$ >> {tmp_path}/pids; sleep 602"
    sweep(*FEW, "--timeout", "1.5s", "-j", "4", *shell(script), status=2)
    pids = (tmp_path / "pids").read_text().split()
    assert len(pids) == 8
    assert not any(map(is_running, pids))


def test_children_of_the_shell_before_are_left_alone(tmp_path):
    """`exec timens sweep … > >(tee log)` makes tee a child of ours."""
    words = 'sweep --points fresh -- sh -c "setsid sleep 608 &"'
    script = f'sleep 607 > /dev/null 2>&1 & echo $! > pid; exec "$0" {words}'
    done = subprocess.run(["sh", "-c", script, COMMAND], cwd=tmp_path, timeout=60, check=False,
                          capture_output=True)  # fmt: skip
    pid = int((tmp_path / "pid").read_text())
    try:
        assert done.returncode == 0
        assert is_running(pid)
    finally:
        os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("digit", ["", "7"])
def test_only_what_is_ours_is_killed(tmp_path, digit):
    """A number of the kernel's list may be another process's by now, and a list that is cut ends in
    the beginning of a number. Another file stands for the list, and changes during the sweep."""
    if os.geteuid() != 0:
        skip("only root can mount over a part of /proc")
    victim = subprocess.Popen(["sleep", "611"])
    try:
        number = str(victim.pid)
        (tmp_path / "list").write_text("\n")
        # So long that the 65535th byte is the last of it.
        (tmp_path / "long").write_text(f"{'9 ':>{65535 - len(number)}}{number}{digit} ")
        script = 'mount --bind list /proc/$$/task/$$/children && exec "$0" "$@"'
        words = ("sweep", "--points", "fresh", "--", "cp", "long", "list")
        done = subprocess.run(
            ["unshare", "--mount", "sh", "-c", script, COMMAND, *words],
            cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert victim.poll() is None
    finally:
        victim.kill()
        victim.wait()


def test_timeout_asks_the_whole_group(tmp_path):
    script = (
        f"(trap 'echo $TIMENS_POINT >> {tmp_path}/asked; exit' TERM; while :; do sleep 0.1; done) &"
        "sleep 602"
    )
    sweep(*FEW, "--timeout", "1.5s", "-j", "4", *shell(script), status=2)
    asked = (tmp_path / "asked").read_text().split()
    assert sorted(asked) == ["control", "fresh", "i32-s", "u32-ms"]


@pytest.mark.parametrize("how", ["", "setsid "])
def test_what_a_run_leaves_behind(tmp_path, how):
    """The next run does not meet it, not even its zombie."""
    script = (
        f"cd {tmp_path}; touch pids; while read p; do [ ! -e /proc/$p ] || echo $p; done < pids;"
        f"{how}sleep 610 > /dev/null 2>&1 & echo $! >> pids; sleep 0.1"
    )
    suite, cases, _ = sweep_json(*FEW, "-j", "1", *shell(script))
    met = [only_run(case)["output"].split() for case in (suite["control"], *cases.values())]
    pids = (tmp_path / "pids").read_text().split()
    assert len(pids) == 4
    assert met == [[]] * 4
    assert not any(map(is_running, pids))


def test_a_program_that_ignores_sigterm():
    script = 'trap "" TERM; echo ready; while :; do sleep 0.1; done'
    begin = time.monotonic()
    suite, _, _ = sweep_json(
        "--points", "u32-ms", "--timeout", "1.5s", "-j", "2", *shell(script), status=2
    )
    assert time.monotonic() - begin < 60
    run = only_run(suite["control"])
    assert (run["how"], run["output"]) == ("timed out", "ready\n")


def test_a_background_process_does_not_hold_it_up(tmp_path):
    """It keeps the pipe open; its last words are still heard."""
    script = f"(sleep 0.1; echo last words; sleep 603) & echo $! >> {tmp_path}/pids; exit 0"
    suite, _, _ = sweep_json(*FEW, *shell(script))
    assert only_run(suite["control"])["output"] == "last words\n"
    assert not any(map(is_running, (tmp_path / "pids").read_text().split()))


def test_descriptors_and_terminal():
    script = "readlink /proc/self/fd/0; (: < /dev/tty) 2> /dev/null && echo terminal; true"
    suite, _, _ = sweep_json(*FEW, *shell(f"{script}; cat"), input="of somebody else\n")
    assert only_run(suite["control"])["output"] == "/dev/null\n"


def test_fail_fast(tmp_path):
    script = f"echo $$ >> {tmp_path}/pids; [ $TIMENS_POINT != fresh ] || exit 1; exec sleep 604"
    begin = time.monotonic()
    words = ("--fail-fast", "-j", "4", "--points", "fresh,u32-ms,i32-s,max", "--repeat", "3")
    _, cases, found = sweep_json(*words, "--lead", "0s", *shell(script), status=1)
    assert time.monotonic() - begin < 60
    assert cases["fresh", 0]["verdict"] == "failed"
    assert (found["failed"], found["not_run"]) == (1, 3)
    assert not any(map(is_running, (tmp_path / "pids").read_text().split()))


@pytest.mark.parametrize("sig", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_interrupt(tmp_path, sig):
    script = f"[ $TIMENS_POINT != fresh ] || exit 0; echo $$ >> {tmp_path}/pids; exec sleep 605"
    with subprocess.Popen(
        [COMMAND, "sweep", *FEW, "-j", "9", *shell(script)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert "fresh" in process.stderr.readline()
        pids = tmp_path / "pids"
        wait_for(lambda: pids.exists() and len(pids.read_text().split()) == 3)
        process.send_signal(sig)
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 128 + sig
    assert table(output) == {"control": "not run", "fresh": "passed", "u32-ms": "not run",
                             "i32-s": "not run"}  # fmt: skip
    assert not any(map(is_running, pids.read_text().split()))


@pytest.mark.parametrize("sig", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_that_is_ignored(tmp_path, sig):
    """As nohup does it, and a script's shell for its background; the programs see it too."""
    name = sig.name.removeprefix("SIG")
    script = f'trap "" {name}; exec "$0" "$@"'
    program = f"grep SigIgn /proc/self/status; touch {tmp_path}/on; sleep 1"
    with subprocess.Popen(
        ["sh", "-c", script, COMMAND, "sweep", "--json", "--points", "fresh", *shell(program)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        wait_for((tmp_path / "on").exists)
        process.send_signal(sig)
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    (suite,) = json.loads(output)["suites"]
    ignored = int(only_run(suite["control"])["output"].split()[1], 16)
    assert ignored & 1 << sig - 1


def test_killed():
    """Not even SIGKILL leaves the programs behind."""
    with subprocess.Popen(
        [COMMAND, "sweep", *FEW, "-j", "9", "sh", "-c", "echo $$ >&2; exec sleep 606"],
    ) as process:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        wait_for(lambda: len(children.read_text().split()) == 4)
        pids = children.read_text().split()
        wait_for(lambda: all("sleep" in Path(f"/proc/{p}/comm").read_text() for p in pids))
        process.kill()
    wait_for(lambda: not any(map(is_running, pids)))


# -- The picture on a terminal --


def on_terminal(*words, columns=80, status=0, **variables):
    """What it writes to a terminal on stderr, and its standard output."""
    ours, theirs = pty.openpty()
    chunks = []
    env = {**os.environ, "TERM": "xterm", **variables}
    env.pop("NO_COLOR", None)
    env.update(variables)
    os.set_blocking(ours, True)
    subprocess.run(["stty", "cols", str(columns), "rows", "10"], stdin=theirs, check=True)

    def collect():
        try:
            while chunk := os.read(ours, 65536):
                chunks.append(chunk)
        except OSError:  # EIO: nobody has the other end
            pass

    with subprocess.Popen(
        [COMMAND, "sweep", *words], stdout=subprocess.PIPE, stderr=theirs, env=env
    ) as process:
        os.close(theirs)
        reader = threading.Thread(target=collect)
        reader.start()
        output = process.stdout.read().decode()
        process.wait(timeout=60)
        reader.join(timeout=60)
    os.close(ours)
    assert process.returncode == status
    return b"".join(chunks).decode(), output


def test_picture_is_not_higher_than_the_terminal():
    seen, _ = on_terminal("--lead", "0s", "-j", "12", "sleep", "0.5", columns=200)
    heights = [int(up) for up in re.findall(r"\x1b\[(\d+)A", seen)]
    assert max(heights) == 9


def screen(seen):
    """The lines that are left: the picture is wiped by going up so many and clearing the rest."""
    lines = [""]
    for text in re.split(r"(\r\x1b\[\d+A\x1b\[J|\r\n)", seen):
        up = re.match(r"\r\x1b\[(\d+)A", text)
        if up:
            lines = [*lines[: -1 - int(up[1])], ""]
        elif text == "\r\n":
            lines.append("")
        else:
            lines[-1] += text
    return lines


def test_live_picture():
    script = 'sleep 0.7; test "$TIMENS_POINT" != u32-ms'
    words = ("--points", "u32-ms,fresh", "--lead", "0.3s", "-j", "3", *shell(script))
    seen, output = on_terminal(*words, columns=200, status=1)
    assert re.search(r"running  u32-ms, 0\.3s before +0\.\ds  rolls over in 0\.\ds", seen)
    assert re.search(r"running  u32-ms, 0\.3s before +0\.\ds  rolled over 0\.\ds ago", seen)
    assert re.search(r"running  control +0\.\ds  clocks as they are", seen)
    assert "[------------------------------] 0 of 3 runs, 0 failed" in seen
    assert "\x1b[31mfailed \x1b[0m  u32-ms" in seen
    assert "\x1b" not in output
    assert table(output)["u32-ms"] == "FAILED"
    # Wiped at the end: the last thing is a finished run.
    assert re.search(r"\(.*\)\r\n$", seen)


def test_picture_begins_a_line_whatever_was_echoed():
    """As a ^C is, right before everything ends."""
    seen, _ = on_terminal("--points", "u32-ms", "--lead", "0s", "sleep", "0.3")
    assert "\x1b[J" in seen
    assert not re.search(r"[^\r]\x1b\[\d+A", seen)


def test_picture_fits_the_terminal():
    seen, _ = on_terminal("--points", "fresh", "-j", "2", "sleep", "0.3", columns=30)
    drawn = [line for line in seen.split("\r\n") if "running" in line or "runs" in line]
    assert drawn
    plain = [re.sub(r"\r|\x1b\[[0-9;]*[A-Za-z]", "", line) for line in drawn]
    assert max(map(len, plain)) < 30


def test_a_start_that_fails_is_told_and_ends_all(tmp_path):
    """The picture does not take the complaint away."""
    program = tmp_path / "program"
    program.write_text(
        f"#!/bin/sh\necho $$ >> {tmp_path}/pids; sleep 0.3\n"
        f"if [ $TIMENS_POINT = control ]; then rm {program}; else exec sleep 609; fi\n"
    )
    program.chmod(0o755)
    seen, output = on_terminal("-j", "2", str(program), columns=200, status=127)
    assert "running  control" in seen
    assert [line for line in screen(seen) if f"exec of '{program}'" in line]
    assert table(output)["control"] == "passed"
    assert table(output)["fresh"] == "not run"
    pids = (tmp_path / "pids").read_text().split()
    assert len(pids) == 2
    assert not any(map(is_running, pids))


def test_no_colour():
    seen, _ = on_terminal("--points", "fresh", "true", NO_COLOR="1")
    assert "passed   fresh" in seen
    assert "\x1b[32m" not in seen


def test_dumb_terminal():
    seen, _ = on_terminal("--points", "fresh", "sleep", "0.3", TERM="dumb")
    assert "passed   fresh" in seen
    assert "\x1b" not in seen


# -- Words --


def test_a_script_without_an_interpreter_is_the_shells(tmp_path):
    (tmp_path / "script").write_text('echo "$0" "$#" "$2" $TIMENS_POINT\n')
    (tmp_path / "script").chmod(0o755)
    path = f"{tmp_path}/none:{tmp_path}:{os.environ['PATH']}"
    for word in ("script", str(tmp_path / "script")):
        words = ("--points", "u32-ms", "--lead", "0s", word, "a", "two words")
        _, cases, _ = sweep_json(*words, env={**os.environ, "PATH": path})
        run = only_run(cases["u32-ms", 0])
        assert run["output"] == f"{tmp_path}/script 2 two words u32-ms\n"


def test_program_not_found():
    done = sweep("no-such-program", status=127)
    assert "timens sweep: exec of 'no-such-program'" in done.stderr
    assert (done.stdout, len(done.stderr.splitlines())) == ("", 1)
    assert json.loads(sweep("--json", "no-such-program", status=127).stdout)["not_run"] > 1
    sweep("/etc/passwd", status=126)


@pytest.mark.parametrize(
    ("words", "texts"),
    [
        ([], ["no program given", "[--] CMD"]),
        (["--points", "u32-sm", "true"], ["unknown point 'u32-sm'", "did you mean u32-"]),
        (["--points", "", "true"], ["--points: empty name in the list"]),
        (["--points", "fresh,,max", "true"], ["--points: empty name in the list"]),
        (["--points", "u32-ms,,", "true"], ["--points: empty name in the list"]),
        (["--points", "--", "true"], ["--points needs a value: --points LIST"]),
        (["--points", "1x", "true"], ["--points", "column 2"]),
        (["--points", "-1d", "true"], ["--points: no clock reads that", "146 years"]),
        (["--points", "200y", "true"], ["--points: no clock reads that", "146 years"]),
        (["--lead", "1q", "true"], ["--lead", "column 2"]),
        (["--lead", "5s, ", "true"], ["--lead: empty time in the list"]),
        (["--lead", "@u32-ms", "true"], ["--lead"]),
        (["--lead", "5s,-1s", "true"], ["--lead: '-1s' is after the point"]),
        (["--points", "never", "true"], ["unknown point 'never'; see timens points"]),
        (["-j", "0", "true"], ["--jobs: '0' is no number from 1"]),
        (["-j", "2x", "true"], ["--jobs: '2x'"]),
        (["-j"], ["--jobs needs a value: --jobs N"]),
        (["--repeat", "-1", "true"], ["--repeat: '-1'"]),
        (["--timeout", "0s", "true"], ["--timeout: it must be more than zero"]),
        (["--timeout", "-1s", "true"], ["--timeout: it must be more than zero"]),
        (["--userns", "x", "true"], ["'x' is none of auto, never, always"]),
        (["--junit", "/no/such/file.xml", "true"], ["--junit: /no/such: No such file"]),
        (["--html", "/no/such/file.html", "true"], ["--html: /no/such: No such file"]),
        (["--junit", "/dev", "true"], ["--junit: /dev: Is a directory"]),
        (["--html", "reports/", "true"], ["--html: 'reports/' is no file"]),
        (["--junit", "x", "--html", "x", "true"], ["--html: x is where --junit goes"]),
        (["--html", "", "true"], ["--html: '' is no file"]),
        (["--keep-output", "/no/such/dir", "true"], ["--keep-output: /no/such/dir"]),
        (["--pionts", "fresh", "true"], ["'--pionts'", "did you mean --points?"]),
        (["--j", "2", "true"], ["'--j' is ambiguous: --jobs or --junit?"]),
        (["--fail-fast=1", "true"], ["--fail-fast takes no value"]),
    ],
)
def test_bad_words(words, texts):
    done = timens("sweep", *words)
    assert_fails(done, 125, "timens sweep: ", *texts)
    assert done.stdout == ""
