# SPDX-License-Identifier: MIT
"""Tests that do not end well, and runs that are interrupted."""

import os
import re
import signal
import time
from pathlib import Path

import pytest
from plugin_helpers import Run, ends_soon, notes, pids_of, start, write

pytest_plugins = "pytester"


@pytest.mark.parametrize("capture", ["fd", "sys"])
def test_crashes_are_failures(run: Run, capture: str) -> None:
    result = run(
        """
        pytestmark = pytest.mark.timens(uptime="49d17h", timeout="20s")

        def test_signal():
            print("said so far"); print("complained", file=sys.stderr)
            os.kill(os.getpid(), signal.SIGSEGV)

        def test_exit(): os._exit(0)
        def test_status(): os._exit(3)

        @pytest.fixture
        def crashes():
            yield
            os.kill(os.getpid(), signal.SIGKILL)

        def test_teardown(crashes): pass

        @pytest.mark.timens(uptime="1d", timeout=3)
        def test_hangs():
            print("about to hang")
            subprocess.run(["sleep", "1000"])

        @pytest.mark.xfail(reason="known to crash")
        def test_expected(): os.abort()

        def test_goes_on(): assert are_at(T)
        """,
        f"--capture={capture}",
        "-rA",
        "--durations=5",
        "--junitxml=out.xml",
    )
    result.assert_outcomes(passed=2, failed=4, errors=1, xfailed=1)
    text = result.stdout.str()
    for line in (
        "killed by SIGSEGV, in its call",
        "its process ended with exit status 0, in its call",
        "its process ended with exit status 3, in its call",
        "killed by SIGKILL, in its teardown",
        "killed as its timeout was over, in its call",
    ):
        assert re.search(f"^{line}$", text, re.MULTILINE), text
    assert "XFAIL test_inner.py::test_expected - known to crash" in text
    assert re.search(r'^  File ".*test_inner.py", line \d+ in test_signal$', text, re.M), text
    assert re.search(r'^  File ".*test_inner.py", line \d+ in test_hangs$', text, re.M), text
    assert "/_pytest/" not in text
    for section in ("stdout call -*\nsaid so far", "stderr call -*\ncomplained"):
        assert re.search(f"Captured {section}", text), text
    assert re.search("Captured stdout call -*\nabout to hang", text), text


def test_crash_without_the_plugin_for_skips(run: Run) -> None:
    result = run(
        """
        @pytest.mark.timens(uptime="49d17h")
        @pytest.mark.xfail
        def test_crash(): os.abort()
        def test_goes_on(): pass
        """,
        "-pno:skipping",
    )
    result.assert_outcomes(passed=1, failed=1)


def test_closed_descriptors_are_told(run: Run) -> None:
    """Those over which a test tells of itself among them."""
    result = run(
        """
        @pytest.mark.timens(uptime="49d17h")
        def test_x(): os.closerange(3, 200)
        """,
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*descriptors that are not the test's own have been closed*"])


HANGS = """
    @pytest.fixture
    def resource():
        yield
        note("torn down")

    @pytest.mark.timens(uptime="49d17h")
    def test_hangs(resource):
        program = subprocess.Popen(["sleep", "1000"])
        note("pids", os.getpid(), program.pid)
        try:
            time.sleep(1000)
        except KeyboardInterrupt:
            note("interrupted")
            raise

    @pytest.mark.timens(uptime="49d17h")
    def test_is_not_run(): note("ran")
"""


def test_interrupt_ends_the_test(tmp_path: Path) -> None:
    write(tmp_path, HANGS)
    with start(tmp_path) as process:
        pids = pids_of(tmp_path)
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=180)
    assert process.returncode == pytest.ExitCode.INTERRUPTED
    assert "KeyboardInterrupt" in output
    assert notes(tmp_path)[1:] == ["interrupted", "torn down"]
    assert ends_soon(pids[0])
    # It had its chance to end what it started; pytest does no more than without the marker.
    os.kill(pids[1], signal.SIGKILL)


def test_interrupt_of_a_test_that_does_not_heed_it(tmp_path: Path) -> None:
    heedless = "signal.signal(signal.SIGINT, signal.SIG_IGN); note('pids'"
    write(tmp_path, HANGS.replace('note("pids"', heedless))
    with start(tmp_path) as process:
        pids = pids_of(tmp_path)
        process.send_signal(signal.SIGINT)
        time.sleep(2)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=180)
    assert process.returncode == pytest.ExitCode.INTERRUPTED
    assert len(pids) == 2
    assert all(ends_soon(pid) for pid in pids)


def test_kill_of_pytest_ends_the_test(tmp_path: Path) -> None:
    write(tmp_path, HANGS)
    with start(tmp_path) as process:
        pids = pids_of(tmp_path)
        process.kill()
        process.wait(timeout=180)
        assert ends_soon(pids[0])
        os.kill(pids[1], signal.SIGKILL)


@pytest.mark.parametrize("method", ["signal", "thread"])
def test_time_limit_of_pytest_timeout(run: Run, method: str) -> None:
    result = run(
        """
        pytestmark = pytest.mark.timens(uptime="49d17h")
        @pytest.mark.timeout(3)
        def test_hangs():
            print("so far"); assert are_at(T); time.sleep(1000)
        def test_goes_on(): assert are_at(T)
        """,
        f"--timeout-method={method}",
        "--timeout=60",
        plugins="timeout",
    )
    result.assert_outcomes(passed=1, failed=1)
    expected = {"signal": "*Timeout*3.0s*", "thread": "its process ended with exit status 1*"}
    result.stdout.fnmatch_lines([expected[method]])
