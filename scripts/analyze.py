# SPDX-License-Identifier: MIT
"""The static analyzers: gcc's on every C file in the tree, clang's on what is installed of them.

analyze.py BUILD [FILE...]. Not on what SWIG generates, which is SWIG's. A warning is an error.
"""

import json
import os
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OPTIONS = [f"-DTIMENS_{part}=ON" for part in ("LUA", "PYTHON", "TESTS", "EXAMPLES", "BENCH")]
# gcc 12 loses sight of memory that goes out as a member of what is handed on; the sanitizers and
# valgrind look for leaks.
GCC = ["-Werror", "-Wall", "-Wextra", "-Wconversion", "-fanalyzer", "-Wno-analyzer-malloc-leak"]
# As in .clang-tidy: they ask for functions that glibc does not have, or take va_list for unset.
CLANG = (
    "clang-analyzer-*,-clang-analyzer-security.insecureAPI.DeprecatedOrUnsafeBufferHandling,"
    "-clang-analyzer-security.insecureAPI.strcpy,-clang-analyzer-valist.Uninitialized"
)
INSTALLED = ("core", "cli", "swig", "lua")


def configure(build: Path, compiler: str) -> dict[Path, dict[str, str]]:
    """The commands of our files, each file once."""
    compilers = [f"-DCMAKE_C_COMPILER={compiler}"]
    if compiler == "clang":
        compilers.append("-DCMAKE_CXX_COMPILER=clang++")
    subprocess.run(
        ["cmake", "-S", ROOT, "-B", build, "-G", "Ninja", *compilers, *OPTIONS,
         f"-DPython_EXECUTABLE={sys.executable}"],
        stdout=subprocess.DEVNULL, check=True,
    )  # fmt: skip
    ours = subprocess.run(
        ["git", "ls-files", "*.c"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    commands = json.loads((build / "compile_commands.json").read_text())
    by_file = {Path(one["file"]): one for one in commands}
    return {ROOT / file: by_file[ROOT / file] for file in ours if ROOT / file in by_file}


def prepare(build: Path) -> None:
    """What is generated and included."""
    subprocess.run(["ninja", "-C", build, "swig/layer.h"], stdout=subprocess.DEVNULL, check=True)


def by_gcc(one: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    words = shlex.split(one["command"])
    words[words.index("-o") + 1] = "/dev/null"
    return subprocess.run(
        [*words, *GCC], cwd=one["directory"], capture_output=True, text=True, check=False
    )


def by_clang(one: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    words = ["clang-tidy", "--quiet", f"--checks=-*,{CLANG}", "-p", one["directory"], one["file"]]
    return subprocess.run(words, capture_output=True, text=True, check=False)


def analyze(name: str, commands: dict[Path, dict[str, str]], only: list[str]) -> int:
    how = {"gcc": by_gcc, "clang": by_clang}[name]
    chosen = [
        one
        for file, one in commands.items()
        if (not only or file.name in only)
        and (name == "gcc" or file.relative_to(ROOT).parts[0] in INSTALLED)
    ]
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(how, chosen))
    wrong = [done for done in results if done.returncode]
    for done in wrong:
        print(done.stdout + done.stderr)
    print(f"analyze: {name}: {len(results)} files, {len(wrong)} with warnings", flush=True)
    return len(wrong)


def main() -> int:
    build, only = Path(sys.argv[1]).resolve(), sys.argv[2:]
    wrong = 0
    for name in ("gcc", "clang"):
        os.environ.pop("CFLAGS", None)
        commands = configure(build / name, name)
        prepare(build / name)
        wrong += analyze(name, commands, only)
    return wrong > 0


if __name__ == "__main__":
    sys.exit(main())
