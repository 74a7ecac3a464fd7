# SPDX-License-Identifier: MIT
"""get_context: workers of multiprocessing in a time namespace.

Each test is in a process of its own: the tracker and the fork server stay until the end of theirs.
"""

import copy
import errno
import gc
import multiprocessing
import os
import pickle
import signal
import subprocess
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
import timens
from helpers import (
    ASKED,
    DAY,
    NS,
    children,
    count_fds,
    fails,
    isolated,
    namespace,
    offsets_of,
    run_examples,
    spans,
)
from timens import _workers

METHODS = ["spawn", "fork", "forkserver"]
each_method = pytest.mark.parametrize("method", METHODS)


# -- What workers do --


def shown() -> tuple[int, int]:
    found = offsets_of()
    return found.boottime, found.monotonic


def asked() -> tuple[int, int]:
    wanted = offsets_of() + spans(**ASKED)
    return wanted.boottime, wanted.monotonic


def put_shown(queue: Any, lock: Any) -> None:
    with lock:
        queue.put(shown())


def boottime(_: object = None) -> int:
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)


def user_namespace() -> str:
    return os.readlink("/proc/self/ns/user")


def wait_for(event: Any) -> None:
    event.wait()


class OnArrival:
    """Tells the offsets that the worker has when it unpickles its arguments."""

    def __reduce__(self) -> Any:
        return shown, ()


def exit_with_equality(one: object, other: object) -> None:
    os._exit(3 if one == other else 4)


# -- The tests --


@each_method
def test_process(method: Any) -> None:
    isolated(start_processes, method)


def start_processes(method: Any) -> None:
    context = timens.get_context(method, **ASKED)
    assert isinstance(context, type(multiprocessing.get_context(method)))
    assert context.get_start_method() == method
    queue, lock = context.Queue(), context.Lock()
    process = context.Process(target=put_shown, args=(queue, lock))
    plain = multiprocessing.get_context(method).Process()
    assert process.name.split("-")[0] == plain.name.split("-")[0]
    process.start()
    assert queue.get() == asked()
    process.join(60)
    assert process.exitcode == 0
    assert multiprocessing.connection.wait([process.sentinel], 60) == [process.sentinel]
    process.close()
    assert namespace() == os.readlink("/proc/self/ns/time_for_children")


@each_method
def test_ends_of_a_process(method: Any) -> None:
    isolated(end_processes, method)


def end_processes(method: Any) -> None:
    context = timens.get_context(method, **ASKED)
    before = children()
    for end, code in (("terminate", -signal.SIGTERM), ("kill", -signal.SIGKILL)):
        process = context.Process(target=wait_for, args=(context.Event(),), daemon=True)
        process.start()
        process.join(0.01)
        assert (process.is_alive(), process.exitcode) == (True, None)
        getattr(process, end)()
        process.join()
        assert process.exitcode == code
    event = context.Event()
    process = context.Process(target=wait_for, args=(event,))
    process.start()
    assert process in multiprocessing.active_children()
    event.set()
    process.join()
    assert process.exitcode == 0
    # Another start, which cleans up behind subprocess, does not take the exit code away.
    process = context.Process(target=os._exit, args=(3,))
    process.start()
    multiprocessing.connection.wait([process.sentinel])
    subprocess.run(["true"], check=True)
    process.join()
    assert process.exitcode == 3
    # The fork server and the tracker stay.
    assert len(children() - before) <= 2


@each_method
def test_pools(method: Any) -> None:
    isolated(fill_pools, method)


def fill_pools(method: Any) -> None:
    context = timens.get_context(method, **ASKED)
    with context.Pool(2) as pool:
        assert [pool.apply(shown) for _ in range(4)] == [asked()] * 4
    with ProcessPoolExecutor(2, mp_context=context) as executor:
        assert executor.submit(shown).result() == asked()
    if method == "fork":
        with pytest.raises(ValueError, match="max_tasks_per_child"):
            ProcessPoolExecutor(1, mp_context=context, max_tasks_per_child=1)
        return
    with ProcessPoolExecutor(1, mp_context=context, max_tasks_per_child=1) as executor:
        pids = {executor.submit(os.getpid).result() for _ in range(3)}
        assert len(pids) == 3
        assert executor.submit(shown).result() == asked()


@each_method
def test_reading_of_each_worker(method: Any) -> None:
    isolated(read_in_each_worker, method)


def read_in_each_worker(method: Any) -> None:
    """A target is reached by each worker at its own start."""
    context = timens.get_context(method, uptime="49d17h")
    with context.Pool(1, maxtasksperchild=1) as pool:
        for _ in range(3):
            # The worker of the next round is there already.
            before = boottime()
            time.sleep(0.2)
            reading = pool.apply(boottime) - 4294800 * NS
            assert 0 <= reading < boottime() - before + 60 * NS
            reader = context.SimpleQueue()
            started = boottime()
            process = context.Process(target=put_boottime, args=(reader,))
            process.start()
            assert 0 <= reader.get() - 4294800 * NS <= boottime() - started
            process.join()


def put_boottime(queue: Any) -> None:
    queue.put(boottime())


@each_method
def test_arguments_arrive_inside(method: Any) -> None:
    if method != "fork":
        isolated(send_arguments, method)


def send_arguments(method: Any) -> None:
    context = timens.get_context(method, **ASKED)
    process = context.Process(target=exit_with_equality, args=(OnArrival(), asked()))
    process.start()
    process.join()
    assert process.exitcode == 3


def test_class_of_ones_own() -> None:
    isolated(start_own_class)


own_context = timens.get_context("spawn", **ASKED)


class Worker(own_context.Process):  # type: ignore[name-defined, misc]
    def __init__(self, wanted: tuple[int, int]) -> None:
        super().__init__(name="own")
        self.wanted = wanted

    def run(self) -> None:
        os._exit(3 if shown() == self.wanted else 4)


def start_own_class() -> None:
    process = Worker(asked())
    process.start()
    process.join()
    assert (process.exitcode, process.name) == (3, "own")


@each_method
def test_userns_of_a_worker(method: Any) -> None:
    isolated(use_userns, method)


def use_userns(method: Any) -> None:
    context = timens.get_context(method, userns="always", **ASKED)
    with context.Pool(1) as pool:
        assert pool.apply(shown) == asked()
        assert pool.apply(user_namespace) != user_namespace()


def test_user_namespace_without_a_clock() -> None:
    isolated(use_userns_alone)


def use_userns_alone() -> None:
    with timens.get_context(userns="always").Pool(1) as pool:
        assert pool.apply(namespace) == namespace()
        assert pool.apply(user_namespace) != user_namespace()
    for method in ("fork", "forkserver"):
        with pytest.raises(timens.InputError, match="'always' takes a clock here"):
            timens.get_context(method, userns="always")
    assert type(timens.get_context(userns="never")) is type(multiprocessing.get_context("spawn"))


@each_method
def test_context_can_be_pickled(method: Any) -> None:
    """As those of multiprocessing can; a worker, say, gets it to start more of them."""
    isolated(use_context_from_afar, method)


def use_context_from_afar(method: Any) -> None:
    given = timens.get_context(method, **ASKED)
    for context in (pickle.loads(pickle.dumps(given)), copy.copy(given)):
        assert context.get_start_method() == method
        with context.Pool(1) as pool:
            assert pool.apply(shown) == asked()


def test_manager() -> None:
    isolated(ask_manager)


def ask_manager() -> None:
    context = timens.get_context(**ASKED)
    with context.Manager() as manager:
        assert manager.list([1, 2])[1] == 2
        pid = manager._process.pid
        found = timens.read(pid)
        assert (found.boottime.total_ns, found.monotonic.total_ns) == asked()


@each_method
def test_worker_that_cannot_start(method: Any) -> None:
    isolated(fail_to_start, method)


def fail_to_start(method: Any) -> None:
    context = timens.get_context(method, boottime=-(10**9))
    good = timens.get_context(method, **ASKED).Process()
    good.start()
    good.join()
    good.close()
    before = count_fds(), children()
    for _ in range(3):
        process = context.Process(target=print, args=("x" * 10**6,))
        with fails("offsets", errno.ERANGE, "boottime", "negative"):
            process.start()
        assert (process.pid, process.is_alive()) == (None, False)
    with fails("offsets", errno.ERANGE), context.Pool(2):
        pass
    executor = ProcessPoolExecutor(2, mp_context=context)
    with pytest.raises((timens.Error, BrokenProcessPool)):
        executor.submit(boottime).result()
    executor.shutdown()
    del process, executor
    gc.collect()
    assert (count_fds(), children()) == before


def test_worker_that_ends_too_early() -> None:
    isolated(end_too_early)


def end_too_early() -> None:
    context = timens.get_context("spawn", **ASKED)
    good = context.Process()
    good.start()
    good.join()
    good.close()
    before = count_fds(), children()
    context.set_executable("/bin/false")
    with pytest.raises(BrokenPipeError):
        context.Process(target=print, args=("x" * 10**7,)).start()
    context.set_executable("/no/such/python")
    with pytest.raises(FileNotFoundError, match="/no/such/python"):
        context.Process().start()
    gc.collect()
    assert (count_fds(), children()) == before


def test_worker_that_says_nothing() -> None:
    isolated(end_without_a_word)


def end_without_a_word() -> None:
    """Killed on its way into the namespace: its parent does not wait for ever."""
    _workers.Start.enter = lambda _: os._exit(9)  # type: ignore[assignment, method-assign]
    process = timens.get_context("fork", **ASKED).Process()
    process.start()
    process.join()
    assert process.exitcode == 9


def test_fork_with_threads() -> None:
    isolated(fork_with_threads)


def fork_with_threads() -> None:
    """The child has one thread, whatever the parent has; forks at the same time do not meet."""
    context = timens.get_context("fork", **ASKED)
    bad = timens.get_context("fork", boottime=-(10**9))
    found: list[Any] = []

    def start() -> None:
        for _ in range(5):
            # Not by the exit code: threads of multiprocessing take it away from each other.
            queue = context.SimpleQueue()
            process = context.Process(target=put_shown, args=(queue, nullcontext()))
            process.start()
            with pytest.raises(timens.Error):
                bad.Process().start()
            found.append(queue.get())
            process.join()
            queue.close()

    before = count_fds(), children()
    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [asked()] * 40
    gc.collect()
    assert (count_fds(), children()) == before


def test_arguments() -> None:
    with pytest.raises(ValueError, match="method: 'thread' is not one of spawn, fork, forkserver"):
        timens.get_context("thread", uptime=1)  # type: ignore[call-overload]
    with pytest.raises(ValueError, match="userns: 'maybe'"):
        timens.get_context(userns="maybe")  # type: ignore[call-overload]
    with pytest.raises(TypeError, match="excludes boottime"):
        timens.get_context(uptime=1, boottime=DAY)
    with pytest.raises(timens.InputError, match="uptime: "):
        timens.get_context(uptime="soon")
    assert timens.get_context() is multiprocessing.get_context("spawn")
    assert timens.get_context("fork") is multiprocessing.get_context("fork")
    context = timens.get_context(**ASKED)
    assert context.get_context() is context
    assert context.get_start_method() == "spawn"
    other = context.get_context("fork")
    assert other.get_start_method() == "fork"
    assert type(other) is not type(multiprocessing.get_context("fork"))


def test_documented(tmp_path: Path) -> None:
    run_examples("multiprocessing.md", tmp_path)
