# SPDX-License-Identifier: MIT
"""What the markers do, in runs of pytest whose tests really look at their clocks."""

import re

import pytest
from plugin_helpers import Run, notes

pytest_plugins = "pytester"


def test_marked_tests_read_other_clocks(run: Run) -> None:
    result = run(
        """
        PARENT = os.getpid()

        def test_unmarked():
            assert are_usual() and os.getpid() == PARENT

        @pytest.mark.timens(uptime="49d17h")
        def test_function():
            assert are_at(T) and os.getpid() != PARENT and os.getppid() == PARENT

        @pytest.mark.timens(boottime="100d", monotonic=10 * DAY)
        def test_offsets():
            boottime, monotonic = clocks()
            assert 0 <= boottime - 100 * DAY - OUTSIDE[0] < 300
            assert 0 <= monotonic - 10 * DAY - OUTSIDE[1] < 300

        @pytest.mark.timens(uptime="@u32-ms-5s", userns="always", timeout="60s")
        @pytest.mark.parametrize("n", [1, 2])
        def test_parametrized(n):
            assert n and are_at(4294962) and module.read().boottime.sec > 4e6 - OUTSIDE[0]

        @pytest.mark.timens(uptime="3d")
        class TestClass:
            def test_of_class(self):
                assert are_at(3 * DAY)

            @pytest.mark.timens(uptime="5d")
            def test_inner_overrides(self):
                assert are_at(5 * DAY)

        class TestOfUnittest(unittest.TestCase):
            pytestmark = pytest.mark.timens(uptime="7d")

            def setUp(self):
                self.assertTrue(are_at(7 * DAY))

            def test_method(self):
                self.assertTrue(are_at(7 * DAY))
        """,
        "-W",
        "error",
        "--strict-markers",
        plugins=None,
        test_whole="""
        pytestmark = pytest.mark.timens(uptime="9d")

        def test_of_module():
            assert are_at(9 * DAY)

        @pytest.mark.timens(monotonic="1d")
        def test_inner_overrides_module():
            assert abs(clocks()[0] - OUTSIDE[0]) < 300
        """,
    )
    result.assert_outcomes(passed=10)
    result.stdout.fnmatch_lines(["timens: time namespaces are available"])


BAD_MARKERS = {
    "(uptme='1d')": "unknown argument 'uptme'; did you mean 'uptime'[?]",
    "(speed=2)": "unknown argument 'speed'; it takes uptime, boottime, monotonic, userns, timeout",
    "('49d17h')": "'49d17h': give it a name, such as uptime='49d17h'",
    "(uptime='49x')": "uptime: time '49x', column 3: a unit was expected",
    "(uptime='1d', boottime='1d')": "uptime is for both clocks",
    "(boottime=float('nan'))": "boottime: nan is not a time",
    "(uptime='1d', userns='maybe')": "userns: 'maybe' is not one of auto, never, always",
    "(uptime='1d', timeout='-1s')": "timeout: '-1s' is not more than zero",
    "(uptime='1d', timeout='@1s')": "timeout: '@1s' is a reading",
    "": "needs boottime, monotonic or uptime",
    "()": "needs boottime, monotonic or uptime",
}


def test_wrong_arguments_of_the_marker(run: Run, pytester: pytest.Pytester) -> None:
    tests = [
        f"@pytest.mark.timens{args}\ndef test_{n}(): note('ran')\n"
        for n, args in enumerate(BAD_MARKERS)
    ]
    result = run("".join(tests), "-v")
    result.assert_outcomes(errors=len(BAD_MARKERS))
    text = result.stdout.str()
    for error in BAD_MARKERS.values():
        assert re.search(rf"^@pytest\.mark\.timens: {error}", text, re.MULTILINE), text
    assert not notes(pytester.path)


def test_both_markers_on_one_test(run: Run) -> None:
    result = run(
        "@pytest.mark.timens(uptime=1)\n@pytest.mark.timens_points()\ndef test_x(): pass\n"
    )
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["test_inner.py::test_x: @pytest.mark.timens and @pytest.*both*"])


def test_clock_that_cannot_be(run: Run) -> None:
    result = run("@pytest.mark.timens(boottime='-90000d')\ndef test_x(): note('ran')\n", "-v")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*could not be entered: boottime -90000d would make the clock*"])


def test_points_parametrize(run: Run) -> None:
    source = """
        @pytest.mark.timens_points("u32-ms", "i32-ms", lead="5s")
        def test_two(timens):
            assert are_at(timens.uptime.sec) and timens.point.name in ("u32-ms", "i32-ms")
            assert timens.lead == (5, 0)

        @pytest.mark.timens_points("u32-ms", lead=("5s", "1 ms", 0))
        @pytest.mark.parametrize("n", [1, 2])
        def test_leads(n, timens): assert are_at(timens.uptime.sec)

        @pytest.mark.timens_points()
        def test_all(timens): assert are_at(timens.uptime.sec)

        @pytest.mark.timens_points("f32-s")
        class TestClass:
            def test_method(self): assert are_at(16777216 - 5)

            @pytest.mark.timens(uptime="1d")
            def test_override(self): assert are_at(DAY)

        @pytest.mark.timens(uptime="1d")
        class TestOther:
            @pytest.mark.timens_points("f32-s", userns="always", timeout="60s")
            def test_override(self): assert are_at(16777216 - 5)
    """
    collected = run(source, "--collect-only", "-q").stdout.str()
    ids = re.findall(r"(test_\w+(?:\[.*\])?)$", collected, re.MULTILINE)
    assert {"test_two[u32-ms-5s]", "test_two[i32-ms-5s]"} <= set(ids)
    assert {f"test_leads[{n}-u32-ms{lead}]" for n in "12" for lead in ("-5s", "-1ms", "")} <= set(
        ids
    ) or {f"test_leads[u32-ms{lead}-{n}]" for n in "12" for lead in ("-5s", "-1ms", "")} <= set(ids)
    everything = [name for name in ids if name.startswith("test_all")]
    assert "test_all[u32-ms-5s]" in everything
    assert "test_all[fresh-5s]" not in everything
    assert {"test_method[f32-s-5s]", "test_override", "test_override[f32-s-5s]"} <= set(ids)
    run(source, "-W", "error").assert_outcomes(passed=len(ids))


BAD_POINTS = {
    "'u23-ms'": "names: unknown point 'u23-ms'; did you mean 'u32-ms'[?] The points are fresh, u32",
    "'nowhere'": "names: unknown point 'nowhere'. The points are fresh, u32-us",
    "5": "names: a point is a name such as 'u32-ms', not 5",
    "'u32-ms', led='5s'": "unknown argument 'led'; did you mean 'lead'",
    "'u32-ms', lead='5x'": "lead: time '5x', column 2: a unit was expected",
    "'u32-ms', lead='-5s'": "lead: '-5s' would start after the point",
    "'u32-ms', lead=()": "lead: there is none in it",
    "'u32-ms', lead=1e-12": "lead: 1e-12 is finer than a nanosecond",
    "'fresh'": "lead: there is no 5s before 'fresh'",
}


def test_wrong_arguments_of_points(run: Run) -> None:
    files = {
        f"test_{n}": f"@pytest.mark.timens_points({args})\ndef test_x(): pass\n"
        for n, args in enumerate(BAD_POINTS)
    }
    result = run("", **files)
    result.assert_outcomes(errors=len(BAD_POINTS))
    text = result.stdout.str()
    for n, error in enumerate(BAD_POINTS.values()):
        where = rf"test_{n}.py::test_x: @pytest\.mark\.timens_points: "
        assert re.search(f"^{where}{error}", text, re.MULTILINE), text


def test_points_cannot_parametrize_a_method_of_unittest(run: Run) -> None:
    result = run(
        """
        @pytest.mark.timens_points("u32-ms")
        class TestX(unittest.TestCase):
            def test_x(self): note("ran")
        """
    )
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["@pytest.mark.timens_points: only test functions can be*"])
