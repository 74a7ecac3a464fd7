# SPDX-License-Identifier: MIT
"""For the whole suite: its programs are there, a skip may be forbidden, nothing leaks."""

import os
import signal
from collections.abc import Generator, Iterator

import helpers
import plugin_helpers
import pytest
from plugin_helpers import Run


def pytest_configure(config: pytest.Config) -> None:
    programs = os.environ.get("TIMENS_TEST_PROGRAMS")
    if not programs:
        raise pytest.UsageError("TIMENS_TEST_PROGRAMS is not set: the folder with `clocks`")
    if not os.access(f"{programs}/clocks", os.X_OK):
        raise pytest.UsageError(f"TIMENS_TEST_PROGRAMS: {programs} has no program `clocks`")
    # A shell's `make test &` has it ignored, and what the tests interrupt would never end.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # nohup's is ignored too. With a handler here, what the tests start has the default.
    if signal.getsignal(signal.SIGHUP) == signal.SIG_IGN:
        signal.signal(signal.SIGHUP, lambda *_: None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.skipped and os.environ.get("TIMENS_REQUIRE", "") not in ("", "0"):
        report.outcome = "failed"
        report.longrepr = f"TIMENS_REQUIRE is set, and this would be skipped: {report.longrepr}"
    return report


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """No test may leave a descriptor or a child, failed starts included."""
    before = helpers.count_fds(), helpers.children()
    yield
    assert (helpers.count_fds(), helpers.children()) == before


@pytest.fixture(params=helpers.routes_here())
def route(request: pytest.FixtureRequest) -> str:
    """Each route that is right on this kernel."""
    return str(request.param)


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    """run(source, *arguments): writes it to a file of tests, and has pytest run that.

    plugins=: those to load besides ours, as to load all takes its time; None: all.
    """
    monkeypatch.setattr(os, "environ", plugin_helpers.environment())

    def run(source: str, *args: str, plugins: str | None = "", **files: str) -> pytest.RunResult:
        for name, text in files.items():
            plugin_helpers.write(pytester.path, text, f"{name}.py")
        plugin_helpers.write(pytester.path, source)
        if plugins is None or "asyncio" in plugins:
            # It warns without that.
            args = (*args, "-oasyncio_default_fixture_loop_scope=function")
        if plugins is not None:
            monkeypatch.setitem(os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
            args = (*args, *(f"-p{name}" for name in ("pytest_timens", *plugins.split())))
        return pytester.run(*plugin_helpers.command(*args), timeout=120)

    return run
