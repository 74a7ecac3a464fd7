# SPDX-License-Identifier: MIT
"""The report of an isolated test is that of a local one."""

import os
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from plugin_helpers import Run, command, normal

pytest_plugins = "pytester"


ALL_KINDS = """
    pytestmark = [pytest.mark.timens(uptime="49d17h")] if os.environ.get("MARKED") else []

    @pytest.fixture
    def resource():
        print("set up")
        yield 1
        print("torn down")

    def test_passes(resource, record_property):
        record_property("key", 7)
        print("out"); print("err", file=sys.stderr); os.system("echo program")
        logging.getLogger("inner").warning("logged")

    def test_fails(resource):
        print("out before"); logging.error("logged too")
        left, right = {"a": [1, 2]}, {"a": [1, 3]}
        assert left == right

    def test_raises():
        try:
            int("x")
        except ValueError as error:
            raise RuntimeError("outer") from error

    @pytest.fixture
    def broken():
        raise OSError("set-up is broken")

    def test_error(broken): pass

    @pytest.fixture
    def breaks():
        yield
        assert 0, "in teardown"

    def test_teardown(breaks): pass
    def test_skips(): pytest.skip("reason")
    @pytest.mark.skip(reason="marked")
    def test_skip(): pass
    @pytest.mark.xfail(reason="known")
    def test_xfail(): assert 0
    @pytest.mark.xfail
    def test_xpass(): pass
    @pytest.mark.xfail(strict=True, reason="strictly")
    def test_strict_xpass(): pass
    @pytest.mark.xfail(raises=OSError)
    def test_other_failure(): assert 0
    def test_warns(): warnings.warn("look here", FutureWarning)
    def test_output(capsys, capfd=None):
        print("read"); assert capsys.readouterr().out == "read\\n"; print("left")
    def test_logs(caplog):
        logging.warning("seen"); assert caplog.messages == ["seen"]
    @pytest.mark.parametrize("n", [1, 2], ids=["one", "two"])
    def test_parametrized(n, tmp_path):
        (tmp_path / "file").write_text("x"); assert n == 1
    def test_subtests(subtests):
        for n in range(3):
            with subtests.test("part", n=str(n)): assert n != 1
    class TestCases(unittest.TestCase):
        @unittest.expectedFailure
        def test_expected(self): self.fail()
"""


@pytest.mark.parametrize("capture", ["fd", "sys", "tee-sys", "no"])
def test_report_is_that_of_a_local_test(
    run: Run, capture: str, monkeypatch: pytest.MonkeyPatch, pytester: pytest.Pytester
) -> None:
    # Else a program's output comes before what a local test has printed, which is in a buffer.
    monkeypatch.setitem(os.environ, "PYTHONUNBUFFERED", "1")
    arguments = ("-rA", f"--capture={capture}", "--junitxml=out.xml", "-v")
    local, junit = run(ALL_KINDS, *arguments), _junit(pytester.path)
    monkeypatch.setitem(os.environ, "MARKED", "1")
    isolated = run(ALL_KINDS, *arguments)
    assert len(junit) == 18
    assert _junit(pytester.path) == junit
    assert "look here" in local.stdout.str()
    assert normal(isolated.stdout.str()) == normal(local.stdout.str())
    assert isolated.ret == local.ret == 1


def _junit(folder: Path) -> list[tuple[Any, ...]]:
    """All of it but the times."""
    suite = ElementTree.parse(folder / "out.xml").getroot()
    return [
        (case.attrib["name"], [(part.tag, _without_times(part)) for part in case.iter()])
        for case in suite.iter("testcase")
    ]


def _without_times(part: ElementTree.Element) -> Any:
    attributes = {name: value for name, value in part.attrib.items() if name != "time"}
    return attributes, "\n".join(normal((part.text or "").strip()))


def test_output_in_its_order(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Into a pipe, where Python keeps it back: each line once, and before the result."""
    monkeypatch.delitem(os.environ, "PYTHONUNBUFFERED", raising=False)
    result = run(
        """
        def test_before(): print("said outside")

        @pytest.mark.timens(uptime="49d17h")
        def test_inside(): print("said inside")
        """,
        "-s",
        "-v",
    )
    lines = [line for line in result.outlines if "said" in line or "PASSED" in line]
    assert [line.rpartition("::")[2] for line in lines] == [
        "test_before said outside",
        "PASSED",
        "test_inside said inside",
        "PASSED",
    ]


def test_durations_are_those_inside(run: Run) -> None:
    result = run(
        """
        @pytest.mark.timens(uptime="49d17h")
        def test_sleeps():
            time.sleep(0.3)
        """,
        "--durations=1",
        "--junitxml=out.xml",
    )
    found = re.search(r"^(\d+\.\d+)s call +test_inner.py::test_sleeps", result.stdout.str(), re.M)
    assert found and 0.3 <= float(found[1]) < 60


def test_stops_and_picks_as_always(run: Run, pytester: pytest.Pytester) -> None:
    source = """
        pytestmark = pytest.mark.timens(uptime="49d17h")
        def test_1(): pass
        def test_2(): assert 0
        def test_3(): pass
        def test_4(): pytest.exit("enough", returncode=7)
        def test_5(): pass
    """
    run(source, "-x").assert_outcomes(passed=1, failed=1)
    result = run(source)
    result.assert_outcomes(passed=2, failed=1)
    assert result.ret == 7
    result.stdout.fnmatch_lines(["*Exit: enough*"])
    arguments = [arg for arg in command("--lf") if arg not in ("-p", "no:cacheprovider")]
    deselect = ("--deselect", "test_inner.py::test_4")
    pytester.run(*arguments, *deselect).assert_outcomes(passed=3, failed=1, deselected=1)
    pytester.run(*arguments, *deselect).assert_outcomes(failed=1)


def test_no_warning_of_our_own(run: Run) -> None:
    """Also with threads in the parent, for whose locks newer Pythons warn of a fork."""
    result = run(
        """
        threading.Thread(target=time.sleep, args=(1,), daemon=True).start()

        @pytest.mark.timens(uptime="49d17h")
        def test_x():
            assert are_at(T) and threading.active_count() == 1
        """,
        "-W",
        "error",
    )
    result.assert_outcomes(passed=1, warnings=0)
