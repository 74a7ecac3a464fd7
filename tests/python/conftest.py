# SPDX-License-Identifier: MIT
"""For the whole suite: its programs are there, a skip may be forbidden, nothing leaks."""

import os
from collections.abc import Generator, Iterator

import helpers
import pytest


def pytest_configure(config: pytest.Config) -> None:
    programs = os.environ.get("TIMENS_TEST_PROGRAMS")
    if not programs:
        raise pytest.UsageError("TIMENS_TEST_PROGRAMS is not set: the folder with `clocks`")
    if not os.access(f"{programs}/clocks", os.X_OK):
        raise pytest.UsageError(f"TIMENS_TEST_PROGRAMS: {programs} has no program `clocks`")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.skipped and os.environ.get("TIMENS_REQUIRE") == "1":
        report.outcome = "failed"
        report.longrepr = f"TIMENS_REQUIRE=1, and this would be skipped: {report.longrepr}"
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
