# SPDX-License-Identifier: MIT
"""The C suite under valgrind: valgrind.py BUILD [TEST...].

It makes a fork of what shares memory, so the library takes the route fork; and it answers ENOSYS
to calls that it does not know. What needs those fails there, for a reason that stands here; but no
error of memory is let pass anywhere.
"""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REACHABLE = str(ROOT / "tests" / "reachable")
WATCH = [
    "valgrind",
    "-q",
    "--child-silent-after-fork=yes",
    f"--suppressions={ROOT / 'tests' / 'core' / 'valgrind.supp'}",
]
LEAKS = ["--leak-check=full", "--show-leak-kinds=definite", "--errors-for-leak-kinds=definite"]
NO_CLONE3 = "this valgrind does not know clone3"
NO_SIGNAL = "this valgrind does not know pidfd_send_signal"
#: What fails there in part, and why.
UNKNOWN: dict[str, str] = {
    "clone3": NO_CLONE3,
    "enter": "it makes a fork of what shares memory, so nothing shares ours",
    "errors": "its fork sends SIGCHLD at the end of a child, ours does not",
    "exec": "arguments that are too many for the kernel are not for its own loader",
    "filters": NO_SIGNAL,
    "join": NO_SIGNAL,
    "kernel": NO_CLONE3,
    "options": NO_SIGNAL + ", nor clone with CLONE_NEWUSER",
    "process": NO_SIGNAL,
    "read": NO_SIGNAL,
    "sizes": NO_CLONE3,
}


def run(build: Path, test: str) -> str:
    """What was wrong; empty: nothing."""
    log = build / "valgrind" / f"{test}.log"
    # A test that is left in its middle leaves what it has allocated.
    leaks = [] if test in UNKNOWN else LEAKS
    program = str(build / "tests" / "core" / f"test_{test}")
    words = [REACHABLE, *WATCH, *leaks, f"--log-file={log}", program]
    env = os.environ | {"TIMENS_TEST_PROGRAMS": str(build / "programs"), "TIMENS_REQUIRE": "0"}
    try:
        done = subprocess.run(
            words, capture_output=True, text=True, errors="replace", env=env, timeout=600,
            check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return "does not end"
    log.with_suffix(".out").write_text(done.stdout + done.stderr)
    # A call that it does not know is told with a place as well.
    text = log.read_text().partition("Unsupported clone() flags")[0]
    found = [line for line in text.splitlines() if "   at 0x" in line and "==" in line]
    if found:
        return f"{len(found)} errors, see {log}"
    if done.returncode and test not in UNKNOWN:
        return f"fails, see {log.with_suffix('.out')}"
    if not done.returncode and test in UNKNOWN:
        return "passes: the reason for its failure is not needed any more"
    return ""


def main() -> int:
    build = Path(sys.argv[1]).resolve()
    (build / "valgrind").mkdir(exist_ok=True)
    tests = sys.argv[2:] or sorted(
        file.name.removeprefix("test_")
        for file in (build / "tests" / "core").glob("test_*")
        if file.is_file()
    )
    with ThreadPoolExecutor(2) as pool:
        wrong = list(pool.map(lambda test: run(build, test), tests))
    for test, why in zip(tests, wrong, strict=True):
        expected = f"as far as it goes: {UNKNOWN[test]}" if test in UNKNOWN else "right"
        print(f"valgrind: {test}: {why or expected}")
    return any(wrong)


if __name__ == "__main__":
    sys.exit(main())
