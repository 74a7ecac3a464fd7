# SPDX-License-Identifier: MIT
"""What can be done with a started program."""

import errno
import fcntl
import os
import signal

import pytest
import timens
from helpers import ASKED, fails, raw_spawn, sleeper
from timens import _timens


def code_of_script(script: str) -> int:
    process = timens.spawn(["sh", "-c", script], **ASKED)
    assert process.pidfd is not None
    assert fcntl.fcntl(process.pidfd, fcntl.F_GETFD) == fcntl.FD_CLOEXEC
    code = process.wait()
    assert process.pidfd is None
    return code


def test_exit_status() -> None:
    for code in (0, 1, 7, 127, 255):
        assert code_of_script(f"exit {code}") == code


def test_killed_by_signal() -> None:
    assert code_of_script("kill -TERM $$") == -signal.SIGTERM
    assert code_of_script("ulimit -c 0; kill -ABRT $$") == -signal.SIGABRT


def test_wait_times_out() -> None:
    with sleeper() as process:
        for timeout in (0, 0.01, -1):
            with pytest.raises(timens.TimeoutExpired) as caught:
                process.wait(timeout)
            assert (caught.value.cmd, caught.value.timeout) == (["cat"], timeout)
        assert process.pidfd is not None
    pid, pidfd, _, _ = raw_spawn(("sleep", "1000"))
    with fails("wait", errno.ETIMEDOUT, str(pid)):
        _timens.wait(pid, pidfd, 0, 0)
    with fails("args", errno.EINVAL, "timeout"):
        _timens.wait(pid, pidfd, 0, 10**9)
    _timens.kill(pid, pidfd, signal.SIGKILL)
    assert _timens.wait(pid, pidfd, 3600, 0) == signal.SIGKILL


def test_wait_after_timeout() -> None:
    # More than poll takes at once, and than there is.
    for timeout in (3600, 1e9, float("inf")):
        with sleeper() as process:
            with pytest.raises(timens.TimeoutExpired):
                process.wait(0)
            process.kill()
            assert process.wait(timeout) == -signal.SIGKILL
            assert process.pidfd is None


def test_wait_twice() -> None:
    process = timens.spawn(["sh", "-c", "exit 7"], **ASKED)
    assert [process.wait(), process.wait(), process.wait(0), process.poll()] == [7] * 4
    with fails("wait", errno.EBADF, str(process.pid)):
        _timens.wait(process.pid, -1, 0, 0)


def test_kill() -> None:
    with sleeper() as process:
        process.send_signal(0)
        process.terminate()
        assert process.wait() == -signal.SIGTERM


def test_kill_after_wait() -> None:
    with sleeper() as process:
        process.kill()
        process.wait()
        # As in subprocess: nobody is there to get it.
        process.kill()
    with fails("kill", errno.EBADF, str(process.pid)):
        _timens.kill(process.pid, -1, signal.SIGTERM)


def test_kill_bad_signal() -> None:
    with sleeper() as process:
        assert process.pidfd is not None
        for number in (65, -1):
            with pytest.raises(OSError) as caught:
                process.send_signal(number)
            assert caught.value.errno == errno.EINVAL
            with fails("kill", errno.EINVAL, str(process.pid)):
                _timens.kill(process.pid, process.pidfd, number)
        assert process.poll() is None


def test_reaped_by_others() -> None:
    # As in subprocess: how it ended is not known, and 0 stands for that.
    for learn in (timens.Popen.wait, timens.Popen.poll, lambda process: process.wait(0)):
        with sleeper() as process:
            process.kill()
            assert os.waitpid(process.pid, 0)[0] == process.pid
            assert process.pidfd is not None
            with fails("kill", errno.ESRCH, str(process.pid)):
                _timens.kill(process.pid, process.pidfd, signal.SIGTERM)
            with fails("wait", errno.ECHILD, str(process.pid), "reaped by somebody else"):
                _timens.wait(process.pid, process.pidfd, 0, 0)
            assert learn(process) == 0
            assert process.pidfd is None
