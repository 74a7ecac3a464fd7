# SPDX-License-Identifier: MIT
"""Boots real kernels and runs the C suite, and a smoke test from Python, Lua and a shell, on each.

run.py BUILD [NAME ...]: the kernels of kernels.txt, or those named. Software emulation: hardware
acceleration is not to be had on every machine, and a kernel boots in seconds without it.
"""

import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
from architectures import Architecture, architecture_of  # noqa: E402
from debian import apt_options, output, unpack  # noqa: E402
from guest import make_initrd  # noqa: E402
from programs import foreign, native  # noqa: E402

BUILD = Path(sys.argv[1]).resolve()
WORK = BUILD.parent / "kernels"
BOOT_SECONDS = 900


@dataclass
class Result:
    name: str
    version: str = "did not boot"
    route: str = "?"
    routes: dict[tuple[str, str], str] = field(default_factory=dict)
    suites: dict[str, tuple[int, int]] = field(default_factory=dict)
    ended: bool = False
    seconds: float = 0

    @property
    def failed(self) -> int:
        return sum(status != 0 for status, _ in self.suites.values())

    @property
    def good(self) -> bool:
        return self.ended and bool(self.suites) and not self.failed


# -- The kernel --


def package_with_image(options: list[str], package: str) -> str:
    """What a package without a version depends on; from Linux 7 on that depends on another."""
    for kind in ("image", "binary"):
        depends = output("apt-cache", *options, "depends", package)
        found = re.search(rf"Depends: (linux-{kind}-\d\S+)", depends)
        package = found[1] if found else package
    return package


def fetch(name: str, suite: str, package: str) -> Path:
    """The kernel's image, from Debian's package; kept from the last time."""
    image = WORK / name / "vmlinuz"
    if image.exists():
        return image
    print(f"kernels: fetching {package} of {suite}", flush=True)
    architecture = architecture_of(package).debian
    options = apt_options(WORK / "apt" / f"{suite}-{architecture}", suite, architecture)
    output("apt-get", "-q", *options, "update")
    package = package_with_image(options, package)
    unpacked = WORK / name / "unpacked"
    unpack(options, [package], unpacked)
    found = next(unpacked.rglob("vmlinuz*"), None)
    if not found:
        sys.exit(f"kernels: there is no kernel in {package} of {suite}")
    found.rename(image)
    shutil.rmtree(unpacked)
    return image


@cache
def initrd(architecture: Architecture) -> Path:
    work = WORK / architecture.debian
    programs = native(BUILD) if architecture.is_native else foreign(architecture, work)
    return make_initrd(programs, work)


# -- The run --


def emulate(architecture: Architecture, image: Path, log: Path) -> None:
    command = [
        *architecture.emulator,
        *("-accel", "tcg,thread=multi", "-smp", "2", "-m", "4096"),
        *("-nographic", "-no-reboot", "-nic", "none"),
        *("-kernel", str(image), "-initrd", str(initrd(architecture))),
        *("-append", f"console={architecture.console} quiet panic=-1"),
    ]
    with log.open("wb") as out:
        subprocess.run(
            command,
            check=False,
            timeout=BOOT_SECONDS,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )


def take_line(result: Result, line: str) -> None:
    words = line.split()
    # The firmware leaves its escape sequences on the first line.
    if "KERNEL " in line:
        result.version = words[-1]
    elif "by route " in line:
        result.route = words[-1]
    elif line.startswith("SUITE "):
        result.suites[words[1]] = int(words[2]), int(words[3])
    elif line.startswith("ROUTE "):
        result.routes[words[1], words[2]] = words[3]
    elif words == ["END"]:
        result.ended = True


def boot(name: str, suite: str, package: str) -> Result:
    image, architecture = fetch(name, suite, package), architecture_of(package)
    log, result, start = WORK / f"{name}.log", Result(name), time.monotonic()
    try:
        emulate(architecture, image, log)
    except subprocess.TimeoutExpired:
        print(f"kernels: {name} was not done after {BOOT_SECONDS} s")
    result.seconds = time.monotonic() - start
    for line in log.read_text(errors="replace").splitlines():
        take_line(result, line)
    print(f"kernels: {name}: {result.seconds:.0f} s", flush=True)
    return result


# -- The table --


def cell(result: Result, suite: str) -> str:
    if suite not in result.suites:
        return "did not run"
    status, skipped = result.suites[suite]
    return "FAILED" if status else f"passed, {skipped} skipped" if skipped else "passed"


def show(results: list[Result]) -> None:
    def row(name: str, cells: list[str]) -> None:
        print("| " + " | ".join([name, *cells]) + " |")

    print()
    row("suite", [f"{r.name} ({r.version})" for r in results])
    print("|---" * (len(results) + 1) + "|")
    row("route of auto", [r.route for r in results])
    for language, route in sorted({key for r in results for key in r.routes}):
        cells = [r.routes.get((language, route), "did not run") for r in results]
        row(f"{language}, forced to {route}", cells)
    for suite in sorted({name for r in results for name in r.suites}):
        row(suite, [cell(r, suite) for r in results])
    row("seconds", [f"{r.seconds:.0f}" for r in results])
    print(
        f"\n{sum(len(r.suites) - r.failed for r in results)} passed,"
        f" {sum(r.failed for r in results)} failed"
    )


def main() -> int:
    lines = (HERE / "kernels.txt").read_text().splitlines()
    rows = [line.split() for line in lines if line and not line.startswith("#")]
    wanted = sys.argv[2:] or [row[0] for row in rows]
    unknown = set(wanted) - {row[0] for row in rows}
    if unknown:
        sys.exit(f"kernels: not in kernels.txt: {' '.join(sorted(unknown))}")
    results = [boot(*row) for row in rows if row[0] in wanted]
    show(results)
    for result in results:
        if not result.good:
            log = WORK / f"{result.name}.log"
            print(f"\n{result.name}: see {log}, which ends with:")
            print("\n".join(log.read_text(errors="replace").splitlines()[-60:]))
    return 0 if all(r.good for r in results) else 1


sys.exit(main())
