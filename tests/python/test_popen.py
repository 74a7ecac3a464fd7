# SPDX-License-Identifier: MIT
"""What only Python has: the rest of subprocess's interface, the kinds of times, exceptions."""

import ast
import copy
import errno
import fcntl
import gc
import os
import pickle
import re
import select
import signal
import subprocess
import sys
import textwrap
import threading
import time
import warnings
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import timens
from helpers import (
    ASKED,
    DAY,
    NS,
    assert_clocks,
    become_nobody,
    children,
    count_fds,
    fails,
    finish,
    isolated,
    namespace,
    offsets_of,
    only,
    output_of,
    program,
    shown_offsets,
    shown_readings,
    sleeper,
    spans,
)

# -- A subprocess.Popen --


def test_is_a_popen() -> None:
    with sleeper() as process:
        assert isinstance(process, subprocess.Popen)
        assert (process.args, process.returncode) == (["cat"], None)
        assert process.pid in children()
        assert repr(process) == "<Popen: returncode: None args: ['cat']>"


def test_plain_without_times() -> None:
    process, text = finish(["readlink", "-n", "/proc/self/ns/time"])
    assert text == namespace()
    assert (process.route, process.userns, process.pidfd) == (None, False, None)
    # All of subprocess works then, also what cannot be combined with a time yet.
    assert output_of(["sh", "-c", "umask"], umask=0o27) == "0027\n"


def test_choices_without_a_clock(route: Any) -> None:
    """As from C and Lua: a user namespace, and no time namespace."""
    for userns in ("always", "never"):
        start: Any = {"userns": userns, "route": route}
        process, text = finish(["readlink", "-n", "/proc/self/ns/time"], **start)
        assert (text, process.userns) == (namespace(), userns == "always")
        user = output_of(["readlink", "-n", "/proc/self/ns/user"], **start)
        assert (user == os.readlink("/proc/self/ns/user")) == (userns == "never")
    with pytest.raises(FileNotFoundError):
        timens.Popen(["/no/such/program"], userns="always", route=route)
    assert timens.Popen(["true"], route=route).wait() == 0


def test_choices_that_preexec_fn_has_not() -> None:
    start: dict[str, Any] = {"preexec_fn": os.getpid}
    for moved in ({}, ASKED):
        for route in ("clone3", "vfork"):
            with pytest.raises(timens.InputError, match=f"route: '{route}' cannot be taken"):
                timens.Popen(["true"], route=route, **start, **moved)
        assert timens.Popen(["true"], route="fork", **start, **moved).wait() == 0
    with pytest.raises(timens.InputError, match="userns: 'always' takes a clock here"):
        timens.Popen(["true"], userns="always", **start)
    assert timens.Popen(["true"], userns="never", **start).wait() == 0


def test_order_of_the_arguments_of_a_start() -> None:
    root = Path(__file__).parents[2]
    source = (root / "swig/python_start.c").read_text("utf-8")
    in_c = re.findall(r"^\t([A-Z_]+),$", source.partition("enum {")[2].partition("}")[0], re.M)
    stub = ast.parse((root / "python/timens/_timens.pyi").read_text("utf-8"))
    start = [node for node in stub.body if isinstance(node, ast.FunctionDef)][1]
    assert start.name == "start"
    assert [arg.arg.upper() for arg in start.args.posonlyargs] == in_c


def test_positional_arguments() -> None:
    argv0 = ["another-name", "-c", "echo $0"]
    with timens.Popen(argv0, -1, "/bin/sh", None, timens.PIPE, **ASKED) as process:
        assert process.communicate()[0] == b"another-name\n"


def test_shell() -> None:
    assert output_of("echo $0 $((6 * 7))", shell=True, **ASKED) == "/bin/sh 42\n"
    assert output_of(["echo $0 $1", "a", "b"], shell=True, **ASKED) == "a b\n"
    assert output_of("echo $0", shell=True, executable="/bin/bash", **ASKED) == "/bin/bash\n"
    with pytest.raises(TypeError, match="path-like args is not allowed when shell is true"):
        timens.Popen(Path("/bin/true"), shell=True, **ASKED)


@pytest.mark.parametrize("args", ["true", b"true", Path("/bin/true"), ["true"], (b"true",)])
def test_forms_of_args(args: Any) -> None:
    assert timens.run(args, **ASKED).returncode == 0


@pytest.mark.parametrize(
    ("start", "error"),
    [
        ({"args": ["echo", 1]}, TypeError),
        ({"args": ["echo", "a\0b"]}, ValueError),
        ({"args": ["true"], "cwd": 5}, TypeError),
        ({"args": ["true"], "env": {"A": 1}}, TypeError),
        ({"args": ["true"], "env": {"A": "b\0c"}}, ValueError),
        ({"args": ["true"], "pass_fds": [-1]}, ValueError),
        ({"args": []}, IndexError),
        ({"args": ["true"], "executable": ""}, OSError),
    ],
)
def test_refuses_what_subprocess_refuses(start: dict[str, Any], error: type[Exception]) -> None:
    pipes: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), timens.PIPE)
    with pytest.raises(error):
        timens.Popen(**start, **pipes)
    with pytest.raises(error):
        timens.Popen(**start, **pipes, **ASKED)


# -- preexec_fn: by the standard library's own fork --


def test_preexec_fn_runs_inside() -> None:
    def tell() -> None:
        os.write(1, b"%d\n" % time.clock_gettime_ns(time.CLOCK_BOOTTIME))

    before = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    process, text = finish([program("clocks")], preexec_fn=tell, **ASKED)
    told, _, clocks = text.partition("\n")
    assert int(told) >= before + DAY * NS
    assert shown_offsets(clocks) == offsets_of() + spans(**ASKED)
    assert (process.route, process.userns) == ("fork", os.geteuid() != 0)
    process, _ = finish(["true"], preexec_fn=tell, userns="always", **ASKED)
    assert process.userns is True


def test_preexec_fn_that_fails() -> None:
    def fail() -> None:
        raise RuntimeError("not here")

    fds = count_fds()
    with pytest.raises(timens.SubprocessError, match="preexec_fn"):
        timens.Popen(["true"], preexec_fn=fail, **ASKED)
    # It is the namespace that failed here, and the error says so.
    with fails("offsets", errno.ERANGE, "negative"):
        timens.Popen(["true"], preexec_fn=os.getpid, boottime=-(10**9))
    with pytest.raises(FileNotFoundError):
        timens.Popen(["/no/such/program"], preexec_fn=os.getpid, **ASKED)
    assert count_fds() == fds


def test_preexec_fn_while_another_thread_forks() -> None:
    """A fork that does not exec keeps open what we read the child's answer from."""
    reader, writer = os.pipe()
    forked: list[int] = []

    def fork() -> None:
        pid = os.fork()
        if pid == 0:
            os.close(writer)
            os.read(reader, 1)
            os._exit(0)
        forked.append(pid)

    def fork_meanwhile(self: Any, *given: Any) -> None:
        thread = threading.Thread(target=fork)
        thread.start()
        thread.join()
        known(self, *given)

    known = subprocess.Popen._execute_child  # type: ignore[attr-defined]
    # Were it waited for, its end would only come after this.
    late = threading.Timer(20, os.close, [writer])
    late.start()
    began = time.monotonic()
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(subprocess.Popen, "_execute_child", fork_meanwhile)
            assert timens.Popen(["true"], preexec_fn=os.getpid, **ASKED).wait() == 0
        took = time.monotonic() - began
    finally:
        if late.is_alive():
            late.cancel()
            os.close(writer)
        late.join()
        os.close(reader)
        os.waitpid(forked[0], 0)
    assert took < 15


def start_without_streams(file: str) -> None:
    output = os.open(file, os.O_WRONLY | os.O_CREAT)
    high = fcntl.fcntl(output, fcntl.F_DUPFD_CLOEXEC, 10)
    for fd in (0, 1, output):
        os.close(fd)
    timens.run(["echo", "text"], stdout=high, preexec_fn=os.getpid, check=True, **ASKED)


def test_preexec_fn_with_streams_closed(tmp_path: Path) -> None:
    isolated(start_without_streams, str(tmp_path / "output"))
    assert (tmp_path / "output").read_bytes() == b"text\n"


def test_preexec_fn_without_a_pidfd(monkeypatch: pytest.MonkeyPatch) -> None:
    """No program goes on that nobody knows of."""

    def refuse(_: int) -> int:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    monkeypatch.setattr(os, "pidfd_open", refuse)
    before = children()
    with pytest.raises(OSError, match="Too many open files"):
        timens.Popen(["sleep", "60"], preexec_fn=os.getpid, **ASKED)
    assert children() == before


def test_preexec_fn_without_proc(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is still told what is wrong with the namespace."""

    def refuse(path: str) -> str:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)

    monkeypatch.setattr(os, "readlink", refuse)
    with fails("offsets", errno.ERANGE, "negative"):
        timens.Popen(["true"], preexec_fn=os.getpid, boottime=-(10**9))


class PopenOfTomorrow(timens.Popen[str]):
    """Gets one more argument of the standard library than we know."""

    def _execute_child(self, *args: Any) -> None:
        super()._execute_child(*args, "one more")


def test_subprocess_of_tomorrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other arguments than we know: then the start is the standard library's."""
    monkeypatch.setattr(timens._popen, "_ARE_KNOWN", False)
    assert assert_clocks(**ASKED).route == "fork"
    monkeypatch.undo()
    known = subprocess.Popen._execute_child  # type: ignore[attr-defined]
    monkeypatch.setattr(
        subprocess.Popen, "_execute_child", lambda self, *args: known(self, *args[:-1])
    )
    with PopenOfTomorrow([program("clocks")], stdout=timens.PIPE, text=True, **ASKED) as process:
        output, _ = process.communicate()
    assert shown_offsets(output) == offsets_of() + spans(**ASKED)
    assert process.route == "fork"


def test_arguments_are_the_known_ones() -> None:
    # Else every start here has quietly become a slow one.
    assert timens._popen._ARE_KNOWN


def test_vfork_turned_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """subprocess's documented switch."""
    monkeypatch.setattr(subprocess, "_USE_VFORK", False)
    assert assert_clocks(**ASKED).route == "fork"


def test_fork_of_somebody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """A debugger that follows what is started has a function of its own under subprocess."""
    own = subprocess._fork_exec  # type: ignore[attr-defined]
    seen = []

    def fork_exec(*args: Any) -> Any:
        seen.append(args[0])
        return own(*args)

    monkeypatch.setattr(subprocess, "_fork_exec", fork_exec)
    assert assert_clocks(**ASKED).route == "fork"
    assert len(seen) == 1
    monkeypatch.undo()
    assert assert_clocks(**ASKED).route != "fork" or timens.support().route == "fork"


@pytest.mark.parametrize("name", ["user", "group", "umask", "process_group"])
def test_numbers_out_of_range(name: str) -> None:
    # In some versions subprocess takes a process group modulo 2**32.
    options: dict[str, Any] = {name: 2**40}
    with pytest.raises(OverflowError):
        timens.Popen(["true"], **options, **ASKED)


def test_communicate_both_ways() -> None:
    # More than a pipe holds, so that reading and writing must take turns.
    data = bytes(range(256)) * 4096
    process: timens.Popen[bytes] = timens.Popen(["cat"], stdin=-1, stdout=-1, **ASKED)
    output, error = process.communicate(data)
    assert output == data
    assert error is None
    assert process.returncode == 0


def test_text_and_stderr() -> None:
    script = "cat; echo grün >&2"
    process: timens.Popen[str] = timens.Popen(
        ["sh", "-c", script], stdin=-1, stdout=-1, stderr=-1, encoding="utf-8", **ASKED
    )
    assert process.communicate("blau\n") == ("blau\n", "grün\n")
    joined = ["sh", "-c", "echo one; echo two >&2"]
    assert output_of(joined, stderr=timens.STDOUT, **ASKED) == "one\ntwo\n"


def test_context_manager_waits() -> None:
    with timens.Popen(["sh", "-c", "read line; exit 3"], stdin=timens.PIPE, **ASKED) as process:
        assert process.poll() is None
    assert process.returncode == 3
    assert process.stdin is not None
    assert process.stdin.closed


def test_audit_event() -> None:
    isolated(audited)


def audited() -> None:
    seen = []
    sys.addaudithook(lambda event, args: seen.append(args) if event == "subprocess.Popen" else None)
    start: dict[str, Any] = {"cwd": "/", "env": {"A": "1"}}
    for times in ({}, ASKED):
        timens.run("true", shell=True, **start, **times)
    assert seen == [("/bin/sh", ["/bin/sh", "-c", "true"], "/", {"A": "1"})] * 2


# -- Threads, descriptors, garbage --


def test_environment_may_change_meanwhile() -> None:
    stop = threading.Event()

    def change_environment() -> None:
        while not stop.is_set():
            for n in range(50):
                os.environ[f"TIMENS_TEST_{n}"] = "x" * n
            for n in range(50):
                del os.environ[f"TIMENS_TEST_{n}"]

    thread = threading.Thread(target=change_environment)
    thread.start()
    try:
        for _ in range(30):
            assert timens.run(["true"], **ASKED).returncode == 0
    finally:
        stop.set()
        thread.join()


def test_pidfd_tells_the_end() -> None:
    with sleeper() as process:
        assert process.pidfd is not None
        assert select.select([process.pidfd], [], [], 0) == ([], [], [])
        process.kill()
        assert select.select([process.pidfd], [], [], 60) == ([process.pidfd], [], [])
        process.wait()
        assert process.pidfd is None


def test_two_threads_wait() -> None:
    with sleeper() as process:
        codes: list[int] = []
        limits = [None, 60, 60, None]
        threads = [
            threading.Thread(target=lambda limit=limit: codes.append(process.wait(limit)))
            for limit in limits
        ]
        for thread in threads:
            thread.start()
        process.kill()
        for thread in threads:
            thread.join()
        assert codes == [-signal.SIGKILL] * len(limits)


def kill_from_another_thread() -> None:
    with sleeper() as process:
        pidfd = os.dup(process.pidfd or -1)
        killer = threading.Timer(0.1, process.kill)
        killer.start()
        # Were the GIL held here, nobody would ever kill it.
        assert timens._timens.wait(process.pid, pidfd, -1, 0) == signal.SIGKILL
        killer.join()


def test_core_waits_without_the_gil() -> None:
    isolated(kill_from_another_thread)


def test_dropped_without_wait() -> None:
    fds = count_fds()
    process: timens.Popen[bytes] | None = timens.Popen(["true"], **ASKED)
    assert process is not None
    pid = process.pid
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        process = None
        gc.collect()
    assert [warning.category for warning in caught] == [ResourceWarning]
    assert pid not in children()
    assert count_fds() == fds


def test_silent_at_the_end_of_the_interpreter() -> None:
    code = """
        import timens
        process = timens.spawn(["true"], boottime=1)
        process.wait()
        left = timens.spawn(["true"], boottime=1)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, check=True
    )
    assert (done.stdout, done.stderr) == (b"", b"")


# -- run --


def test_run_returns_what_subprocess_does() -> None:
    argv = ["sh", "-c", "cat; echo err >&2; exit 3"]
    start: dict[str, Any] = {"input": "text", "capture_output": True, "text": True}
    expected = subprocess.run(argv, check=False, **start)
    done = timens.run(argv, **start, **ASKED)
    assert vars(done) == vars(expected)
    assert repr(done) == repr(expected)


def test_text_by_its_encoding() -> None:
    """For a type checker too."""
    done: subprocess.CompletedProcess[str] = timens.run(
        ["echo", "grün"], encoding="utf-8", uptime="1d", stdout=timens.PIPE
    )
    assert done.stdout == "grün\n"
    process: timens.Popen[str] = timens.spawn(["true"], encoding="utf-8", uptime="1d")
    assert process.wait() == 0


def test_run_check() -> None:
    with pytest.raises(timens.CalledProcessError) as caught:
        timens.run(["sh", "-c", "echo out; exit 3"], capture_output=True, check=True, **ASKED)
    error = caught.value
    assert (error.returncode, error.output, error.stderr) == (3, b"out\n", b"")


def test_run_timeout_kills() -> None:
    before = children()
    read_end, write_end = os.pipe()
    try:
        with pytest.raises(timens.TimeoutExpired) as caught:
            timens.run(["cat"], stdin=read_end, stdout=timens.PIPE, timeout=0.01, **ASKED)
    finally:
        os.close(read_end)
        os.close(write_end)
    assert (caught.value.cmd, caught.value.timeout) == (["cat"], 0.01)
    assert children() == before


def test_command_by_keyword() -> None:
    """As subprocess.run and Popen take it."""
    assert timens.run(args=["true"], **ASKED).returncode == 0
    assert timens.spawn(args=["true"], **ASKED).wait() == 0


def test_run_refuses_double_use() -> None:
    with pytest.raises(ValueError, match="stdin and input"):
        timens.run(["true"], stdin=timens.PIPE, input=b"", **ASKED)
    with pytest.raises(ValueError, match="capture_output"):
        timens.run(["true"], stdout=timens.PIPE, capture_output=True, **ASKED)


def test_calls_of_our_own_are_few() -> None:
    """What Python does between subprocess's own and the core is a good part of a start's cost."""
    folder = os.path.dirname(timens.__file__)
    seen = []

    def profile(frame: Any, event: str, _: Any) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(folder):
            seen.append(frame.f_code.co_name)

    sys.setprofile(profile)
    try:
        timens.Popen(["true"], boottime=86400).wait()
    finally:
        sys.setprofile(None)
    start = ["__init__", "take_times", "take", "__init__", "_execute_child", "_can_start", "_start"]
    # The last one is __del__'s.
    assert seen == [*start, "now", "_wait", "_internal_poll"]


# -- Times --


@pytest.mark.parametrize(
    ("value", "pair"),
    [
        (5, (5, 0)),
        (signal.SIGINT, (2, 0)),
        (0.1, (0, 100000000)),
        (-0.5, (-1, 500000000)),
        (1e9 + 0.25, (1000000000, 250000000)),
        (1e-9, (0, 1)),
        (4294967.296, (4294967, 296000000)),
        (Decimal("1000000.000000037"), (1000000, 37)),
        (Decimal("1.50000000000000000000"), (1, 500000000)),
        (Decimal("0e-999999999"), (0, 0)),
        (Fraction(1, 8), (0, 125000000)),
        (timedelta(days=49, microseconds=1), (49 * DAY, 1000)),
        (timedelta(microseconds=-1), (-1, 999999000)),
        ((-1, 999999999), (-1, 999999999)),
        (timens.Timespec(7, 8), (7, 8)),
        ("49d17h2m47.296s", (4294967, 296000000)),
        ("1µs", (0, 1000)),
    ],
)
def test_times_are_exact(value: Any, pair: tuple[int, int]) -> None:
    text = output_of(["cat", "/proc/self/timens_offsets"], boottime=value)
    assert shown_offsets(text) == offsets_of() + spans(boottime=pair)


@pytest.mark.parametrize("value", ["49d17h", "@49d17h", 4294800, timens.at("49d17h")])
def test_uptime_is_a_reading_of_both_clocks(value: Any) -> None:
    _, text = finish([program("clocks")], uptime=value)
    shown = shown_readings(text)
    for reading in (shown.boottime, shown.monotonic):
        assert 0 <= reading - 4294800 * NS < 60 * NS


def test_readings_by_at() -> None:
    assert timens.at("@u32-ms-5s") == timens.at((4294962, 296000000))
    assert str(timens.at(1.5)) == "@1.5s"
    assert timens.at("1h") != timens.parse("1h")
    assert len({timens.at("1h"), timens.at("60m"), timens.parse("1h")}) == 2
    assert timens.at("1h").total_ns == 3600 * NS
    _, text = finish([program("clocks")], boottime=timens.at("1h"))
    assert 0 <= shown_readings(text).boottime - 3600 * NS < 60 * NS


def test_points_are_readings() -> None:
    point = timens.points[3]
    assert timens.at(point) == point.reading
    _, text = finish([program("clocks")], uptime=point)
    assert 0 <= shown_readings(text).monotonic - point.reading.total_ns < 60 * NS


@pytest.mark.parametrize("pair", [(-5, 0), (1, -1), (1, NS)])
def test_readings_that_cannot_be(pair: tuple[int, int]) -> None:
    for make in (timens.at, lambda pair: timens.Reading(*pair)):
        with pytest.raises(timens.InputError, match="a clock reads 0 to 4611686018 s"):
            make(pair)
    with pytest.raises(TypeError, match="two ints"):
        timens.Reading("x", None)  # type: ignore[arg-type]


def test_uptime_excludes_the_others() -> None:
    for clock in ASKED:
        with pytest.raises(TypeError, match="excludes boottime and monotonic"):
            timens.spawn(["true"], uptime=1, **only(clock, 1))
    for value in (-1, "-1s", (1, -1), 10**10):
        with fails("args", errno.ERANGE, "uptime: reading of", "146 years"):
            timens.spawn(["true"], uptime=value)
    with pytest.raises(TypeError, match="uptime: a bool"):
        timens.spawn(["true"], uptime=True)


def test_parse_and_format() -> None:
    assert timens.parse("-0.5") == timens.Timespec(-1, 500000000)
    assert timens.parse("@u32-ms") == timens.points[3].reading
    assert timens.format((-1, 500000000)) == "-0.5s"
    assert timens.format(timens.at("49d17h")) == "@49d17h"
    with pytest.raises(TypeError, match="expected a str"):
        timens.parse(5)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (1e-10, timens.InputError, r"1e-10 is finer than a nanosecond; use round\(x, 9\)"),
        (Decimal("1e-999999999"), timens.InputError, "finer than a nanosecond"),
        (Fraction(1, 3), timens.InputError, "finer than a nanosecond"),
        (float("nan"), timens.InputError, "nan is not a time"),
        (float("inf"), timens.InputError, "inf is not a time"),
        (Decimal("sNaN"), timens.InputError, "is not a time"),
        (Decimal("1e999999999"), timens.InputError, "out of range"),
        (1e300, timens.InputError, "out of range"),
        (2**63, timens.InputError, "out of range"),
        (True, TypeError, "a bool is not a time"),
        (b"1", TypeError, "not bytes"),
        (1j, TypeError, "not complex"),
        ((1,), TypeError, "two ints"),
        ((1, 0.5), TypeError, "two ints"),
        ([1, 0], TypeError, "not list"),
        ("1 fortnight", timens.InputError, "column 3"),
        ("@-5s", timens.InputError, "a clock reads no less than 0"),
        ("@u32ms-5s", timens.InputError, "did you mean 'u32-ms'"),
        ("1\0", timens.InputError, "zero character"),
        ("\ud800", timens.InputError, "column 1"),
    ],
)
def test_refused_times(value: Any, error: type[Exception], message: str) -> None:
    for clock in ASKED:
        with pytest.raises(error, match=f"^{clock}: .*{message}"):
            timens.spawn(["true"], **only(clock, value))


def test_integers_of_others() -> None:
    """numpy's, say."""

    class Integer:
        def __index__(self) -> int:
            return 86400

    value: Any = Integer()
    text = output_of(["cat", "/proc/self/timens_offsets"], boottime=value)
    assert shown_offsets(text) == offsets_of() + spans(boottime=(86400, 0))


def test_float_subclass_with_another_repr() -> None:
    class Seconds(float):
        def __repr__(self) -> str:
            return f"Seconds({float(self)})"

    text = output_of(["cat", "/proc/self/timens_offsets"], boottime=Seconds(0.1))
    assert shown_offsets(text) == offsets_of() + spans(boottime=(0, 10**8))


def test_timespec() -> None:
    assert timens.Timespec(-1, 999999999).total_ns == -1
    assert isinstance(timens.read().boottime, timens.Timespec)


# -- Errors --


def test_error_is_an_oserror() -> None:
    with pytest.raises(ProcessLookupError) as caught:
        timens.read(2**31 - 1)
    error = caught.value
    assert isinstance(error, timens.Error)
    assert not isinstance(error, ValueError)
    assert (error.errno, error.stage) == (errno.ESRCH, "read")
    assert str(error) == error.strerror
    assert error.hint in str(error)


def test_input_error_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="column 1"):
        timens.spawn(["true"], boottime="soon")
    with pytest.raises(ValueError, match="negative"):
        timens.spawn(["true"], boottime=-(10**9))


def refused_as_nobody() -> None:
    become_nobody()
    with pytest.raises(PermissionError, match="CAP_SYS_ADMIN") as caught:
        timens.spawn(["true"], userns="never", **ASKED)
    assert type(caught.value) is timens.NotPermittedError


def test_what_is_not_permitted_is_a_permission_error() -> None:
    isolated(refused_as_nobody)


@pytest.mark.parametrize(
    ("number", "stage", "kind"),
    [
        (errno.EPERM, "write", timens.NotPermittedError),
        (errno.EACCES, "map", timens.NotPermittedError),
        (errno.EINVAL, "unshare", timens.UnsupportedError),
        (errno.ENOSYS, "clone", timens.UnsupportedError),
        (errno.EOPNOTSUPP, "route", timens.UnsupportedError),
        (errno.EINVAL, "route", timens.Error),
        (errno.ERANGE, "offsets", timens.InputError),
        (errno.ENOMEM, "clone", timens.Error),
    ],
)
def test_kinds_of_errors(number: int, stage: str, kind: type[timens.Error]) -> None:
    error = timens._errors.from_core(number, stage, "the text", "the hint")
    assert type(error) is kind
    assert isinstance(error, PermissionError) == (kind is timens.NotPermittedError)


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.EAGAIN, BlockingIOError),
        (errno.ESRCH, ProcessLookupError),
        (errno.ENOENT, FileNotFoundError),
    ],
)
def test_error_is_that_of_its_errno(number: int, kind: type[OSError]) -> None:
    """A limit of processes, say, is for subprocess a BlockingIOError."""
    error = timens._errors.from_core(number, "clone", "the text", "the hint")
    for found in (error, pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert isinstance(found, kind) and isinstance(found, timens.Error)
        assert type(found) is type(error)
        assert (str(found), found.errno, found.hint) == ("the text", number, "the hint")


@pytest.mark.parametrize("again", [lambda e: pickle.loads(pickle.dumps(e)), copy.copy])
@pytest.mark.parametrize(
    "kind",
    [timens.Error, timens.InputError, timens.NotPermittedError, timens.UnsupportedError],
)
def test_error_pickles(kind: type[timens.Error], again: Callable[[Any], Any]) -> None:
    error = kind(errno.EPERM, "the text", "unshare", "the hint")
    found = again(error)
    assert type(found) is kind
    assert str(found) == "the text"
    assert (found.errno, found.strerror, found.stage, found.hint) == (
        errno.EPERM,
        "the text",
        "unshare",
        "the hint",
    )


def test_bad_time_starts_nothing() -> None:
    before = children()
    with fails("offsets", errno.EINVAL, "boottime"):
        timens.Popen(["true"], stdin=-1, stdout=-1, stderr=-1, boottime=(0, -1))
    assert children() == before


def test_version_and_names() -> None:
    assert timens.__version__.count(".") == 2
    assert all(hasattr(timens, name) for name in timens.__all__)
    for function in (timens.run, timens.spawn, timens.Popen, timens.create_subprocess_exec):
        text = function.__doc__ or ""
        assert all(name in text for name in ("boottime", "monotonic", "uptime", "userns", "route"))
    assert_clocks(**ASKED)
