# SPDX-License-Identifier: MIT
"""--timens-uptime, and machines without time namespaces."""

import os
import re
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from plugin_helpers import Run, environment, notes, start, write

pytest_plugins = "pytester"


WHOLE = """
    of_xdist = "PYTEST_XDIST_WORKER" in os.environ

    def test_clocks(timens):
        assert are_at(T) and timens.inside and timens.uptime == module.at("49d17h")
        assert os.getpid() == int(os.environ["TIMENS_PYTEST_ENTERED"]) or of_xdist

    @pytest.mark.timens(uptime="3d")
    def test_marked(): assert are_at(3 * DAY)

    @pytest.mark.parametrize("n", range(4))
    def test_more(n): assert are_at(T)
"""
EARLY = "assert 49 * 86400 < __import__('time').monotonic() < 50 * 86400\n"


@pytest.mark.parametrize("more", [(), ("-n", "2"), ("-s",), ("--cov=.",)])
def test_whole_run(run: Run, pytester: pytest.Pytester, more: tuple[str, ...]) -> None:
    pytester.makeconftest(EARLY)
    result = run(WHOLE, "--timens-uptime", "49d17h", *more, plugins=None)
    result.assert_outcomes(passed=6)
    assert result.ret == 0
    result.stdout.fnmatch_lines(["timens: all of it at uptime 49d17h"])
    found = re.search(r"6 passed.* in (\d+\.\d+)s", result.stdout.str())
    assert found and float(found[1]) < 100


def test_whole_run_from_the_environment(
    run: Run, monkeypatch: pytest.MonkeyPatch, pytester: pytest.Pytester
) -> None:
    monkeypatch.setitem(os.environ, "PYTEST_ADDOPTS", "--timens-uptime=@49d17h")
    write(pytester.path, WHOLE + "\n    def test_fails(): assert 0\n")
    script = str(Path(sys.executable).parent / "pytest")
    result = pytester.run(script, "-p", "no:cacheprovider", timeout=120)
    result.assert_outcomes(passed=6, failed=1)
    assert result.ret == 1


def test_whole_run_within_another(run: Run) -> None:
    result = run(
        """
        def test_x():
            Path("test_sub.py").write_text(
                "import time\\ndef test_y(): assert time.monotonic() < 90000")
            pytest = [sys.executable, "-m", "pytest", "-ppytest_timens", "-pno:cacheprovider"]
            assert subprocess.call([*pytest, "test_sub.py", "--timens-uptime=1d"]) == 0
        """,
        "--timens-uptime=49d17h",
        "-n1",
        plugins="xdist",
    )
    result.assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("value", "error"), [("49x", "a unit was expected"), ("-5d", "clock reads 0 to")]
)
def test_whole_run_at_no_time(run: Run, value: str, error: str) -> None:
    result = run("def test_x(): note('ran')", f"--timens-uptime={value}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*--timens-uptime {value}: *{error}*"])


UNAVAILABLE = """
import sys
sys.path.insert(0, {folder!r})
import helpers
helpers.new_user_namespace()
helpers.set_limit("max_user_namespaces", 0)
helpers.drop_capabilities()
import pytest
sys.exit(pytest.main(sys.argv[1:]))
"""


OUTCOMES = {"": {"passed": 1, "skipped": 2}, "fail": {"passed": 1, "errors": 2}}


@pytest.mark.parametrize(("option", "required"), [("", "0"), ("fail", "0"), ("skip", "1")])
def test_unavailable(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, option: str, required: str
) -> None:
    outcome = OUTCOMES["fail" if required == "1" else option]
    monkeypatch.setattr(os, "environ", environment())
    source = """
        @pytest.mark.timens(uptime="49d17h")
        def test_x(): note("ran")
        @pytest.mark.timens_points("u32-ms")
        def test_points(): note("ran")
        def test_plain(): pass
    """
    write(pytester.path, source)
    monkeypatch.setitem(os.environ, "TIMENS_REQUIRE", required)
    code = UNAVAILABLE.format(folder=str(Path(__file__).parent))
    options = ("-o", f"timens_unavailable={option}") if option else ()
    result = pytester.run(sys.executable, "-c", code, "-rs", "-p", "no:cacheprovider", *options)
    result.assert_outcomes(**outcome)
    result.stdout.fnmatch_lines(["timens: time namespaces are not available: *max_user_name*"])
    assert not notes(pytester.path)
    if "skipped" in outcome:
        result.stdout.fnmatch_lines(["SKIPPED*test_inner.py*: time namespaces are not available:*"])
    whole = pytester.run(sys.executable, "-c", code, "--timens-uptime=1d")
    assert whole.ret == pytest.ExitCode.USAGE_ERROR
    whole.stderr.fnmatch_lines(["*--timens-uptime 1d: *No space left on device*"])


def test_wrong_choice_where_unavailable(run: Run) -> None:
    result = run("", "-o", "timens_unavailable=maybe")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*timens_unavailable: 'maybe' is not one of skip, fail*"])


def test_without_privilege() -> None:
    """As nobody, if we are root; in a folder that nobody can read."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        source = """
            @pytest.mark.timens(uptime="49d17h")
            def test_x(tmp_path):
                (tmp_path / "file").touch()
                assert are_at(T) and os.geteuid() != 0
        """
        write(folder, source)
        (folder / "conftest.py").write_text(NOBODY.format(folder=str(Path(__file__).parent)))
        for path in (folder, *folder.iterdir()):
            path.chmod(0o777)
        for more in ((), ("--timens-uptime=1d",)):
            with start(folder, f"--basetemp={folder}/base", *more) as process:
                output, _ = process.communicate(timeout=180)
            assert "1 passed" in output, output
            shutil.rmtree(folder / "base")


# Python itself may be where nobody can read it, so all is imported before.
NOBODY = """
import sys
sys.path.insert(0, {folder!r})
import helpers, prelude, pytest_timens._outside, pytest_timens._fixture, hypothesis
def pytest_collection_finish():
    helpers.become_nobody()
"""
