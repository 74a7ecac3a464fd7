# SPDX-License-Identifier: MIT
"""The guest's file system: suites, what they start, and the three languages, as an initrd."""

import gzip
import os
import shutil
import subprocess
import sys
from pathlib import Path

from apparmor import PROFILE, Parser
from programs import SOURCE, Programs

HERE = Path(__file__).parent

# What suites and smoke tests start. busybox is for the guest's init alone.
PROGRAMS = (
    *("busybox", "sh", "cat", "chmod", "env", "echo", "id", "ls", "nice", "readlink", "rm"),
    *("sleep", "true", "test", "uptime", "setpriv", "sed", "lua5.4", "grep", "wc"),
)


class Guest:
    def __init__(self, programs: Programs, root: Path) -> None:
        self.programs, self.root = programs, root

    def place(self, path: Path) -> Path:
        return self.root / str(path).lstrip("/")

    def copy(self, path: Path, to: Path | None = None) -> None:
        """With the libraries it needs."""
        target = self.place(to or self.programs.inside(path))
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path.resolve(), target)
        self.copy_libraries(path)

    def copy_libraries(self, path: Path) -> None:
        for library in self.programs.libraries(path):
            if not self.place(self.programs.inside(library)).exists():
                self.copy(library)

    def copy_python(self) -> None:
        """The interpreter, its library without what is large, and the package."""
        self.copy(self.programs.python, Path("/usr/bin/python3"))
        left_out = shutil.ignore_patterns(
            *("test", "idlelib", "lib2to3", "ensurepip", "site-packages", "config-*"),
            *("__pycache__", "tkinter", "turtledemo"),
        )
        stdlib = self.programs.stdlib
        inside = self.place(self.programs.inside(stdlib))
        shutil.copytree(stdlib, inside, ignore=left_out, dirs_exist_ok=True)
        for module in stdlib.glob("lib-dynload/*.so"):
            self.copy_libraries(module)
        shutil.copytree(self.programs.package / "timens", self.place(Path("python/timens")))

    def copy_build(self) -> None:
        build = self.programs.build
        for suite in (build / "tests/core").glob("test_*"):
            if suite.is_file() and os.access(suite, os.X_OK):
                self.copy(suite, Path("/suites", suite.name))
        # glibc loads it where a thread ends.
        self.copy(self.programs.find_library("libgcc_s.so.1"))
        for program in (build / "programs").iterdir():
            self.copy(program, Path("/programs", program.name))
        self.copy(build / "cli/timens", Path("/usr/bin/timens"))
        rest = build / "libexec/timens/timens"
        if rest.exists():  # not without musl
            self.copy(rest, Path("/usr/libexec/timens/timens"))
        shutil.copytree(SOURCE / "lua", self.root / "lua")
        self.copy(build / "lua/timens/core.so", Path("/lua/timens/core.so"))

    def compile_profiles(self, parser: Parser) -> None:
        (self.root / "apparmor").mkdir()
        for name, profile in (("timens", PROFILE), ("restricted", HERE / "restricted.profile")):
            done = parser.compile(profile, self.root / "apparmor" / name)
            if done.returncode:
                sys.exit(f"kernels: {profile}: {done.stderr}")
        self.copy(self.programs.find("sh"), Path("/usr/bin/restricted"))

    def write_settings(self) -> None:
        shutil.copytree(SOURCE / "tests/vectors", self.root / "vectors")
        for name in ("init", "smoke.py", "smoke.lua", "smoke.sh", "apparmor.sh"):
            shutil.copy2(HERE / name, self.root / name)
        (self.root / "init").chmod(0o755)
        (self.root / "etc/passwd").write_text(
            "root:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n"
        )
        home = self.programs.inside(self.programs.python).parents[1]
        (self.root / "environment").write_text(
            "export SUITES=/suites TIMENS_TEST_PROGRAMS=/programs TIMENS_COMMAND=/usr/bin/timens\n"
            "export TIMENS_TEST_VECTORS=/vectors\n"
            f"export PYTHONHOME={home} PYTHONPATH=/python PYTHONDONTWRITEBYTECODE=1\n"
            "export LUA_PATH='/lua/?.lua;/lua/?/init.lua' LUA_CPATH='/lua/?.so'\n"
        )

    def make(self, work: Path) -> None:
        shutil.rmtree(self.root, ignore_errors=True)
        for name in ("proc", "sys", "dev", "tmp", "etc", "suites", "programs"):
            (self.root / name).mkdir(parents=True)
        for name in ("bin", "lib", "lib64"):
            (self.root / "usr" / name).mkdir(parents=True)
            (self.root / name).symlink_to(f"usr/{name}")
        for name in PROGRAMS:
            self.copy(self.programs.find(name), Path("/usr/bin", name))
        self.copy_build()
        self.copy_python()
        self.compile_profiles(Parser(work.parent / "apparmor"))
        self.write_settings()


def make_initrd(programs: Programs, work: Path) -> Path:
    root, initrd = work / "root", work / "initrd.gz"
    work.mkdir(parents=True, exist_ok=True)
    Guest(programs, root).make(work.parent)
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
