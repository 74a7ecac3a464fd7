# SPDX-License-Identifier: MIT
"""make abi: what a program that was built at the last release may rely on.

Three looks at it: abidiff compares the library with the release's dump; the constants of the
header, which no dump has, with that release's header; and a program built with that header runs
with today's library. What these can see is tried out on libraries that are broken on purpose.
"""

import re
import shutil

import pytest
from header import changed_values, constants_of, layouts_of
from interface import CORE, HERE, LIBRARY, RELEASES, SOURCE, call, differences, library_of, run

LAST = RELEASES[-1]
HEADER = "include/timens.h"

# -- The dump --


def test_the_library_has_the_interface_of_the_last_release():
    assert differences(LAST, LIBRARY) == ""


def test_the_dump_tells_nothing_of_the_machine():
    assert str(SOURCE) not in (LAST / "libtimens.abi").read_text()
    assert len(re.findall("<elf-symbol ", (LAST / "libtimens.abi").read_text())) == 16


# -- What no dump has, or abidiff does not tell: constants, and layouts that may grow --


@pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.name)
def test_constants_are_as_they_were(release, tmp_path):
    assert changed_values(constants_of, release / "timens.h", CORE / HEADER, tmp_path) == set()


@pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.name)
def test_layouts_are_as_they_were(release, tmp_path):
    assert changed_values(layouts_of, release / "timens.h", CORE / HEADER, tmp_path) == set()


def test_names_are_found_in_the_header():
    assert set(constants_of(LAST / "timens.h")) > {
        "TIMENS_STAGE_SIGNALS",
        "TIMENS_SPAWN_SHELL",
        "TIMENS_FD_PIPE_OUT",
        "TIMENS_RLIMIT_INFINITY",
    }
    layouts = layouts_of(LAST / "timens.h")
    assert "offsetof(struct timens_offsets, clock_monotonic)" in layouts
    assert "offsetof(struct timens_spawn_args, gid_maps_count)" in layouts
    assert "offsetof(struct timens_rlimit, hard)" in layouts
    assert "sizeof(struct timens_error)" in layouts
    assert "sizeof(struct timens_support)" not in layouts


def test_a_changed_constant_is_seen(tmp_path):
    header = (LAST / "timens.h").read_text()
    for old, new in (
        ("TIMENS_STAGE_EXEC = 20", "TIMENS_STAGE_EXEC = 27"),
        ("TIMENS_SPAWN_SETSID	      UINT64_C(0x2)", "TIMENS_SPAWN_SETSID UINT64_C(0x3)"),
        ("TIMENS_ROUTE_FORK   3", "TIMENS_ROUTE_FORK 4"),
    ):
        assert old in header
        (tmp_path / "timens.h").write_text(header.replace(old, new))
        changed = changed_values(constants_of, LAST / "timens.h", tmp_path / "timens.h", tmp_path)
        assert changed == {old.split()[0]}


# -- Old programs --


def build_program(release, library, to):
    flags = ["-std=gnu11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", f"-I{release}"]
    call("cc", *flags, HERE / "program.c", "-o", to, library, f"-Wl,-rpath,{library.parent}")


@pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.name)
def test_an_old_program_runs(release, tmp_path):
    build_program(release, LIBRARY, tmp_path / "program")
    done = run(tmp_path / "program", timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


# -- What these see --


@pytest.fixture
def changed(tmp_path):
    """A library from sources in which one text stands for another."""
    core = tmp_path / "core"
    shutil.copytree(CORE, core)

    def change(*edits):
        for name, old, new in edits:
            path = core / name
            text = path.read_text()
            assert old in text, (name, old)
            path.write_text(text.replace(old, new, 1))
        return library_of(core)

    return change


END = "\n#ifdef __cplusplus\n}"
FUTURE = "\tstruct timens_timespec clock_future;\n"
BOOTTIME, MONOTONIC = (
    f"\tstruct timens_timespec clock_{name};\n" for name in ("boottime", "monotonic")
)

BREAKS = {
    "function_gone": [("src/timens.map", "\ttimens_points;\n", "")],
    "version_gone": [("src/timens.map", "TIMENS_1.0", "TIMENS_1.1")],
    "member_in_front": [(HEADER, BOOTTIME, FUTURE + BOOTTIME)],
    "members_swapped": [(HEADER, BOOTTIME + MONOTONIC, MONOTONIC + BOOTTIME)],
    "member_gone": [
        (HEADER, "\tuint32_t reserved; /* zero */\n};\n#define TIMENS_SP", "};\n#define TIMENS_SP"),
        ("src/request.c", "if (a->reserved)", "if (0)"),
    ],
    "member_wider": [(HEADER, "\tint32_t pidfd;", "\tint64_t pidfd;")],
    "output_longer": [(HEADER, "reserved[2]; /* written", "reserved[3]; /* written")],
    "error_shorter": [(HEADER, "char subject[176];", "char subject[168];")],
    "row_of_a_table_longer": [(HEADER, "char *reported;", "char *more, *reported;")],
    "argument_type": [
        (HEADER, "timens_stage_name(int stage)", "timens_stage_name(long stage)"),
        ("src/error.c", "timens_stage_name(int stage)", "timens_stage_name(long stage)"),
    ],
}  # fmt: skip

GROWTH = {
    "member_at_the_end": [(HEADER, MONOTONIC, MONOTONIC + FUTURE)],
    "option_of_a_start": [
        (HEADER, "};\n#define TIMENS_SPAWN_ARGS", "\tuint64_t more;\n};\n#define TIMENS_SPAWN_ARGS")
    ],
    "function": [
        (HEADER, END, f"\nTIMENS_API int timens_more(void);{END}"),
        ("src/points.c", "", "int timens_more(void);\nint timens_more(void)\n{\n\treturn 0;\n}\n"),
        ("src/timens.map", "\ttimens_points;\n", "\ttimens_points;\n\ttimens_more;\n"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("edits", BREAKS.values(), ids=BREAKS)
def test_a_break_is_seen(edits, changed, tmp_path):
    library = changed(*edits)
    then, now = LAST / "timens.h", library.parent / HEADER
    assert differences(LAST, library) or changed_values(layouts_of, then, now, tmp_path)


@pytest.mark.parametrize("edits", GROWTH.values(), ids=GROWTH)
def test_growth_is_no_break(edits, changed, tmp_path):
    library = changed(*edits)
    assert differences(LAST, library) == ""
    then, now = LAST / "timens.h", library.parent / HEADER
    assert changed_values(layouts_of, then, now, tmp_path) == set()
    build_program(LAST, library, tmp_path / "program")
    done = run(tmp_path / "program", timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_program_that_expects_another_struct_fails(changed, tmp_path):
    library = changed(*BREAKS["output_longer"])
    build_program(LAST, library, tmp_path / "program")
    done = run(tmp_path / "program", timeout=60)
    assert "past[i] == GUARD" in done.stderr
