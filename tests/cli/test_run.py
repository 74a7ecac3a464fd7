# SPDX-License-Identifier: MIT
"""timens run: becomes the program, in a time namespace."""

import contextlib
import os
import pty
import re
import select
import signal
import subprocess
import time
from pathlib import Path

import pytest
from conftest import (
    CLOCKS,
    COMMAND,
    DESCRIPTORS,
    NOBODY,
    NSEC,
    assert_fails,
    assert_shifted,
    parse_clocks,
    skip,
    timens,
    wait_for,
)

DAY = 86400 * NSEC


# -- Clocks --


@pytest.mark.parametrize(
    ("words", "boottime", "monotonic"),
    [
        (["--boottime", "49d17h2m47.296s"], 4294967_296000000, 0),
        (["--monotonic", "1000000.000000037"], 0, 1000000_000000037),
        (["--boottime", "2d", "--monotonic", "1w"], 2 * DAY, 7 * DAY),
        (["--boottime=1w 2d", "--monotonic=+3"], 9 * DAY, 3 * NSEC),
        (["--boottime", "-1.5s"], -NSEC * 3 // 2, 0),
        (["--boottime=-1.5s"], -NSEC * 3 // 2, 0),
        (["--monotonic", "-1s 42ns", "--boottime", "1ns"], 1, -NSEC - 42),
        (["--boottime", "1d", "--boottime", "2d"], 2 * DAY, 0),
        (["--boottime", "0"], 0, 0),
    ],
)
def test_offsets_are_exact(words, boottime, monotonic):
    done = timens("run", *words, "--", CLOCKS, check=True)
    assert_shifted(done.stdout, boottime, monotonic)


def test_readings_are_shifted():
    before = time.clock_gettime_ns(time.CLOCK_BOOTTIME), time.monotonic_ns()
    done = timens("run", "--boottime", "100d", "--monotonic", "200d", CLOCKS, check=True)
    after = time.clock_gettime_ns(time.CLOCK_BOOTTIME), time.monotonic_ns()
    clocks = parse_clocks(done.stdout)
    assert before[0] <= clocks.boottime_reading - 100 * DAY <= after[0]
    assert before[1] <= clocks.monotonic_reading - 200 * DAY <= after[1]


def test_a_reading_at_the_start():
    done = timens("run", "--boottime", "@u32-ms-5s", "--monotonic=@49d17h", CLOCKS, check=True)
    clocks = parse_clocks(done.stdout)
    assert 0 <= clocks.boottime_reading - 4294962_296000000 < 60 * NSEC
    assert 0 <= clocks.monotonic_reading - 4294800 * NSEC < 60 * NSEC
    assert_fails(timens("run", "--boottime", "@u33-ms", "true"), 125, "column 2", "point")


@pytest.mark.parametrize("time", ["49d17h", "@49d17h"])
def test_uptime_is_a_reading_of_both_clocks(time):
    clocks = parse_clocks(timens("run", "--uptime", time, CLOCKS, check=True).stdout)
    for reading in (clocks.boottime_reading, clocks.monotonic_reading):
        assert 0 <= reading - 4294800 * NSEC < 60 * NSEC


def test_uptime_excludes_the_others():
    for other in ("--boottime", "--monotonic"):
        done = timens("run", "--uptime", "1d", other, "1d", "true")
        assert_fails(done, 125, "--uptime", "excludes")
    assert_fails(timens("run", "--uptime", "-1d", "true"), 125, "146 years")


def test_zero_makes_a_namespace():
    done = timens("run", "--boottime", "0", "readlink", "/proc/self/ns/time", check=True)
    assert done.stdout.startswith("time:[")
    assert done.stdout.strip() != os.readlink("/proc/self/ns/time")


def test_nested_times_add_up():
    inner = ("run", "--boottime", "2d", "--monotonic", "-1s", CLOCKS)
    done = timens("run", "--boottime", "1d", "--monotonic", "3s", COMMAND, *inner, check=True)
    assert_shifted(done.stdout, 3 * DAY, 2 * NSEC)


def test_clock_would_be_negative():
    done = timens("run", "--boottime", "-100y", "true")
    assert_fails(done, 125, "boottime -36525d", "negative", "the lowest offset possible now is -")


# -- It becomes the program --


def test_no_wrapper_stays():
    with subprocess.Popen(
        [COMMAND, "run", "--boottime", "1d", "sh", "-c", "echo $$ $PPID"],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert output.split() == [str(process.pid), str(os.getpid())]


@pytest.mark.parametrize("status", [0, 1, 7, 125, 255])
def test_exit_status_is_the_programs(status):
    done = timens("run", "--boottime", "1d", "sh", "-c", f"exit {status}")
    assert (done.returncode, done.stderr) == (status, "")


def test_killed_by_signal():
    done = timens("run", "--boottime", "1d", "sh", "-c", "kill -TERM $$")
    assert done.returncode == -signal.SIGTERM


def test_killed_by_signal_as_a_shell_sees_it():
    script = '"$0" run --boottime 1d sh -c "kill -KILL \\$\\$"; echo $?'
    done = subprocess.run(
        ["sh", "-c", script, COMMAND], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout == f"{128 + signal.SIGKILL}\n"


def test_signals_reach_the_program():
    script = 'trap "echo got it; exit 3" USR1; echo ready; read line'
    with subprocess.Popen(
        [COMMAND, "run", "--boottime", "1d", "sh", "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGUSR1)
        # dash runs the trap only once `read` has returned.
        output, _ = process.communicate("\n", timeout=60)
    assert (output, process.returncode) == ("got it\n", 3)


def test_stdin_is_passed():
    done = timens("run", "--boottime", "1d", "cat", input="some text\n", check=True)
    assert done.stdout == "some text\n"


def test_stderr_is_passed():
    done = timens("run", "--boottime", "1d", "sh", "-c", "echo text >&2")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "text\n")


def test_environment_is_passed():
    done = timens(
        "run", "--boottime", "1d", "sh", "-c", "echo $NAME", env={**os.environ, "NAME": "a value"}
    )
    assert done.stdout == "a value\n"


def test_descriptors_are_passed_and_none_added():
    read, write = os.pipe()
    try:
        done = timens("run", "--boottime", "1d", DESCRIPTORS, pass_fds=[write], check=True)
    finally:
        os.close(read)
        os.close(write)
    assert [int(word) for word in done.stdout.split()] == [0, 1, 2, write]


def test_closed_descriptors_stay_closed():
    script = '"$0" run --boottime 1d "$1" <&- 2>&-'
    done = subprocess.run(
        ["sh", "-c", script, COMMAND, DESCRIPTORS],
        stdout=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "1\n")


def ignored_signals(text):
    lines = [line for line in text.splitlines() if line.startswith("SigIgn:")]
    assert len(lines) == 1
    return int(lines[0].split()[1], 16)


def test_sigpipe_is_default_and_others_stay_ignored():
    # The interpreter ignores SIGPIPE; here its children inherit that.
    script = 'trap "" USR2; exec "$0" "$@"'
    words = ["run", "--boottime", "1d", "grep", "SigIgn", "/proc/self/status"]
    done = subprocess.run(
        ["sh", "-c", script, COMMAND, *words],
        restore_signals=False,
        stdout=subprocess.PIPE,
        text=True,
        timeout=60,
        check=True,
    )
    ignored = ignored_signals(done.stdout)
    assert not ignored & 1 << signal.SIGPIPE - 1
    assert ignored & 1 << signal.SIGUSR2 - 1


# -- The terminal --


@contextlib.contextmanager
def interactive_shell():
    """A bash with job control: what is typed, and what comes out."""
    pid, terminal = pty.fork()
    if pid == 0:
        variables = {**os.environ, "PS1": "$ ", "TERM": "dumb", "HISTFILE": "/dev/null"}
        os.execve("/bin/bash", ["bash", "--norc", "--noprofile", "-i"], variables)
    os.set_blocking(terminal, False)
    try:
        yield terminal, lambda text: os.write(terminal, text.encode()), pid
    finally:
        os.kill(pid, signal.SIGKILL)
        os.close(terminal)
        os.waitpid(pid, 0)


def read_until(terminal, pattern):
    seen = ""

    def found():
        nonlocal seen
        with contextlib.suppress(BlockingIOError):
            seen += os.read(terminal, 65536).decode()
        return re.search(pattern, seen)

    wait_for(found)
    return re.search(pattern, seen)


def state_of(pid):
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def child_named(parent, name):
    for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split():
        with contextlib.suppress(OSError):
            if Path(f"/proc/{pid}/comm").read_text() == f"{name}\n":
                return pid
    return None


def test_job_control():
    """Stopped, continued in the background and in front, and interrupted, by its terminal."""
    with interactive_shell() as (terminal, write, shell):
        write(f"{COMMAND} run --boottime 1d sleep 610\n")
        wait_for(lambda: child_named(shell, "sleep"))
        pid = child_named(shell, "sleep")
        write("\x1a")
        wait_for(lambda: state_of(pid) == "T")
        write("bg; echo in $((20 + 2)) is $(cat /proc/$(jobs -p %1)/comm)\n")
        read_until(terminal, r"in 22 is sleep")
        wait_for(lambda: state_of(pid) == "S")
        write("fg\n")
        read_until(terminal, r"sleep 610\r\n")
        write("\x03")
        wait_for(lambda: child_named(shell, "sleep") is None)
        write("echo status $?\n")
        assert read_until(terminal, r"status (\d+)\r")[1] == str(128 + signal.SIGINT)


def test_it_has_the_terminal():
    with interactive_shell() as (terminal, write, _):
        write(f"tty; {COMMAND} run --boottime 1d tty; echo status $?\n")
        outside, inside = read_until(terminal, r"(/dev/.*)\r\n(/dev/.*)\r\nstatus 0\r").groups()
        assert inside == outside
        write(f"{COMMAND} run --boottime 1d --new-session sh -c ': </dev/tty'; echo status $?\n")
        assert read_until(terminal, r"status (\d+)\r")[1] != "0"


# -- Words --


@pytest.mark.parametrize("words", [["--boottime", "1d"], ["--boottime", "1d", "--"]])
def test_words_after_the_program_are_its_own(words):
    done = timens("run", *words, "echo", "--monotonic", "1x", "--help", "--", "-1", check=True)
    assert done.stdout == "--monotonic 1x --help -- -1\n"


def test_double_dash_as_a_value(tmp_path):
    (tmp_path / "--").mkdir()
    words = ("run", "--boottime", "1d", "--cwd=--", "pwd")
    assert timens(*words, cwd=tmp_path, check=True).stdout == f"{tmp_path}/--\n"


def test_double_dash_ends_the_options(tmp_path):
    program = tmp_path / "--boottime"
    program.symlink_to("/bin/echo")
    done = timens("run", "--boottime", "1d", "--cwd", tmp_path, "--", "./--boottime", check=True)
    assert done.stdout == "\n"


def test_cwd(tmp_path):
    done = timens("run", "--boottime", "1d", "--cwd", tmp_path, "pwd", "-P", check=True)
    assert done.stdout == f"{tmp_path.resolve()}\n"


def test_path_of_program_is_relative_to_cwd(tmp_path):
    (tmp_path / "program").write_text("#!/bin/sh\necho found\n")
    (tmp_path / "program").chmod(0o755)
    done = timens("run", "--boottime", "1d", "--cwd", tmp_path, "./program", check=True)
    assert done.stdout == "found\n"


def variables_of(*words, **variables):
    done = timens("run", "--boottime", "1d", *words, "env", env=variables, check=True)
    return dict(line.split("=", 1) for line in done.stdout.splitlines())


def test_env():
    path = os.environ["PATH"]
    found = variables_of("--env", "A=1", "--env", "B=two words", "--env=C=", PATH=path, A="0")
    assert found == {"PATH": path, "A": "1", "B": "two words", "C": ""}
    assert variables_of("--env", "A=1", "--env", "A=x=y", PATH=path)["A"] == "x=y"


def test_clear_env():
    path = os.environ["PATH"]
    kept = ("--env", "PATH", "--env", "B=2")
    for words in (("--clear-env", *kept), (*kept, "--clear-env")):
        assert variables_of(*words, PATH=path, A="1") == {"PATH": path, "B": "2"}
    done = timens("run", "--boottime", "1d", "--clear-env", "/usr/bin/env", check=True)
    assert done.stdout == ""


def test_the_program_is_searched_in_the_new_path(tmp_path):
    (tmp_path / "program").write_text("#!/bin/sh\necho found\n")
    (tmp_path / "program").chmod(0o755)
    done = timens("run", "--boottime", "1d", "--env", f"PATH={tmp_path}", "program", check=True)
    assert done.stdout == "found\n"


# Its process id, its group, and its session.
IDS = ("sh", "-c", "cut -d' ' -f 1,5,6 /proc/$$/stat")


@pytest.mark.parametrize("leader", [True, False])
def test_new_session(leader):
    with subprocess.Popen(
        [COMMAND, "run", "--boottime", "1d", "--new-session", *IDS],
        stdout=subprocess.PIPE,
        text=True,
        process_group=0 if leader else None,
    ) as process:
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert output.split() == [str(process.pid)] * 3


def test_new_session_of_a_leader():
    """As of setsid(1), of a container or of a service: it has what it asks for."""
    words = [COMMAND, "run", "--boottime", "1d", "--new-session", *IDS]
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert output.split() == [str(process.pid)] * 3


def test_new_session_of_a_leader_with_a_terminal():
    """The terminal goes; the SIGHUP that comes with that does not end the program."""
    read, write = os.pipe()
    pid, terminal = pty.fork()
    if pid == 0:
        script = "(: < /dev/tty) || echo none; grep SigIgn /proc/self/status"
        os.dup2(write, 1)
        os.dup2(write, 2)
        words = ("run", "--boottime", "1d", "--new-session", "sh", "-c", script)
        os.execv(COMMAND, [COMMAND, *words])
    os.close(write)
    with open(read) as output:
        text = output.read()
    os.close(terminal)
    assert os.waitpid(pid, 0)[1] == 0, text
    assert "none" in text
    assert not ignored_signals(text) & 1 << signal.SIGHUP - 1


def test_new_session_in_a_pipeline():
    with interactive_shell() as (terminal, write, _):
        command = f"{COMMAND} run --boottime 1d --new-session true"
        write(f"set -o pipefail; {command} | sleep 1; echo status $?\n")
        seen = read_until(terminal, r"(timens run: .*)\r\n(?s:.*)status (\d+)\r")
        assert seen[2] == "125"
        assert seen[0].count("timens run: ") == 1
        assert "--new-session" in seen[1]
        assert "outside of a pipeline" in seen[1]


def test_kill_with_parent():
    script = '"$0" run --boottime 1d --kill-with-parent sleep 600 & echo $!; read line'
    with subprocess.Popen(
        ["sh", "-c", script, COMMAND], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as shell:
        pid = int(shell.stdout.readline())
        pidfd = os.pidfd_open(pid)
        # Its tie is made once it is the program.
        wait_for(lambda: Path(f"/proc/{pid}/comm").read_text() == "sleep\n")
        shell.kill()
    with contextlib.closing(open(pidfd)):
        assert select.select([pidfd], [], [], 30)[0]


@pytest.mark.parametrize(
    ("words", "texts"),
    [
        (["49d17h", "--", "true"], ["no time given", "did you mean --uptime 49d17h?"]),
        (["--boottime", "1d", "--env", "=x", "true"], ["--env", "'=x' has no name"]),
        (["--boottime", "1d", "--env", "", "true"], ["--env", "'' has no name"]),
        (["--boottime", "1d", "--env", "NO_SUCH", "true"], ["'NO_SUCH'", "NO_SUCH=VALUE"]),
        (["true"], ["no time given", "--boottime T", "--monotonic T"]),
        (["--userns", "never", "true"], ["no time given"]),
        (["--boottime", "1d"], ["no program given", "[--] CMD"]),
        (["--boottime", "1d", "--"], ["no program given"]),
        ([], ["no program given"]),
        (["--boottime"], ["--boottime needs a value", "--boottime T"]),
        (["--uptime", "--", "true"], ["--uptime needs a value: --uptime T"]),
        (
            ["--boottime", "1d", "--userns", "perhaps", "true"],
            ["--userns: 'perhaps'", "auto, never, always"],
        ),
        (["--botime", "1d", "true"], ["'--botime'", "did you mean --boottime?"]),
        (["--monotnic=1d", "true"], ["'--monotnic'", "did you mean --monotonic?"]),
        (["--zone", "1d", "true"], ["'--zone'", "see timens run --help"]),
        (["--uptime", "-49d", "true"], ["--uptime: no clock reads that", "0 to 146 years"]),
        (["--u", "5", "true"], ["'--u' is ambiguous: --uptime or --userns?"]),
        (["--u=5", "true"], ["'--u' is ambiguous"]),
        (["-b", "1d", "true"], ["'-b'", "see timens run --help"]),
        (["--boottime", "1d", "--cwd", "/no/such", "true"], ["'/no/such'", "No such file"]),
    ],
)
def test_bad_words(words, texts):
    done = timens("run", *words)
    assert_fails(done, 125, "timens run: ", *texts)
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("time_text", "shown", "column"),
    [
        ("1x3", "1x3", 2),
        ("49d 17q", "49d 17q", 7),
        ("", "", 1),
        ("-", "-", 2),
        ("1\N{MICRO SIGN}s foo", "1\N{MICRO SIGN}s foo", 5),
        ("1s \x1b[31m", "1s \\x1b[31m", 4),
        ("\x1b1", "\\x1b1", 1),
        ("99999999999999999999", "99999999999999999999", 1),
        ("0.0000000001", "0.0000000001", 1),
    ],
)
@pytest.mark.parametrize("option", ["--boottime", "--monotonic"])
def test_bad_times(option, time_text, shown, column):
    done = timens("run", option, time_text, "true")
    assert_fails(done, 125, f"timens run: {option}: time '", ", column ")
    _, text, caret = done.stderr.splitlines()
    assert text == f"  {shown}"
    assert caret == " " * (2 + column - 1) + "^"


def test_program_not_found():
    assert_fails(timens("run", "--boottime", "1d", "no-such-program"), 127, "'no-such-program'")
    assert_fails(timens("run", "--boottime", "1d", "/no/such"), 127, "'/no/such'", "No such file")
    assert_fails(timens("run", "--boottime", "1d", ""), 127, "exec of ''")


def test_a_time_with_blanks_that_is_not_in_quotes():
    done = timens("run", "--uptime", "49d", "17h", "--", "uptime", "-p")
    complaint = "timens run: '17h' is a time; put a time with blanks in quotes\n"
    assert_fails(done, 127, "exec of '17h'", complaint)
    assert "quotes" not in timens("run", "--uptime", "49d", "17x").stderr


def test_program_not_executable(tmp_path):
    (tmp_path / "file").write_text("text")
    done = timens("run", "--boottime", "1d", tmp_path / "file")
    assert_fails(done, 126, f"'{tmp_path}/file'", "Permission denied")
    assert_fails(timens("run", "--boottime", "1d", tmp_path), 126, "not an executable file")
    assert_fails(timens("run", "--boottime", "1d", tmp_path / "file" / "x"), 126, "Not a directory")


# -- The search, which is the same with every C library --


def program(path, text, mode=0o755):
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    path.chmod(mode)


def run_in_path(path, *words, **how):
    return timens("run", "--boottime", "1d", "--env", f"PATH={path}", *words, **how)


def test_a_script_without_an_interpreter_is_the_shells(tmp_path):
    program(tmp_path / "script", 'echo "$0" "$#" "$2"\n')
    for word in ("script", str(tmp_path / "script")):
        done = run_in_path(tmp_path, word, "a", "two words", check=True)
        assert done.stdout == f"{tmp_path}/script 2 two words\n"


def test_the_search_goes_past_what_it_may_not_run(tmp_path):
    program(tmp_path / "a/program", "#!/bin/sh\necho a\n", 0o644)
    program(tmp_path / "b/program", "#!/bin/sh\necho b\n")
    program(tmp_path / "file", "")
    path = f"{tmp_path}/none:{tmp_path}/file:{'x' * 5000}:{tmp_path}/a:{tmp_path}/b"
    assert run_in_path(path, "program", check=True).stdout == "b\n"
    done = run_in_path(f"{tmp_path}/a:{tmp_path}/none", "program")
    assert_fails(done, 126, "'program'", "Permission denied")


def test_the_search_ends_at_what_is_broken(tmp_path):
    (tmp_path / "loop").mkdir()
    (tmp_path / "loop/program").symlink_to("program")
    program(tmp_path / "b/program", "#!/bin/sh\necho b\n")
    done = run_in_path(f"{tmp_path}/loop:{tmp_path}/b", "program")
    assert_fails(done, 126, "'program'")


def test_an_empty_part_of_path_is_the_directory(tmp_path):
    program(tmp_path / "program", "#!/bin/sh\necho found\n")
    for path in ("", ":/none", "/none:", "/none::/none"):
        done = run_in_path(path, "--cwd", tmp_path, "program", check=True)
        assert done.stdout == "found\n"


def test_without_path_there_is_a_default():
    done = timens("run", "--boottime", "1d", "--clear-env", "env", check=True)
    assert done.stdout == ""


# -- Privilege --


def test_unprivileged(nobody):
    done = nobody.timens("run", "--boottime", "1d", "--monotonic", "-1s", nobody.clocks)
    assert (done.returncode, done.stderr) == (0, "")
    assert_shifted(done.stdout, DAY, -NSEC)


def test_unprivileged_ids_stay(nobody):
    done = nobody.timens("run", "--boottime", "1d", "sh", "-c", "id -u; id -g; cat $0 $1",
                         "/proc/self/uid_map", "/proc/self/gid_map")  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    same = [str(NOBODY), str(NOBODY), "1"]
    assert done.stdout.split() == [str(NOBODY), str(NOBODY), *same, *same]


def test_unprivileged_never(nobody):
    done = nobody.timens("run", "--boottime", "1d", "--userns", "never", "true")
    assert_fails(done, 125, "time namespace", "CAP_SYS_ADMIN", "user namespace 'auto'")


def test_always_as_root():
    if os.geteuid() != 0:
        skip("this is not root")
    own = os.readlink("/proc/self/ns/user")
    words = ("sh", "-c", "readlink /proc/self/ns/user; cat /proc/self/uid_map")
    done = timens("run", "--boottime", "1d", "--userns", "always", *words, check=True)
    namespace, *uid_map = done.stdout.split()
    assert namespace.startswith("user:[")
    assert namespace != own
    assert uid_map == ["0", "0", "1"]
    done = timens("run", "--boottime", "1d", *words, check=True)
    assert done.stdout.split()[0] == own


def test_time_namespaces_used_up(without_time_namespaces):
    done = without_time_namespaces("run", "--boottime", "1d", "true")
    assert_fails(done, 125, "timens run: ", "user.max_time_namespaces")
