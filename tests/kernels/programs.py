# SPDX-License-Identifier: MIT
"""What a guest is made of, and where that is from: this machine and its build, or packages of
another architecture and a build across."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from architectures import Architecture
from debian import apt_options, output, unpack_with_dependencies

SOURCE = Path(__file__).parents[2]

# What the foreign guest's programs are in, and what the build links with.
PACKAGES = (
    *(
        "busybox-static",
        "coreutils",
        "dash",
        "grep",
        "procps",
        "sed",
        "util-linux",
        "lua5.4",
        "python3",
    ),
    *("libc6-dev", "libcmocka-dev", "libexpat1-dev", "libjansson-dev", "liblua5.4-dev"),
    *("libpython3-dev", "libstdc++6"),
)


@dataclass(frozen=True)
class Programs:
    build: Path
    package: Path  # the folder that has the Python package with its module
    python: Path
    stdlib: Path
    sysroot: Path  # / here
    triplet: str

    def find(self, name: str) -> Path:
        places = os.environ["PATH"].split(":") if self.sysroot == Path("/") else ["usr/bin", "bin"]
        for place in places:
            path = self.sysroot / place / name
            if os.access(path, os.X_OK):
                return path
        sys.exit(f"kernels: there is no {name} in {self.sysroot}")

    def libraries(self, path: Path) -> list[Path]:
        """Of an executable or a library, with the loader; without what those need in turn."""
        if self.sysroot == Path("/"):
            return _by_loader(path)
        return [self.find_library(name) for name in _needed(path)]

    def inside(self, path: Path) -> Path:
        """Where it is in the guest."""
        return Path("/", path.relative_to(self.sysroot))

    def find_library(self, name: str) -> Path:
        for place in ("", f"lib/{self.triplet}", f"usr/lib/{self.triplet}"):
            path = self.sysroot / place / name.lstrip("/")
            if path.exists():
                return path
        sys.exit(f"kernels: there is no {name} in {self.sysroot}")


def _by_loader(path: Path) -> list[Path]:
    done = subprocess.run(["ldd", path], check=False, capture_output=True, text=True)
    return [Path(name) for name in re.findall(r"(/\S+)", done.stdout) if done.returncode == 0]


def _needed(path: Path) -> list[str]:
    done = subprocess.run(["readelf", "-ld", path], check=False, capture_output=True, text=True)
    return re.findall(r"(?:Shared library: \[|program interpreter: )([^\]]+)\]", done.stdout)


def native(build: Path) -> Programs:
    python = Path(sys.base_prefix, "bin", f"python3.{sys.version_info.minor}")
    package = next(Path(p) for p in sys.path if Path(p, "timens/_errors.py").exists())
    stdlib = Path(sysconfig.get_path("stdlib"))
    triplet = output("cc", "-print-multiarch").strip()
    return Programs(build, package, python, stdlib, Path("/"), triplet)


def _debian_release() -> str:
    text = Path("/etc/os-release").read_text()
    found = re.search(r"^VERSION_CODENAME=(\w+)$", text, re.MULTILINE)
    return found[1] if found else "bookworm"


def _unpack(architecture: Architecture, work: Path) -> Path:
    sysroot, done = work / "sysroot", work / "sysroot.done"
    wanted = " ".join(PACKAGES)
    if not done.exists() or done.read_text() != wanted:
        print(f"kernels: fetching programs for {architecture.debian}", flush=True)
        shutil.rmtree(sysroot, ignore_errors=True)
        # The release of this machine, for Python's headers must be those of its interpreter.
        options = apt_options(work / "apt", _debian_release(), architecture.debian)
        unpack_with_dependencies(work / "apt", options, list(PACKAGES), sysroot)
        # What base-files would bring, from Debian 13 on.
        for name in ("bin", "lib"):
            if not (sysroot / name).exists():
                (sysroot / name).symlink_to(f"usr/{name}")
        done.write_text(wanted)
    return sysroot


def _build(architecture: Architecture, sysroot: Path, headers: Path, work: Path) -> Path:
    print(f"kernels: building for {architecture.debian}", flush=True)
    build, log = work / "build", work / "build.log"
    configure = [
        *("cmake", "-S", SOURCE, "-B", build, "-G", "Ninja"),
        *("--toolchain", SOURCE / "cmake/cross.cmake"),
        *(f"-DTIMENS_MACHINE={architecture.gnu}", f"-DTIMENS_SYSROOT={sysroot}"),
        *("-DTIMENS_LUA=ON", "-DTIMENS_PYTHON=ON", "-DTIMENS_TESTS=ON"),
        *("-DPython_EXECUTABLE=/usr/bin/python3", f"-DPython_INCLUDE_DIR={headers}"),
    ]
    with log.open("w") as out:
        for command in configure, ["cmake", "--build", build, "-j", str(os.cpu_count())]:
            if subprocess.run(command, check=False, stdout=out, stderr=out).returncode:
                sys.exit(f"kernels: no build for {architecture.debian}: see {log}")
    return build


def foreign(architecture: Architecture, work: Path) -> Programs:
    """Debian's programs for that architecture, and ours from its cross compiler."""
    sysroot, package = _unpack(architecture, work), work / "package"
    headers = next(sysroot.glob("usr/include/python3.*"))
    build = _build(architecture, sysroot, headers, work)
    shutil.rmtree(package, ignore_errors=True)
    shutil.copytree(SOURCE / "python/timens", package / "timens")
    shutil.copy2(build / "swig/_timens.abi3.so", package / "timens")
    return Programs(
        build=build,
        package=package,
        python=sysroot / "usr/bin" / headers.name,
        stdlib=sysroot / "usr/lib" / headers.name,
        sysroot=sysroot,
        triplet=architecture.triplet,
    )
