# SPDX-License-Identifier: MIT
"""Fixtures of every scope, of other plugins, and our own."""

import pytest
from plugin_helpers import Run, ends_soon, notes, pids_of

pytest_plugins = "pytester"


def test_fixtures_belong_to_the_process_that_set_them_up(
    run: Run, pytester: pytest.Pytester
) -> None:
    result = run(
        """
        def scoped(scope, **options):
            @pytest.fixture(scope=scope, **options)
            def fixture(request):
                where = "inside" if clocks()[0] > T else "outside"
                param = getattr(request, "param", "")
                note("set up", scope, param, where)
                try:
                    yield os.getpid()
                finally:
                    note("tear down", scope, param, "inside" if clocks()[0] > T else "outside")
            return fixture

        of_session, of_module, of_class, of_function = map(
            scoped, ["session", "module", "class", "function"])
        inside = pytest.mark.timens(uptime="49d17h")

        class TestClass:
            def test_outside(self, of_module, of_class, of_function):
                assert {of_module, of_class, of_function} == {os.getpid()}

            @inside
            def test_inside(self, of_session, of_module, of_class, of_function):
                assert of_module == of_class == os.getppid()
                assert of_session == of_function == os.getpid()

            def test_outside_again(self, of_session, of_module):
                assert of_session == of_module == os.getpid()

        def test_of_module(of_module):
            assert of_module == os.getpid()

        @inside
        def test_last(of_module): pass
        """,
        test_next="""
        def test_next(): note("next module")
        """,
    )
    result.assert_outcomes(passed=6)
    assert notes(pytester.path) == [
        "set up module  outside",
        "set up class  outside",
        "set up function  outside",
        "tear down function  outside",
        "set up session  inside",
        "set up function  inside",
        "tear down function  inside",
        "tear down session  inside",
        "set up session  outside",
        "tear down class  outside",
        "tear down module  outside",
        "next module",
        "tear down session  outside",
    ]


def test_fixture_with_another_parameter_is_made_anew(run: Run, pytester: pytest.Pytester) -> None:
    """As is what depends on it; the parent's ones stay."""
    result = run(
        """
        @pytest.fixture(scope="module")
        def base(request):
            note("make", request.param, os.getpid())
            yield request.param
            note("end", request.param, os.getpid())

        @pytest.fixture(scope="module")
        def derived(base): return base * 2

        def of(param): return pytest.mark.parametrize("base", [param], indirect=True)

        @of("a")
        def test_outside(base, derived): assert derived == "aa"

        @pytest.mark.timens(uptime="49d17h")
        @of("b")
        def test_inside(base, derived): assert derived == "bb"

        @of("a")
        def test_outside_again(base, derived): assert derived == "aa"
        """,
    )
    result.assert_outcomes(passed=3)
    lines = [line.split() for line in notes(pytester.path)]
    outside, inside = lines[0][2], lines[1][2]
    assert outside != inside
    assert lines == [
        ["make", "a", outside],
        ["make", "b", inside],
        ["end", "b", inside],
        ["end", "a", outside],
    ]


def test_failing_teardown_after_an_isolated_test(run: Run) -> None:
    """A module's fixture of the parent, whose last test was in a process of its own."""
    result = run(
        """
        @pytest.fixture(scope="module")
        def wide():
            yield
            print("on the way out")
            raise OSError("cannot end")

        def test_1(wide): pass

        @pytest.mark.timens(uptime="49d17h")
        def test_2(wide): assert are_at(T)
        """,
        test_next="def test_next(): pass",
    )
    result.assert_outcomes(passed=3, errors=1)
    result.stdout.fnmatch_lines(["*ERROR at teardown of test_2*", "*OSError: cannot end*"])
    result.stdout.fnmatch_lines(["*on the way out*"])


def test_async_tests(run: Run) -> None:
    result = run(
        """
        import pytest_asyncio

        @pytest.fixture(params=["asyncio"])
        def anyio_backend(request): return request.param

        async def naps():
            before = asyncio.get_running_loop().time()
            assert before > 40 * DAY
            await asyncio.sleep(0.05)
            assert 0.04 < asyncio.get_running_loop().time() - before < 60
            program = await asyncio.create_subprocess_exec("cat", "/proc/uptime", stdout=-1)
            assert float((await program.communicate())[0].split()[0]) > 40 * DAY
            return are_at(T)

        inside = pytest.mark.timens(uptime="49d17h")

        @pytest_asyncio.fixture(loop_scope="module", scope="module")
        async def shared():
            yield asyncio.get_running_loop()

        @pytest.mark.asyncio(loop_scope="module")
        async def test_loop_of_the_module(shared): await asyncio.sleep(0.01)

        @inside
        @pytest.mark.asyncio
        async def test_asyncio(): assert await naps()

        @inside
        @pytest.mark.asyncio(loop_scope="module")
        async def test_same_loop(shared):
            assert shared is asyncio.get_running_loop()
            assert await naps()

        @pytest.mark.asyncio(loop_scope="module")
        async def test_loop_still_works(shared):
            reader, writer = os.pipe()
            seen = asyncio.Event()
            asyncio.get_running_loop().add_reader(reader, seen.set)
            os.write(writer, b"x")
            await asyncio.wait_for(seen.wait(), 20)

        @inside
        @pytest.mark.anyio
        async def test_anyio(): assert await naps()
        """,
        plugins="asyncio anyio",
    )
    result.assert_outcomes(passed=5)


def test_fixture_tells_of_the_test(run: Run) -> None:
    result = run(
        """
        def test_outside(timens):
            assert not timens.inside
            assert timens.uptime is timens.boottime is timens.point is timens.lead is None
            done = timens.run(["cat", "/proc/uptime"], uptime="49d17h", capture_output=True)
            assert T <= float(done.stdout.split()[0]) < T + 60

        @pytest.mark.timens(uptime="49d17h")
        def test_inside(timens):
            assert timens.inside and timens.uptime == module.at("49d17h")

        @pytest.mark.timens(boottime="1d", monotonic="@3d")
        def test_each(timens):
            assert (timens.boottime, timens.monotonic) == ((DAY, 0), module.at("3d"))
        """
    )
    result.assert_outcomes(passed=3)


@pytest.mark.parametrize("marker", ["@pytest.mark.timens(uptime='1d')", ""])
def test_fixture_ends_what_is_left_running(
    run: Run, pytester: pytest.Pytester, marker: str
) -> None:
    result = run(
        f"""
        {marker}
        def test_x(timens):
            shell = timens.spawn(["sh", "-c", "sleep 1000 & echo $!; wait"], uptime="49d17h",
                                 stdin=-1, stdout=-1, text=True)
            other = timens.Popen(["sleep", "1000"])
            note("pids", shell.pid, other.pid, shell.stdout.readline())
            assert timens.Popen(["true"]).wait() == 0
        """,
        "-W",
        "error",
    )
    result.assert_outcomes(passed=1)
    pids = pids_of(pytester.path)
    assert len(pids) == 3
    assert all(ends_soon(pid) for pid in pids)


def test_fixture_ends_all_whatever_one_raises(run: Run, pytester: pytest.Pytester) -> None:
    result = run(
        """
        def test_x(timens):
            programs = [timens.Popen(["sleep", "1000"]) for _ in range(2)]
            note("pids", *(program.pid for program in programs))
            def refuse(): raise OSError("cannot be asked")
            programs[1].kill()
            programs[1].poll = refuse
        """
    )
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*OSError: cannot be asked*"])
    pids = pids_of(pytester.path)
    assert len(pids) == 2 and all(ends_soon(pid) for pid in pids)


def test_fixture_has_the_rest_of_the_module(run: Run) -> None:
    result = run(
        """
        @pytest.mark.timens(uptime="49d17h")
        def test_x(timens):
            assert timens.PIPE is module.PIPE and timens.at("1d") == module.at("1d")
            with timens.spawn(["cat"], stdin=timens.PIPE) as program:
                assert timens.read(program.pid) == timens.read()
            with pytest.raises(AttributeError, match="unknown"):
                timens.unknown
        """
    )
    result.assert_outcomes(passed=1)


def test_fixture_ends_programs_of_a_test_that_crashes(run: Run, pytester: pytest.Pytester) -> None:
    result = run(
        """
        @pytest.mark.timens(uptime="1d")
        def test_x(timens):
            note("pids", timens.spawn(["sleep", "1000"]).pid)
            # It gets its input when the parent has been told of it.
            crash = 'read go; echo "pid $$" >> notes; kill -9 $PPID; sleep 1000'
            timens.run(["sh", "-c", crash], input=b"go")
        """
    )
    result.assert_outcomes(failed=1)
    pids = [int(line.split()[1]) for line in notes(pytester.path)]
    assert len(pids) == 2 and all(ends_soon(pid) for pid in pids)
