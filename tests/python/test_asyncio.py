# SPDX-License-Identifier: MIT
"""create_subprocess_exec and create_subprocess_shell, on asyncio's loop and on uvloop."""

import asyncio
import errno
import gc
import os
import resource
import signal
import threading
import warnings
from asyncio import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import timens
import uvloop
from helpers import (
    ASKED,
    NS,
    children,
    count_fds,
    fails,
    isolated,
    namespace,
    offsets_of,
    program,
    run_examples,
    shown_offsets,
    shown_readings,
    spans,
)

Main = Callable[[], Awaitable[Any]]
Run = Callable[[Main], Any]

LOOPS: dict[str, dict[str, Any]] = {
    "asyncio": {},
    "debug": {"debug": True},
    "uvloop": {"loop_factory": uvloop.new_event_loop},
}

# The first loop of libuv opens a pipe for the whole process.
uvloop.new_event_loop().close()


@pytest.fixture(params=LOOPS)
def run(request: pytest.FixtureRequest) -> Run:
    def on_loop(main: Main) -> Any:
        async def bounded() -> Any:
            async with asyncio.timeout(30):
                return await main()

        with asyncio.Runner(**LOOPS[request.param]) as runner:
            return runner.run(bounded())

    return on_loop


async def waiting(**start: Any) -> timens.AsyncProcess:
    """A program that runs until its input ends."""
    return await timens.create_subprocess_exec("cat", stdin=timens.PIPE, **(start or ASKED))


async def ended(code: int) -> timens.AsyncProcess:
    """A program that has ended, and the loop has had no turn to see it."""
    process = await timens.create_subprocess_shell(f"read line; exit {code}", stdin=-1, **ASKED)
    assert process.stdin is not None
    process.stdin.write(b"\n")
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    return process


async def talk(process: timens.AsyncProcess, data: bytes | None = None) -> Any:
    """communicate, whose results may be None, whatever the types of asyncio say."""
    return await process.communicate(data)


# -- Starts and streams --


def test_clocks_of_a_program(run: Run, route: Any) -> None:
    async def main() -> None:
        process = await timens.create_subprocess_exec(
            program("clocks"), stdout=timens.PIPE, route=route, **ASKED
        )
        assert isinstance(process, subprocess.Process)
        output, error = await talk(process)
        assert shown_offsets(output.decode()) == offsets_of() + spans(**ASKED)
        assert (error, process.returncode, process.route) == (None, 0, route)
        assert process.pidfd is None

    run(main)


def test_shell(run: Run) -> None:
    async def main() -> None:
        process = await timens.create_subprocess_shell(
            f"{program('clocks')}; exit 3", stdout=timens.PIPE, uptime="49d17h"
        )
        output, _ = await talk(process)
        assert 0 <= shown_readings(output.decode()).boottime - 4294800 * NS < 60 * NS
        assert process.returncode == 3

    run(main)


def test_data_both_ways(run: Run) -> None:
    data = bytes(range(256)) * 4096

    async def main() -> None:
        process = await timens.create_subprocess_exec("cat", stdin=-1, stdout=-1, **ASKED)
        assert await talk(process, data) == (data, None)

    run(main)


def test_streams_of_each_kind(run: Run, tmp_path: Path) -> None:
    async def main() -> None:
        script = "cat; echo error >&2"
        with open(tmp_path / "out", "w+b") as file:
            process = await timens.create_subprocess_shell(
                script, stdin=timens.DEVNULL, stdout=file, stderr=timens.PIPE, **ASKED
            )
            assert (process.stdin, process.stdout) == (None, None)
            assert await talk(process) == (None, b"error\n")
        process = await timens.create_subprocess_shell(
            script, stdin=timens.PIPE, stdout=timens.PIPE, stderr=timens.STDOUT, **ASKED
        )
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"one\n")
        assert await process.stdout.readline() == b"one\n"
        process.stdin.close()
        assert await process.stdout.read() == b"error\n"
        assert await process.wait() == 0

    run(main)


def test_limit_of_a_line(run: Run) -> None:
    async def main() -> None:
        process = await timens.create_subprocess_shell(
            "echo 123456789", stdout=timens.PIPE, limit=4, **ASKED
        )
        assert process.stdout is not None
        with pytest.raises(ValueError, match="longer than limit"):
            await process.stdout.readline()
        assert await process.wait() == 0

    run(main)


def test_plain_start_is_the_loops_own(run: Run) -> None:
    async def main() -> None:
        process = await timens.create_subprocess_exec(
            "readlink", "/proc/self/ns/time", stdout=timens.PIPE
        )
        output, _ = await talk(process)
        assert output.decode().strip() == namespace()
        assert (process.route, process.userns, process.pidfd) == (None, False, None)

    run(main)


def test_user_namespace_without_a_clock(run: Run) -> None:
    async def main() -> None:
        process = await timens.create_subprocess_shell(
            "readlink /proc/self/ns/user /proc/self/ns/time", stdout=timens.PIPE, userns="always"
        )
        output, _ = await process.communicate()
        user, time = output.decode().split()
        assert (user != os.readlink("/proc/self/ns/user"), time) == (True, namespace())
        assert process.userns

    run(main)


def test_preexec_fn(run: Run) -> None:
    async def main() -> None:
        process = await timens.create_subprocess_exec(
            program("clocks"), stdout=-1, preexec_fn=lambda: os.write(1, b"here\n"), **ASKED
        )
        output, _ = await talk(process)
        assert output.startswith(b"here\n")
        assert shown_offsets(output.decode()) == offsets_of() + spans(**ASKED)
        assert (process.route, process.returncode) == ("fork", 0)

    run(main)


# -- What goes wrong --


async def outcome(start: Callable[..., Any], *args: Any, **keywords: Any) -> Any:
    try:
        return await (await start(*args, **keywords)).wait()
    except Exception as error:
        return type(error), str(error)


@pytest.mark.parametrize(
    "keywords",
    [
        {"cwd": "/no/such/folder"},
        {"executable": "/no/such/program"},
        {"executable": "/"},
        {"text": True},
        {"text": False, "encoding": None, "universal_newlines": None, "shell": False},
        {"universal_newlines": True},
        {"encoding": "utf-8"},
        {"errors": ""},
        {"bufsize": 1},
        {"shell": True},
        {"env": {"=": ""}},
        {"unknown": 1},
    ],
    ids=str,
)
def test_errors_are_those_of_asyncio(keywords: dict[str, Any]) -> None:
    async def main() -> None:
        expected = await outcome(asyncio.create_subprocess_exec, "true", **keywords)
        assert await outcome(timens.create_subprocess_exec, "true", **keywords, **ASKED) == expected
        keywords.setdefault("shell", False)
        expected = await outcome(asyncio.create_subprocess_shell, "true", **keywords)
        assert (
            await outcome(timens.create_subprocess_shell, "true", **keywords, **ASKED) == expected
        )

    asyncio.run(main())


def test_errors_of_the_arguments(run: Run) -> None:
    async def main() -> None:
        with pytest.raises(ValueError, match="cmd must be a string"):
            await timens.create_subprocess_shell(["true"], **ASKED)  # type: ignore[arg-type]
        for start in (timens.create_subprocess_exec, timens.create_subprocess_shell):
            with pytest.raises(TypeError, match="excludes boottime"):
                await start("true", uptime=1, boottime=1)
            for times in ({}, ASKED):
                with pytest.raises(ValueError, match="userns: 'maybe' is not one of"):
                    await start("true", userns="maybe", **times)  # type: ignore[arg-type]
            with fails("offsets", errno.ERANGE, "boottime", "negative"):
                await start("true", stdin=-1, stdout=-1, stderr=-1, boottime=-(10**9))

    run(main)


class NoPipes(asyncio.SelectorEventLoop):
    async def connect_read_pipe(self, *_: Any) -> Any:
        raise OSError(errno.ENOSPC, "no watches left")


class NoReaders(asyncio.SelectorEventLoop):
    def add_reader(self, *_: Any) -> Any:  # type: ignore[override]
        raise OSError(errno.ENOSPC, "no watches left")


@pytest.mark.parametrize("loop", [NoPipes, NoReaders])
def test_failing_loop(loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
    """The error comes through, and nothing is left."""

    async def main() -> None:
        before = children()
        with pytest.raises(OSError, match="no watches left"):
            await timens.create_subprocess_exec("cat", stdin=-1, stdout=-1, stderr=-1, **ASKED)
        assert children() == before

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(main())


def run_out_of_descriptors() -> None:
    async def start() -> int:
        try:
            # One pipe: Python 3.11.2 leaks the first if it cannot make the second.
            process = await timens.create_subprocess_exec("sleep", "1000", stdout=-1, **ASKED)
        except OSError as error:
            return error.errno or 0
        process.kill()
        await talk(process)
        return 0

    async def main() -> None:
        assert await start() == 0
        before = count_fds(), children()
        outcomes = []
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        for limit in range(3, 40):
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
            outcomes.append(await start())
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            await asyncio.sleep(0)
            assert (count_fds(), children()) == before
        assert set(outcomes) == {0, errno.EMFILE}
        # Once there are enough, there are enough.
        assert sorted(outcomes, reverse=True) == outcomes

    asyncio.run(main())


def test_out_of_descriptors() -> None:
    isolated(run_out_of_descriptors)


# -- The end of a program --


def test_ends_before_anybody_waits(run: Run) -> None:
    async def main() -> None:
        process = await ended(7)
        # A zombie takes signals, and nobody takes its status away.
        process.terminate()
        assert await process.wait() == 7
        with pytest.raises(ProcessLookupError):
            process.kill()

    run(main)


def test_many_wait(run: Run) -> None:
    async def main() -> None:
        process = await waiting()
        waiters = [asyncio.create_task(process.wait()) for _ in range(5)]
        await asyncio.sleep(0)
        waiters.pop().cancel()
        process.send_signal(signal.SIGUSR1)
        assert await asyncio.gather(*waiters) == [-signal.SIGUSR1] * 4
        assert process.returncode == -signal.SIGUSR1

    run(main)


def test_signals(run: Run) -> None:
    async def main() -> None:
        for name, number in (("terminate", signal.SIGTERM), ("kill", signal.SIGKILL)):
            process = await waiting()
            assert process.returncode is None
            assert process.pidfd is not None
            getattr(process, name)()
            assert await process.wait() == -number

    run(main)


def test_reaped_by_somebody_else(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        process = await ended(0)
        os.waitpid(process.pid, 0)
        assert await process.wait() == 255
        assert process.pidfd is None
        assert f"process {process.pid} was reaped by somebody else" in caplog.text

    run(main)


def ignore_children() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)

    async def main() -> None:
        for preexec_fn in (None, os.getpid):
            for _ in range(3):
                process = await timens.create_subprocess_exec(
                    "true", preexec_fn=preexec_fn, **ASKED
                )
                assert await process.wait() == 255

    asyncio.run(main())


def test_sigchld_ignored() -> None:
    isolated(ignore_children)


def test_nothing_but_the_loop(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """No child watcher, no thread, no handler of SIGCHLD."""
    if hasattr(asyncio, "get_child_watcher"):
        monkeypatch.setattr(asyncio.events, "get_child_watcher", None)

    async def main() -> None:
        before = threading.active_count(), signal.getsignal(signal.SIGCHLD)
        process = await waiting()
        assert (threading.active_count(), signal.getsignal(signal.SIGCHLD)) == before
        process.kill()
        assert await process.wait() == -signal.SIGKILL

    run(main)


def test_any_thread() -> None:
    codes: list[int] = []

    async def main() -> None:
        starts = [timens.create_subprocess_shell("exit 3", **ASKED) for _ in range(4)]
        codes.extend([await process.wait() for process in await asyncio.gather(*starts)])

    threads = [threading.Thread(target=lambda: asyncio.run(main())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes == [3] * 16


# -- Cancellation --


def test_cancelled_start_leaves_nothing(run: Run) -> None:
    """Whenever it is cancelled, and though somebody else has the pipes too and goes on."""
    read_end, write_end = os.pipe()
    script = f"cat </dev/fd/{read_end} & cat"
    pipes: dict[str, Any] = {"stdin": -1, "stdout": -1, "stderr": -1, "pass_fds": [read_end]}

    async def main() -> None:
        cancelled = 0
        for turns in range(12):
            before = children()
            task = asyncio.create_task(timens.create_subprocess_shell(script, **pipes, **ASKED))
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            try:
                await (await task)._end()
            except asyncio.CancelledError:
                cancelled += 1
            assert children() == before
        assert 2 < cancelled < 12

    run(main)
    os.close(read_end)
    os.close(write_end)


def test_cancelled_twice() -> None:
    async def main() -> None:
        before = children()
        task: asyncio.Task[Any] = asyncio.create_task(waiting())
        for _ in range(3):
            await asyncio.sleep(0)
            task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert children() == before

        async def block() -> None:
            async with await waiting() as process:
                await process.wait()

        task = asyncio.create_task(block())
        while children() == before:
            await asyncio.sleep(0.01)
        for _ in range(3):
            task.cancel()
            await asyncio.sleep(0)
        with pytest.raises(asyncio.CancelledError):
            await task
        assert children() == before

    asyncio.run(main())


def test_cancelled_wait_leaves_it_running(run: Run) -> None:
    """As in asyncio: who waits no longer may still want it."""

    async def main() -> None:
        process = await timens.create_subprocess_exec("sleep", "1000", stdout=-1, **ASKED)
        for wait in (process.wait, process.communicate):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.01):
                    await wait()
            assert process.returncode is None
        process.kill()
        assert await process.wait() == -signal.SIGKILL

    run(main)


def test_block_waits_for_the_end(run: Run) -> None:
    async def main() -> None:
        # The block closes its input and its output: it ends at the next thing it writes.
        for start in (ASKED, {}):
            async with await timens.create_subprocess_shell(
                "read line; exit 3", stdin=-1, stdout=-1, **start
            ) as process:
                assert process.returncode is None
            assert process.returncode == 3

    run(main)


def test_block_left_by_an_exception_kills(run: Run) -> None:
    read_end, write_end = os.pipe()

    async def main() -> None:
        for start in (ASKED, {}):
            with pytest.raises(RuntimeError, match="left"):
                async with await timens.create_subprocess_shell(
                    # Neither reads what is written to it, and one has the pipe after the end.
                    f"exec 3<&0; cat </dev/fd/{read_end} & echo; exec sleep 1000",
                    **{"stdin": -1, "stdout": -1, "pass_fds": [read_end], **start},
                ) as process:
                    assert process.stdin is not None
                    assert process.stdout is not None
                    assert await process.stdout.readline() == b"\n"
                    process.stdin.write(bytes(10**6))
                    raise RuntimeError("left")
            assert process.returncode == -signal.SIGKILL

    run(main)
    os.close(read_end)
    os.close(write_end)


def test_block_left_by_a_timeout_kills(run: Run) -> None:
    async def main() -> None:
        for wait in ("wait", "communicate", None):
            with pytest.raises(TimeoutError):
                async with (
                    asyncio.timeout(None) as limit,
                    await timens.create_subprocess_exec(
                        "sleep", "1000", stdin=-1, stdout=-1, stderr=-1, **ASKED
                    ) as process,
                ):
                    limit.reschedule(asyncio.get_running_loop().time() + 0.05)
                    # With neither, it is the end of the block that takes too long.
                    if wait is not None:
                        await getattr(process, wait)()
            assert process.returncode == -signal.SIGKILL

    run(main)


def test_left_behind_by_the_loop(run: Run) -> None:
    """asyncio.run ends, and nobody has waited: it is killed, closed and reaped."""
    before = count_fds(), children()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        run(lambda: timens.create_subprocess_exec("cat", stdin=-1, stdout=-1, stderr=-1, **ASKED))
        gc.collect()
    assert any("unclosed transport" in str(warning.message) for warning in caught)
    assert (count_fds(), children()) == before


def test_transport_closed_by_hand(run: Run) -> None:
    async def main() -> None:
        process = await waiting()
        process._transport.close()  # type: ignore[attr-defined]
        assert await process.wait() == -signal.SIGKILL
        # It has ended, and the loop does not know yet: the status is not lost.
        process = await ended(5)
        process._transport.close()  # type: ignore[attr-defined]
        assert await process.wait() == 5

    run(main)


def test_many_at_once(run: Run) -> None:
    async def one(number: int) -> int:
        process = await timens.create_subprocess_shell(
            f"cat; exit {number}", stdin=-1, stdout=-1, **ASKED
        )
        assert await talk(process, b"%d" % number) == (b"%d" % number, None)
        return process.returncode or 0

    async def main() -> None:
        assert await asyncio.gather(*map(one, range(40))) == list(range(40))

    run(main)


def test_documented(tmp_path: Path) -> None:
    run_examples("asyncio.md", tmp_path)
