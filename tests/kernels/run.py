# SPDX-License-Identifier: MIT
"""Boots real kernels and runs the C suite, and a smoke test from Python and Lua, on each.

run.py BUILD [NAME ...]: the kernels of kernels.txt, or those named. Software emulation: hardware
acceleration is not to be had on every machine, and a kernel boots in seconds without it.
"""

import gzip
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
from debian import apt_options, output, unpack  # noqa: E402

BUILD = Path(sys.argv[1]).resolve()
WORK = BUILD.parent / "kernels"
SOURCE = HERE.parent.parent
BOOT_SECONDS = 600

# What suites and smoke tests start. busybox is for the guest's init alone.
PROGRAMS = (
    *("busybox", "sh", "cat", "chmod", "env", "echo", "id", "nice", "readlink", "rm", "sleep"),
    *("true", "test", "uptime", "setpriv", "sed", "lua5.4"),
)


@dataclass
class Result:
    name: str
    version: str = "did not boot"
    route: str = "?"
    suites: dict[str, tuple[int, int]] = field(default_factory=dict)
    ended: bool = False

    @property
    def good(self) -> bool:
        return self.ended and bool(self.suites) and not any(s for s, _ in self.suites.values())


# -- The kernel --


def fetch(name: str, suite: str, package: str) -> Path:
    """The kernel's image, from Debian's package; kept from the last time."""
    folder = WORK / name
    image = next(iter(folder.glob("boot/vmlinuz-*")), None)
    if image:
        return image
    print(f"kernels: fetching {package} of {suite}")
    options = apt_options(WORK / "apt" / suite, suite)
    output("apt-get", "-q", *options, "update")
    depends = output("apt-cache", *options, "depends", package)
    found = re.search(r"Depends: (linux-image-\d\S+)", depends)
    if not found:
        sys.exit(f"kernels: {package} of {suite} depends on no kernel")
    unpack(options, [found[1]], folder)
    shutil.rmtree(folder / "lib", ignore_errors=True)
    return next(folder.glob("boot/vmlinuz-*"))


# -- The file system --


def libraries(path: Path) -> list[Path]:
    done = subprocess.run(["ldd", path], check=False, capture_output=True, text=True)
    return [Path(name) for name in re.findall(r"(/\S+)", done.stdout) if done.returncode == 0]


def copy(root: Path, path: Path, to: Path | None = None) -> None:
    target = root / str(to or path).lstrip("/")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(path.resolve(), target)
    for library in libraries(path):
        if not (root / str(library).lstrip("/")).exists():
            copy(root, library)


def copy_python(root: Path) -> None:
    """The interpreter of the build, its library without what is large, and the package."""
    prefix = Path(sys.base_prefix)
    copy(
        root,
        Path(sys.base_prefix, "bin", f"python3.{sys.version_info.minor}"),
        Path("/usr/bin/python3"),
    )
    left_out = shutil.ignore_patterns(
        "test",
        "idlelib",
        "lib2to3",
        "ensurepip",
        "site-packages",
        "config-*",
        "__pycache__",
        "tkinter",
        "turtledemo",
    )
    stdlib = Path(sysconfig.get_path("stdlib"))
    shutil.copytree(stdlib, root / str(stdlib).lstrip("/"), ignore=left_out, dirs_exist_ok=True)
    for module in stdlib.glob("lib-dynload/*.so"):
        for library in libraries(module):
            if not (root / str(library).lstrip("/")).exists():
                copy(root, library)
    package = next(Path(p) for p in sys.path if Path(p, "timens/_errors.py").exists())
    shutil.copytree(package / "timens", root / "python/timens")
    (root / "pythonhome").write_text(str(prefix))


def make_root() -> Path:
    root = WORK / "root"
    shutil.rmtree(root, ignore_errors=True)
    for name in ("proc", "sys", "dev", "tmp", "etc", "usr/bin", "suites", "programs"):
        (root / name).mkdir(parents=True)
    (root / "bin").symlink_to("usr/bin")
    for name in PROGRAMS:
        found = shutil.which(name)
        if not found:
            sys.exit(f"kernels: there is no {name} here")
        copy(root, Path(found), Path("/usr/bin", name))
    for suite in (BUILD / "tests/core").glob("test_*"):
        if suite.is_file() and os.access(suite, os.X_OK):
            copy(root, suite, Path("/suites", suite.name))
    for program in (BUILD / "programs").iterdir():
        copy(root, program, Path("/programs", program.name))
    copy(root, BUILD / "cli/timens", Path("/usr/bin/timens"))
    rest = BUILD / "libexec/timens/timens"
    if rest.exists():  # not without musl
        copy(root, rest, Path("/usr/libexec/timens/timens"))
    copy_python(root)
    shutil.copytree(SOURCE / "lua", root / "lua")
    copy(root, BUILD / "lua/timens/core.so", Path("/lua/timens/core.so"))
    shutil.copytree(SOURCE / "tests/vectors", root / "vectors")
    for name in ("init", "smoke.py", "smoke.lua", "smoke.sh"):
        shutil.copy2(HERE / name, root / name)
    (root / "init").chmod(0o755)
    (root / "etc/passwd").write_text("root:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n")
    (root / "environment").write_text(
        "export SUITES=/suites TIMENS_TEST_PROGRAMS=/programs TIMENS_COMMAND=/usr/bin/timens\n"
        "export TIMENS_TEST_VECTORS=/vectors\n"
        f"export PYTHONHOME={sys.base_prefix} PYTHONPATH=/python PYTHONDONTWRITEBYTECODE=1\n"
        "export LUA_PATH='/lua/?.lua;/lua/?/init.lua' LUA_CPATH='/lua/?.so'\n"
    )
    return root


def make_initrd() -> Path:
    root, initrd = make_root(), WORK / "initrd.gz"
    names = "\0".join(str(p.relative_to(root)) for p in [root, *sorted(root.rglob("*"))])
    packed = subprocess.run(
        ["cpio", "--quiet", "-0", "-o", "-H", "newc"],
        check=True,
        cwd=root,
        input=names.encode(),
        capture_output=True,
    ).stdout
    initrd.write_bytes(gzip.compress(packed, 1))
    return initrd


# -- The run --


def boot(name: str, image: Path, initrd: Path) -> Result:
    # Without cmpxchg16b, which this emulator gets wrong: later kernels keep their slabs by it, and
    # panic.
    command = [
        *("qemu-system-x86_64", "-accel", "tcg,thread=multi", "-cpu", "max,-cx16", "-smp", "2"),
        *("-m", "4096", "-nographic", "-no-reboot", "-nic", "none"),
        *("-kernel", str(image), "-initrd", str(initrd)),
        *("-append", "console=ttyS0 quiet panic=-1"),
    ]
    log, result = WORK / f"{name}.log", Result(name)
    try:
        with log.open("wb") as out:
            subprocess.run(
                command,
                check=False,
                timeout=BOOT_SECONDS,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
    except subprocess.TimeoutExpired:
        print(f"kernels: {name} was not done after {BOOT_SECONDS} s")
    for line in log.read_text(errors="replace").splitlines():
        words = line.split()
        # The firmware leaves its escape sequences on the first line.
        if "KERNEL " in line:
            result.version = words[-1]
        elif "by route " in line:
            result.route = words[-1]
        elif line.startswith("SUITE "):
            result.suites[words[1]] = int(words[2]), int(words[3])
        elif words == ["END"]:
            result.ended = True
    return result


def show(results: list[Result]) -> None:
    names = sorted({name for r in results for name in r.suites})
    print("\n| suite | " + " | ".join(f"{r.name} ({r.version})" for r in results) + " |")
    print("|---|" + "---|" * len(results))
    print("| route of auto | " + " | ".join(r.route for r in results) + " |")
    for name in names:
        cells = []
        for r in results:
            status, skipped = r.suites.get(name, (-1, 0))
            cells.append(
                "FAILED" if status else f"passed, {skipped} skipped" if skipped else "passed"
            )
        print(f"| {name} | " + " | ".join(cells) + " |")
    passed = sum(s == 0 for r in results for s, _ in r.suites.values())
    failed = sum(s != 0 for r in results for s, _ in r.suites.values())
    print(f"\n{passed} passed, {failed} failed")


def main() -> int:
    rows = [
        line.split()
        for line in (HERE / "kernels.txt").read_text().splitlines()
        if line and not line.startswith("#")
    ]
    wanted = sys.argv[2:] or [row[0] for row in rows]
    initrd = make_initrd()
    results = [boot(name, fetch(name, *rest), initrd) for name, *rest in rows if name in wanted]
    show(results)
    for result in results:
        if not result.good:
            print(f"\n{result.name}: see {WORK / (result.name + '.log')}, which ends with:")
            print(
                "\n".join(
                    (WORK / f"{result.name}.log").read_text(errors="replace").splitlines()[-60:]
                )
            )
    return 0 if results and all(r.good for r in results) else 1


sys.exit(main())
