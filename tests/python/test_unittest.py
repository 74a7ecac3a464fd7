# SPDX-License-Identifier: MIT
"""timens.unittest: under unittest's own runner, and under pytest with and without our plugin."""

import os
import re
import signal
import subprocess
import sys
import textwrap
import time
import traceback
import unittest
from pathlib import Path

import plugin_helpers
import pytest
import timens.unittest
from plugin_helpers import command, ends_soon, environment, normal, notes, pids_of, write
from timens._carried import pack, unpack

RUNNERS = {
    "unittest": ("unittest", "-v", "test_inner"),
    "pytest": ("pytest", "-v", "-p", "no:cacheprovider"),
    "pytest without the plugin": ("pytest", "-v", "-p", "no:cacheprovider", "-p", "no:timens"),
}


@pytest.fixture(params=RUNNERS)
def runner(request: pytest.FixtureRequest) -> tuple[str, ...]:
    return RUNNERS[request.param]


def run(folder: Path, *args: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *args],
        cwd=folder,
        env=environment() | more,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
    )


def test_decorator_and_mixin(tmp_path: Path, runner: tuple[str, ...]) -> None:
    source = """
        import timens.unittest, unittest.mock
        PARENT = os.getpid()

        class Base(unittest.TestCase):
            def setUp(self): self.at_set_up = time.monotonic()
            def tearDown(self):
                note("tear down", time.monotonic() > 40 * DAY)
            def check(self, reading):
                self.assertTrue(are_at(reading))
                self.assertTrue(reading <= self.at_set_up < reading + 60)
                self.assertEqual(os.getppid(), PARENT)

        @timens.unittest.at("49d17h")
        class TestClass(Base):
            def test_of_class(self): self.check(T)
            @timens.unittest.at("60d", timeout="60s", userns="always")
            @unittest.mock.patch.dict(os.environ, {"PATCHED": "1"})
            def test_inner_overrides(self):
                self.assertIn("PATCHED", os.environ)
                self.check(60 * DAY)

        class TestDerived(TestClass):
            def test_of_derived(self): self.check(T)

        class TestMethod(Base):
            def test_outside(self): self.assertEqual(os.getpid(), PARENT); assert are_usual()
            @timens.unittest.at(boottime="100d", monotonic="@49d17h")
            def test_moved(self):
                boottime, monotonic = clocks()
                self.assertTrue(0 <= boottime - 100 * DAY - OUTSIDE[0] < 300)
                self.assertTrue(T <= monotonic < T + 60)

        class TestMixin(timens.unittest.Mixin, Base):
            uptime = "49d17h"
            def test_of_mixin(self): self.check(T)

        class TestAsync(unittest.IsolatedAsyncioTestCase):
            @timens.unittest.at("49d17h")
            async def test_async(self):
                await asyncio.sleep(0.01)
                self.assertTrue(are_at(T))
    """
    write(tmp_path, source)
    result = run(tmp_path, *runner)
    assert result.returncode == 0, result.stdout
    assert re.search(r"Ran 9 tests|9 passed", result.stdout)
    assert sorted(notes(tmp_path)) == ["tear down False"] + 7 * ["tear down True"]


def test_points(tmp_path: Path, runner: tuple[str, ...]) -> None:
    source = """
        import timens.unittest

        class TestX(unittest.TestCase):
            @timens.unittest.at_points("u32-ms", module.points[2], lead=("5s", "0.5s"))
            def test_method(self):
                note(self._testMethodName, round(time.monotonic(), 0))

        class Base:
            def test_inherited(self): self.assertTrue(are_at(16777216 - 5))

        @timens.unittest.at_points("f32-s")
        class TestY(Base, unittest.TestCase):
            @timens.unittest.at("1d")
            def test_own(self): self.assertTrue(are_at(DAY))
            def test_of_class(self): self.assertTrue(are_at(16777216 - 5))
    """
    write(tmp_path, source)
    result = run(tmp_path, *runner)
    assert result.returncode == 0, result.stdout
    assert sorted(line.split()[0] for line in notes(tmp_path)) == [
        "test_method_i32_ms_0_5s",
        "test_method_i32_ms_5s",
        "test_method_u32_ms_0_5s",
        "test_method_u32_ms_5s",
    ]
    for name in ("test_inherited_f32_s_5s", "test_of_class_f32_s_5s", "test_own"):
        assert re.search(rf"\b{name}\b", result.stdout), result.stdout


def test_decorators_above(tmp_path: Path, runner: tuple[str, ...]) -> None:
    source = """
        import timens.unittest

        class TestX(unittest.TestCase):
            @unittest.expectedFailure
            @timens.unittest.at("49d17h")
            def test_known(self): self.fail("as known")
            @unittest.expectedFailure
            @timens.unittest.at_points("u32-ms", "i32-ms")
            def test_points(self): self.fail("as known")
            @unittest.skip("not now")
            @timens.unittest.at("49d17h")
            def test_skipped(self): note("ran")
            @pytest.mark.filterwarnings("error")
            @timens.unittest.at("49d17h")
            @pytest.mark.usefixtures()
            def test_marked(self):
                marks = [mark.name for mark in type(self).test_marked.pytestmark]
                self.assertEqual(marks, ["usefixtures", "filterwarnings"])
    """
    write(tmp_path, source)
    result = run(tmp_path, *runner)
    assert result.returncode == 0, result.stdout
    expected = r"skipped=1, expected failures=3|1 passed, 1 skipped, 3 xfailed"
    assert re.search(expected, result.stdout), result.stdout
    assert not notes(tmp_path)


ALL_KINDS = """
    import timens.unittest
    here = os.environ.get("MARKED")

    class OwnError(Exception):
        def __init__(self, one, two): super().__init__(f"{one} and {two}")

    class TestKinds(timens.unittest.Mixin, unittest.TestCase):
        uptime = "49d17h" if here else None

        def setUp(self): print("set up", file=sys.stderr)
        def test_passes(self): print("out")
        def test_fails(self):
            print("said")
            self.assertEqual([1, 2], [1, 3], "message")
        def test_raises(self):
            try:
                int("x")
            except ValueError as error:
                error.add_note("a note")
                raise RuntimeError("outer") from error
        def test_raises_while_handling(self):
            try:
                int("x")
            except ValueError:
                raise OwnError(1, 2)
        def test_raises_a_group(self):
            def part(n):
                try:
                    raise OwnError(n, 2) if n else OSError(n, "part")
                except Exception as error:
                    return error
            raise ExceptionGroup("parts", [part(0), ExceptionGroup("more", [part(1)])])
        def test_raises_a_plain_group(self):
            try:
                int("x")
            except ValueError as error:
                raise ExceptionGroup("parts", [error])
        def test_raises_local_class(self):
            class Local(Exception): pass
            raise Local("text", lambda: 0)
        def test_skips(self): self.skipTest("reason")
        @unittest.skip("marked")
        def test_skip(self): pass
        @unittest.expectedFailure
        def test_expected(self): self.fail("as known")
        @unittest.expectedFailure
        def test_unexpected(self): pass
        def test_parts(self):
            for n in range(3):
                with self.subTest("part", n=n): self.assertNotEqual(n, 1)
            with self.subTest(how=print): self.skipTest("not this part")
        def test_cleanup(self):
            self.addCleanup(lambda: 1 / 0)

    class TestSetUp(timens.unittest.Mixin, unittest.TestCase):
        uptime = "49d17h" if here else None
        def setUp(self): raise OSError(2, "set-up is broken")
        def test_x(self): note("ran")

    if __name__ == "__main__":
        unittest.main()
"""


def test_output_is_not_doubled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a fork with something in Python's buffers."""
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)
    write(tmp_path, "print('said outside')\n" + textwrap.dedent(ALL_KINDS))
    result = run(tmp_path, "unittest", "test_inner.TestKinds.test_passes", MARKED="1")
    assert result.stdout.count("said outside") == 1, result.stdout


@pytest.mark.parametrize("options", [("-v",), ("-b",), ("-f",), ("-v", "-b")])
def test_result_is_that_of_a_local_test(
    tmp_path: Path, options: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Else a program's output comes before what a local test has printed, which is in a buffer.
    monkeypatch.setenv("PYTHONUNBUFFERED", "1")
    write(tmp_path, ALL_KINDS)
    local = run(tmp_path, "unittest", *options, "test_inner")
    isolated = run(tmp_path, "unittest", *options, "test_inner", MARKED="1")
    assert "FAILED (" in local.stdout
    assert _without_columns(isolated.stdout) == _without_columns(local.stdout)
    assert isolated.returncode == local.returncode == 1
    assert not notes(tmp_path)


def _without_columns(text: str) -> list[str]:
    """The marks below a line of a traceback are all that is lost."""
    return [line for line in normal(text) if not re.fullmatch(r"[ |]+[~^]+", line)]


def test_locals_of_an_isolated_test() -> None:
    """unittest --locals: they are not there, nor is what only our stand-ins for its frames have."""
    try:
        int("x")
    except ValueError as error:
        carried = unpack(pack(error))
    shown = traceback.TracebackException.from_exception(carried, capture_locals=True)
    assert [frame.name for frame in shown.stack] == ["test_locals_of_an_isolated_test"]
    assert not shown.stack[0].locals


def test_turned_off_below(tmp_path: Path, runner: tuple[str, ...]) -> None:
    source = """
        import timens.unittest

        class TestBase(timens.unittest.Mixin, unittest.TestCase):
            uptime = "49d17h"
            def test_x(self): self.assertTrue(are_at(T))

        class TestLater(TestBase):
            timeout = "60s"

        class TestHere(TestBase):
            uptime = None
            def test_x(self): self.assertTrue(are_usual())
    """
    write(tmp_path, source)
    result = run(tmp_path, *runner)
    assert result.returncode == 0, result.stdout
    assert re.search(r"Ran 3 tests|3 passed", result.stdout)


def test_debug_is_refused() -> None:
    """It runs a test in the process that calls it."""

    class Case(timens.unittest.Mixin, unittest.TestCase):
        uptime = "49d17h"

        def test_x(self) -> None:
            raise AssertionError("is not run")

    with pytest.raises(RuntimeError, match="clocks are not moved"):
        Case("test_x").debug()

    class Plain(Case):
        uptime = None  # type: ignore[assignment]

        def test_x(self) -> None:
            seen.append(self)

    seen: list[object] = []
    Plain("test_x").debug()
    assert len(seen) == 1


def test_crashes_are_errors(tmp_path: Path, runner: tuple[str, ...]) -> None:
    source = """
        import timens.unittest

        @timens.unittest.at("49d17h")
        class TestX(unittest.TestCase):
            def test_1_signal(self): os.kill(os.getpid(), signal.SIGKILL)
            def test_2_exit(self): os._exit(0)
            @timens.unittest.at("1d", timeout=3)
            def test_3_hangs(self): time.sleep(1000)
            def test_4_goes_on(self): self.assertTrue(are_at(T))
            @timens.unittest.at(boottime="-90000d")
            def test_5_cannot_be(self): note("ran")
    """
    write(tmp_path, source)
    result = run(tmp_path, *runner)
    assert result.returncode == 1
    assert re.search(r"Ran 5 tests|4 failed, 1 passed|3 failed, 1 passed, 1 error", result.stdout)
    for part in (
        "killed by SIGKILL",
        "its process ended with exit status 0",
        "killed as its timeout was over",
        "in test_3_hangs",
        "boottime -90000d would make the clock negative",
    ):
        assert part in result.stdout, result.stdout
    assert not notes(tmp_path)


def test_interrupt(tmp_path: Path) -> None:
    source = """
        import timens.unittest

        @timens.unittest.at("49d17h")
        class TestX(unittest.TestCase):
            def tearDown(self): note("torn down")
            def test_hangs(self):
                program = subprocess.Popen(["sleep", "1000"], stdout=-3, stderr=-3)
                self.addCleanup(note, "cleaned up")
                note("pids", os.getpid(), program.pid)
                time.sleep(1000)
            def test_next(self): note("ran")
    """
    write(tmp_path, source)
    argv = [sys.executable, "-m", "unittest", "test_inner"]
    with subprocess.Popen(
        argv, cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        pids = pids_of(tmp_path)
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=180)
        assert b"KeyboardInterrupt" in output
        assert process.returncode
    assert ends_soon(pids[0])
    os.kill(pids[1], signal.SIGKILL)
    assert "ran" not in notes(tmp_path)


@pytest.mark.parametrize("required", ["", "0", "1", "yes"])
def test_skipped_where_unavailable(tmp_path: Path, required: str) -> None:
    source = """
        import helpers, timens.unittest

        def setUpModule():
            helpers.new_user_namespace()
            helpers.set_limit("max_user_namespaces", 0)
            helpers.drop_capabilities()

        @timens.unittest.at("49d17h")
        class TestX(unittest.TestCase):
            def test_x(self): note("ran")
    """
    write(tmp_path, source)
    folder = str(Path(plugin_helpers.__file__).parent)
    more = {"PYTHONPATH": folder, "TIMENS_REQUIRE": required}
    result = run(tmp_path, "unittest", "-v", "test_inner", **more)
    assert "time namespaces are not available" in result.stdout
    assert ("OK (skipped=1)", "FAILED (errors=1)")[required in ("1", "yes")] in result.stdout
    assert not notes(tmp_path)


def test_marker_goes_before_the_decorator(tmp_path: Path) -> None:
    source = """
        import timens.unittest

        @timens.unittest.at("49d17h")
        class TestX(unittest.TestCase):
            @pytest.mark.timens(uptime="3d")
            def test_x(self): self.assertTrue(are_at(3 * DAY))
    """
    write(tmp_path, source)
    result = subprocess.run(
        command(), cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False
    )
    assert "1 passed" in result.stdout, result.stdout


def test_wrong_use() -> None:
    at = timens.unittest.at
    with pytest.raises(TypeError, match="needs boottime, monotonic or uptime"):
        at()
    with pytest.raises(ValueError, match="uptime: time '5x'"):
        at("5x")
    with pytest.raises(TypeError, match="uptime is for both clocks"):
        at("5d", boottime=1)
    with pytest.raises(ValueError, match="unknown point 'u23-ms'; did you mean 'u32-ms'"):
        timens.unittest.at_points("u23-ms")
    with pytest.raises(TypeError, match="object is not a TestCase"):
        at("5d")(object)
    with pytest.raises((TypeError, RuntimeError), match=r"X.test|__set_name__"):
        type("X", (), {"test": at("5d")(test_wrong_use)})
    with pytest.raises(ValueError, match="X: uptime: time '5x'"):
        type("X", (timens.unittest.Mixin, unittest.TestCase), {"uptime": "5x"})
    for part in ("the decorator of timens above those", "there is @pytest.mark.timens"):
        with pytest.raises(TypeError, match=part):
            at("5d")(test_wrong_use)()
    assert time.monotonic() < 1e9
