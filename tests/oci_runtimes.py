# SPDX-License-Identifier: MIT
"""crun and runc that know linux.timeOffsets, each in a root directory, and commands in there.

crun knows them from 1.8.4 on, which Debian has from 13 (trixie) on, and runc from 1.2 on, which
Debian has from 14 (forky) on: those are unpacked, and run in a chroot.
"""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from debian import apt_options, output, unpack

# A mount namespace of its own, so that all of it goes with the process; both want a cgroup v2.
START = """
set -e
mount --bind "$1" "$1"
cd "$1"
mount -t proc proc proc
mount --rbind /dev dev
mount -t tmpfs none run
mount -t sysfs sysfs sys
mount -t cgroup2 none sys/fs/cgroup
mount --bind "$2" bundle
shift 2
exec chroot . "$@"
"""


@dataclass(frozen=True)
class Runtime:
    suite: str
    words: tuple[str, ...]
    packages: tuple[str, ...]

    def prepare(self, folder: Path) -> "Installed":
        """In a folder of its own in `folder`; kept from the last time."""
        root = folder / f"{self.suite}-{self.packages[0]}"
        if not (root / self.words[0].lstrip("/")).exists():
            options = apt_options(folder / f"apt-{self.suite}", self.suite)
            output("apt-get", "-q", *options, "update")
            unpack(options, list(self.packages), root)
        for name in ("lib", "lib64"):
            if not (root / name).is_symlink():
                (root / name).symlink_to(f"usr/{name}")
        for name in ("bundle", "proc", "run", "sys", "dev"):
            (root / name).mkdir(exist_ok=True)
        return Installed(self, root)


@dataclass(frozen=True)
class Installed:
    runtime: Runtime
    root: Path

    def command(self, bundle: Path, *words: str) -> list[str]:
        """What runs `words` in the root directory, where `bundle` is /bundle."""
        return ["unshare", "--mount", "sh", "-c", START, "sh", str(self.root), str(bundle), *words]

    def run(self, bundle: Path, *words: str) -> str:
        """What the runtime prints."""
        done = subprocess.run(
            self.command(bundle, *self.runtime.words, *words),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout


CRUN = Runtime(
    "trixie",
    ("/usr/bin/crun", "--cgroup-manager=disabled"),
    (
        *("crun", "libc6", "libcap2", "libseccomp2", "libsystemd0", "libyajl2", "libgcrypt20"),
        *("libgpg-error0", "liblz4-1", "liblzma5", "libzstd1"),
    ),
)
RUNC = Runtime("forky", ("/usr/sbin/runc",), ("runc", "libc6", "libseccomp2"))
