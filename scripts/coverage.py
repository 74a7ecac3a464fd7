# SPDX-License-Identifier: MIT
"""What the suites run of core, command and bindings: coverage.py BUILD [SUITE...].

BUILD is of the preset coverage. Leaves a table in BUILD/report.md, and what was not run in
BUILD/missed.txt and BUILD/html.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from stage import ROOT, stage

REACHABLE = str(ROOT / "tests" / "reachable")

SUITES = ("c", "lua", "cli", "python")
PARTS = ("core", "cli", "swig", "lua/embed")
#: File, lines, missed lines, branches, missed branches.
Row = tuple[str, int, int, int, int]


def run(words: list[str], **how: object) -> None:
    """A failed test does not stop it: what else was run has been run."""
    done = subprocess.run(words, check=False, **how)  # type: ignore[call-overload]
    print(f"coverage: {words[0]}: {'right' if done.returncode == 0 else 'FAILED'}", flush=True)


def environment(build: Path) -> dict[str, str]:
    paths = f"{ROOT}/lua/?.lua;{ROOT}/lua/?/init.lua;{ROOT}/tests/lua/?.lua;;"
    return os.environ | {
        "TIMENS_TEST_PROGRAMS": str(build / "programs"),
        "TIMENS_COMMAND": str(build / "cli" / "timens"),
        "TIMENS_LIBRARY": str(build / "core" / "libtimens.so"),
        "LUA_PATH": paths,
        "LUA_CPATH": f"{build}/lua/?.so;;",
        "PYTHONPATH": str(build / "python"),
        "PYTHON_COVERAGE": str(build / "python.coverage"),
        "LUA_COVERAGE": str(build / "lua.coverage"),
    }


def suite_c(build: Path, env: dict[str, str]) -> None:
    # What counts is a symbol from elsewhere, of which there shall be none.
    words = ["ctest", "--test-dir", str(build), "-E", "freestanding", "--output-on-failure"]
    run(words, env=env)


def suite_lua(build: Path, env: dict[str, str]) -> None:
    Path(env["LUA_COVERAGE"]).unlink(missing_ok=True)
    env = env | {"LUA_INIT": f"@{ROOT}/tests/lua/coverage.lua"}
    words = [REACHABLE, "lua5.4", "/usr/bin/busted", "--pattern=_spec", "."]
    run(words, env=env, cwd=ROOT / "tests" / "lua")


def suite_cli(build: Path, env: dict[str, str]) -> None:
    # It looks at the whole environment, into which what counts puts a variable.
    run([REACHABLE, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/cli",
         "--deselect", "tests/cli/test_run.py::test_env"], env=env, cwd=ROOT)  # fmt: skip


#: They measure themselves, or pickle os._exit, which is patched here, or may not write the data.
NOT_MEASURED = "not coverage and not ends_of_a_process and not without_privilege"


def suite_python(build: Path, env: dict[str, str]) -> None:
    stage(build)
    coverage = [sys.executable, "-m", "coverage"]
    config = f"--rcfile={ROOT / 'tests' / 'python' / 'coverage.ini'}"
    for old in build.glob("python.coverage*"):
        old.unlink()
    run([REACHABLE, *coverage, "run", config, "-m", "pytest", "-q", "-p", "no:cacheprovider",
         "-n", "4", "-k", NOT_MEASURED, "tests/python"], env=env, cwd=ROOT)  # fmt: skip
    run([*coverage, "combine", "-q", config], env=env, cwd=ROOT)
    run([*coverage, "json", "-q", config, "-o", str(build / "python.json")], env=env, cwd=ROOT)


# -- Rows --


def objects(build: Path) -> list[str]:
    found = [*build.glob("tests/*/test_*"), *build.glob("tests/fuzz/fuzz_*"), build / "cli/timens"]
    found += [*build.glob("lua/timens/core.so"), *build.glob("swig/_timens.*so")]
    words = [str(file) for file in found if file.is_file() and os.access(file, os.X_OK)]
    return [words[0], *(f"-object={word}" for word in words[1:])]


def llvm_cov(build: Path, action: str, *words: str) -> str:
    done = subprocess.run(
        ["llvm-cov", action, f"-instr-profile={build / 'c.profdata'}", *objects(build), *words,
         *(str(ROOT / part) for part in PARTS)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout


def rows_of_c(build: Path) -> list[Row]:
    profiles = [str(file) for file in (build / "profiles").glob("*.profraw")]
    subprocess.run(["llvm-profdata", "merge", "-o", build / "c.profdata", *profiles], check=True)
    summary = json.loads(llvm_cov(build, "export", "-summary-only"))
    llvm_cov(build, "show", "-format=html", f"-output-dir={build / 'html'}", "-show-branches=count")
    (build / "missed.txt").write_text(missed_of_c(build))
    rows = []
    for file in summary["data"][0]["files"]:
        lines, branches = file["summary"]["lines"], file["summary"]["branches"]
        if lines["count"]:
            rows.append(
                (
                    str(Path(file["filename"]).relative_to(ROOT)),
                    lines["count"],
                    lines["count"] - lines["covered"],
                    branches["count"],
                    branches["notcovered"],
                )
            )
    return rows


def missed_of_c(build: Path) -> str:
    """Lines that were never run, as FILE:LINE: text."""
    out, file = [], ""
    for line in llvm_cov(build, "show").splitlines():
        if line.endswith(":") and line.startswith("/"):
            file = str(Path(line[:-1]).relative_to(ROOT))
        number, _, rest = line.partition("|")
        count, _, text = rest.partition("|")
        if count.strip() == "0":
            out.append(f"{file}:{number.strip()}:{text}")
    return "\n".join(out) + "\n"


def rows_of_python(build: Path) -> list[Row]:
    found = json.loads((build / "python.json").read_text())
    rows, missed = [], []
    for name, file in sorted(found["files"].items()):
        summary = file["summary"]
        rows.append(
            (
                name,
                summary["num_statements"],
                summary["missing_lines"],
                summary["num_branches"],
                summary["missing_branches"],
            )
        )
        missed += [f"{name}:{line}" for line in file["missing_lines"]]
        missed += [f"{name}:{start} -> {end}" for start, end in file["missing_branches"]]
    with (build / "missed.txt").open("a") as out:
        print(*missed, sep="\n", file=out)
    return rows


def rows_of_lua(build: Path) -> list[Row]:
    """Lua has no count of branches; the lines that its compiler has code for."""
    hit = set((build / "lua.coverage").read_text().split())
    rows, missed = [], []
    for file in sorted((ROOT / "lua" / "timens").glob("*.lua")):
        listing = subprocess.run(
            ["luac5.4", "-l", "-p", file], capture_output=True, text=True, check=True
        ).stdout
        lines = {part.split("]")[0] for part in listing.split("\t[")[1:]}
        left = sorted((line for line in lines if f"{file}:{line}" not in hit), key=int)
        name = str(file.relative_to(ROOT))
        rows.append((name, len(lines), len(left), 0, 0))
        missed += [f"{name}:{line}" for line in left]
    with (build / "missed.txt").open("a") as out:
        print(*missed, sep="\n", file=out)
    return rows


# -- The report --


def percent(count: int, missed: int) -> str:
    return f"{100 * (count - missed) / count:.1f} %" if count else "-"


def line_of(row: Row) -> str:
    name, lines, missed, branches, untaken = row
    return f"| {name} | {lines} | {percent(lines, missed)} | {branches or '-'} | " + (
        f"{percent(branches, untaken)} |"
    )


def total(name: str, rows: list[Row]) -> Row:
    return (name, *(sum(int(row[at]) for row in rows) for at in range(1, 5)))  # type: ignore[return-value]


def report(build: Path) -> None:
    rows: list[Row] = []
    readers: list[tuple[str, Callable[[Path], list[Row]]]] = [
        ("c.profdata", rows_of_c), ("python.json", rows_of_python), ("lua.coverage", rows_of_lua),
    ]  # fmt: skip
    for needs, read in readers:
        if needs == "c.profdata" or (build / needs).exists():
            rows += read(build)
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row[0].rpartition("/")[0], []).append(row)
    head = ["| file | lines | run | branches | taken |", "|---|---|---|---|---|"]
    sums = [line_of(total(name, group)) for name, group in groups.items()]
    text = "\n".join([*head, *sums, "", *head, *map(line_of, rows)])
    (build / "report.md").write_text(text + "\n")
    print("\n".join([*head, *sums]))
    print(f"coverage: all files: {build / 'report.md'}; what was not run: {build / 'missed.txt'}")


def main() -> int:
    build = Path(sys.argv[1]).resolve()
    chosen = sys.argv[2:] or list(SUITES)
    env = environment(build)
    for suite in chosen:
        {"c": suite_c, "lua": suite_lua, "cli": suite_cli, "python": suite_python}[suite](
            build, env
        )
    report(build)
    return 0


if __name__ == "__main__":
    sys.exit(main())
