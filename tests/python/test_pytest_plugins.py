# SPDX-License-Identifier: MIT
"""Together with other plugins, and with options of pytest's own."""

import sys
import time
from pathlib import Path

import pytest
from plugin_helpers import Run, command, notes, start, write

pytest_plugins = "pytester"


@pytest.mark.parametrize("dist", ["load", "loadscope", "loadgroup"])
def test_xdist(run: Run, dist: str) -> None:
    result = run(
        """
        pytestmark = pytest.mark.timens(uptime="49d17h")

        @pytest.fixture(scope="module")
        def wide():
            yield os.getpid()

        @pytest.mark.parametrize("n", range(4))
        @pytest.mark.xdist_group("one")
        def test_many(n, wide, tmp_path): assert are_at(T) and n != 2

        def test_crash(): os.abort()
        def test_warns(): warnings.warn("from afar")

        @pytest.mark.timens(uptime="2d")
        class TestClass:
            def test_skip(self): pytest.skip("reason")
            def test_x(self, worker_id): assert are_at(2 * DAY) and worker_id.startswith("gw")
        """,
        "-n2",
        f"--dist={dist}",
        plugins="xdist",
    )
    result.assert_outcomes(passed=5, failed=2, skipped=1, warnings=1)
    result.stdout.fnmatch_lines(["*UserWarning: from afar*"])


@pytest.mark.parametrize("more", [(), ("-n2",)])
def test_coverage(run: Run, pytester: pytest.Pytester, more: tuple[str, ...]) -> None:
    (pytester.path / "covered.py").write_text(
        "def inside():\n    return 1\ndef outside():\n    return 2\ndef never():\n    return 3\n"
    )
    result = run(
        """
        import covered

        @pytest.mark.timens(uptime="49d17h")
        def test_inside(): assert covered.inside() == 1

        def test_outside(): assert covered.outside() == 2
        """,
        "--cov=covered",
        "--cov-report=term-missing",
        *more,
        plugins="xdist pytest_cov",
    )
    result.assert_outcomes(passed=2)
    result.stdout.re_match_lines([r"covered.py +6 +1 +83% +6$"])


def test_subtests_of_unittest(run: Run) -> None:
    """Their reports come while the test runs, each with its text."""
    result = run(
        """
        class TestCases(unittest.TestCase):
            pytestmark = pytest.mark.timens(uptime="49d17h")
            def test_parts(self):
                for n in range(2):
                    with self.subTest("case", n=n): self.assertEqual(n, 0)
        """,
        "-rA",
    )
    assert result.ret == 1
    result.stdout.fnmatch_lines(
        ["*AssertionError: 1 != 0", "SUBFAILED?case?*TestCases::test_parts*"]
    )


def test_coverage_of_a_plain_run(run: Run, pytester: pytest.Pytester) -> None:
    """coverage run -m pytest: as of any program that forks, only with --parallel-mode."""
    write(
        pytester.path,
        """
        def only_inside():
            return clocks()

        @pytest.mark.timens(uptime="49d17h")
        def test_inside(): assert only_inside()

        def test_outside(): pass
        """,
    )
    coverage = (sys.executable, "-m", "coverage")
    options = ("--include=test_inner.py", "-m", "pytest", "-p", "no:cacheprovider")
    for parallel, missing in ((), r"1 +\d+% +4"), (("--parallel-mode",), "0 +100% *"):
        pytester.run(*coverage, "run", *parallel, *options).assert_outcomes(passed=2)
        if parallel:
            pytester.run(*coverage, "combine")
        report = pytester.run(*coverage, "report", "-m")
        report.stdout.re_match_lines([rf"test_inner.py +\d+ +{missing}$"])


def test_options_that_run_nothing(run: Run) -> None:
    source = """
        @pytest.fixture(scope="module")
        def wide(): yield
        @pytest.fixture
        def narrow(wide): pass
        @pytest.mark.timens(uptime="49d17h")
        def test_x(narrow): note("ran")
    """
    result = run(source, "--setup-plan")
    result.stdout.fnmatch_lines(["*SETUP    M wide*", "*SETUP    F narrow*", "*TEARDOWN M wide*"])
    shown = run(source, "--setup-show")
    shown.assert_outcomes(passed=1)
    shown.stdout.fnmatch_lines(["*SETUP    M wide*", "*SETUP    F narrow*", "*TEARDOWN M wide*"])
    assert "<Function test_x>" in run(source, "--collect-only").stdout.str()


def test_help(run: Run) -> None:
    markers = run("", "--markers").stdout
    markers.fnmatch_lines(["@pytest.mark.timens(*uptime*", "@pytest.mark.timens_points(*lead*"])
    run("", "--fixtures").stdout.fnmatch_lines(["timens -- *", "*uptime clocks of this test*"])
    run("", "--help").stdout.fnmatch_lines(["*--timens-uptime=T*", "*timens_unavailable*"])


def test_imports_nothing_where_it_is_not_used(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TIMENS_REQUIRE", raising=False)
    (pytester.path / "test_plain.py").write_text(
        "import sys\n"
        "def test_x():\n"
        "    ours = [name for name in sys.modules if 'timens' in name]\n"
        "    assert ours == ['pytest_timens']\n"
    )
    result = pytester.run(*command())
    result.assert_outcomes(passed=1)
    assert "timens:" not in result.stdout.str()


@pytest.mark.parametrize("action", ["q", "c"])
def test_debugger(tmp_path: Path, action: str) -> None:
    write(
        tmp_path,
        """
        @pytest.mark.timens(uptime="49d17h", timeout="1s")
        def test_x():
            secret = "sec" + "ret"
            assert not are_at(T)
        def test_y(): note("ran")
        """,
    )
    with start(tmp_path, "--pdb") as process:
        assert process.stdin is not None
        process.stdin.write("p secret, are_at(T)\n")
        process.stdin.flush()
        # It is not over while somebody looks around.
        time.sleep(1.5)
        output, _ = process.communicate(f"{action}\n", timeout=180)
    assert "('secret', True)" in output
    expected = {"q": ("Quitting debugger", []), "c": ("1 failed, 1 passed", ["ran"])}
    assert expected[action][0] in output
    assert notes(tmp_path) == expected[action][1]


@pytest.mark.parametrize("how", ["option", "conftest"])
def test_plugin_can_be_named(run: Run, how: str) -> None:
    """Besides being found by itself."""
    source = """
        @pytest.mark.timens(uptime="49d17h")
        def test_x(): assert are_at(T)
    """
    if how == "option":
        result = run(source, "-ppytest_timens", plugins=None)
    else:
        result = run(source, plugins=None, conftest="pytest_plugins = ['pytest_timens']")
    result.assert_outcomes(passed=1)


def test_plugin_can_be_left_out(run: Run) -> None:
    result = run(
        """
        @pytest.mark.timens(uptime="49d17h")
        def test_x(): assert are_usual()
        """,
        "-pno:timens",
        plugins=None,
    )
    result.assert_outcomes(passed=1, warnings=1)
