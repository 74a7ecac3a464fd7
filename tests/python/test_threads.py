# SPDX-License-Identifier: MIT
"""Starts from many threads, beside forks, and in other interpreters of the same process."""

import errno
import fcntl
import gc
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import timens
from helpers import ASKED, children, count_fds, isolated, offsets_of, program, shown_offsets, spans

THREADS = 32


def together(*tasks: Callable[[], None]) -> list[BaseException]:
    """Runs them at once, each in a thread of its own, and returns what they raise."""
    barrier = threading.Barrier(len(tasks))
    raised: list[BaseException] = []

    def run(task: Callable[[], None]) -> None:
        barrier.wait()
        try:
            task()
        except BaseException as error:
            raised.append(error)

    threads = [threading.Thread(target=run, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def show_clocks() -> None:
    done = timens.run([program("clocks")], capture_output=True, text=True, **ASKED)
    assert done.returncode == 0
    assert shown_offsets(done.stdout) == offsets_of() + spans(**ASKED)


def run_without_pipes() -> None:
    assert timens.run(["sh", "-c", "exit 3"], **ASKED).returncode == 3


def send_much() -> None:
    data = os.urandom(200_000)
    done = timens.run(["cat"], input=data, capture_output=True, **ASKED)
    assert (done.stdout, done.returncode) == (data, 0)


def fail_in_the_namespace() -> None:
    with pytest.raises(timens.Error) as caught:
        timens.run(["true"], capture_output=True, boottime=-(10**9))
    assert caught.value.errno == errno.ERANGE


def fail_in_exec() -> None:
    with pytest.raises(FileNotFoundError):
        timens.run(["/no/such/program"], capture_output=True, **ASKED)


TASKS = [show_clocks, run_without_pipes, send_much, fail_in_the_namespace, fail_in_exec]


def test_many_threads_at_once() -> None:
    def several(first: int) -> Callable[[], None]:
        def run() -> None:
            for number in range(len(TASKS)):
                TASKS[(first + number) % len(TASKS)]()

        return run

    before = count_fds(), children()
    assert together(*map(several, range(THREADS))) == []
    gc.collect()
    assert (count_fds(), children()) == before


def test_all_in_one_namespace_each() -> None:
    """Each gets what it has asked for, and not what its neighbour has."""

    def start(number: int) -> Callable[[], None]:
        asked: dict[str, Any] = {"boottime": (number * 1000, number), "monotonic": (number, 0)}

        def run() -> None:
            done = timens.run([program("clocks")], stdout=-1, text=True, **asked)
            assert shown_offsets(done.stdout) == offsets_of() + spans(**asked)

        return run

    assert together(*map(start, range(THREADS))) == []


# -- fork in the parent, while others start --


def fork_beside_starts() -> None:
    """The forked child has locks and descriptors as they were in the middle of other starts."""
    stop = threading.Event()

    def start_on() -> None:
        while not stop.is_set():
            show_clocks()
            fail_in_the_namespace()

    def fork_often() -> None:
        try:
            for _ in range(20):
                pid = os.fork()
                if pid == 0:
                    signal.alarm(60)
                    os._exit(0 if timens.run(["true"], **ASKED).returncode == 0 else 1)
                assert os.waitpid(pid, 0) == (pid, 0)
        finally:
            stop.set()

    before = count_fds(), children()
    raised = together(start_on, start_on, start_on, fork_often)
    assert raised == [], raised
    gc.collect()
    assert (count_fds(), children()) == before


def test_fork_beside_starts() -> None:
    isolated(fork_beside_starts)


# -- The GIL --


def start_what_another_thread_lets_go(path: str) -> None:
    """A lease holds exec up until another thread gives it back: for that it needs the GIL."""
    signal.signal(signal.SIGIO, signal.SIG_IGN)
    fd = os.open(path, os.O_RDONLY)
    fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_WRLCK)
    state: list[str] = []

    def give_back() -> None:
        # Still before its exec, a child has our executable.
        state.extend(os.readlink(f"/proc/{child}/exe") for child in children())
        fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_UNLCK)

    thread = threading.Timer(0.2, give_back)
    thread.start()
    process: timens.Popen[bytes] = timens.Popen([path, "nothing"], **ASKED)
    assert process.wait() == 0
    thread.join()
    # With the GIL held, the kernel takes the lease by itself in the end, and the program has run.
    assert state == [os.readlink("/proc/self/exe")]


def test_starts_without_the_gil(tmp_path: Path) -> None:
    path = shutil.copy(program("clocks"), tmp_path)
    isolated(start_what_another_thread_lets_go, str(path))


# -- Interpreters --


def _interpreters() -> Any:
    """Not public before 3.14, and under two names."""
    if sys.version_info >= (3, 13):
        import _interpreters  # type: ignore[import-not-found, unused-ignore]

        return _interpreters
    import _xxsubinterpreters  # type: ignore[import-not-found]

    return _xxsubinterpreters


def _create(own_gil: bool) -> Any:
    if sys.version_info >= (3, 13):
        return _interpreters().create("isolated" if own_gil else "legacy")
    return _interpreters().create(isolated=own_gil)


def _outcome(own_gil: bool, code: str) -> str:
    """Empty, or the error, of code in a new interpreter."""
    interpreter = _create(own_gil)
    try:
        failure = _interpreters().run_string(interpreter, code)
        return failure.formatted if failure is not None else ""
    except Exception as error:
        return str(error)
    finally:
        _interpreters().destroy(interpreter)


def start_in_interpreters() -> None:
    code = f"""if True:
        import timens
        for _ in range(5):
            done = timens.run([{program("clocks")!r}], capture_output=True, uptime="49d17h")
            assert b"reading boottime 42948" in done.stdout
            try:
                timens.run(["true"], boottime=-10**9)
            except timens.Error as error:
                assert error.stage == "offsets"
            else:
                raise AssertionError("no error")
    """
    before = count_fds(), children()
    for _ in range(3):
        # Before and after the main interpreter has it.
        assert _outcome(False, code) == ""
        show_clocks()
    if sys.version_info >= (3, 12):
        # SWIG's runtime keeps objects for the whole process: refused, and in clear words.
        assert "timens._timens does not support loading in subinterpreters" in _outcome(True, code)
    assert (count_fds(), children()) == before


def test_support_without_the_gil() -> None:
    """Another thread sees the child that it makes; with the GIL held, none runs meanwhile."""
    seen, over = threading.Event(), threading.Event()
    before = children()

    def look() -> None:
        while not over.is_set():
            if children() - before:
                seen.set()

    looking = threading.Thread(target=look)
    looking.start()
    until = time.monotonic() + 30
    while not seen.is_set() and time.monotonic() < until:
        timens.support()
    over.set()
    looking.join()
    assert seen.is_set()


def test_interpreters() -> None:
    isolated(start_in_interpreters)
