# SPDX-License-Identifier: MIT
"""A root directory with a crun that knows linux.timeOffsets, and commands in it.

crun has them from 1.8.4 on, and Debian that from 13 (trixie) on: unpacked, and run in a chroot.
"""

import subprocess
from pathlib import Path

from debian import apt_options, output, unpack

SUITE = "trixie"
PACKAGES = (
    *("crun", "libc6", "libcap2", "libseccomp2", "libsystemd0", "libyajl2", "libgcrypt20"),
    *("libgpg-error0", "liblz4-1", "liblzma5", "libzstd1"),
)
CRUN = ("/usr/bin/crun", "--cgroup-manager=disabled")
# A mount namespace of its own, so that all of it goes with the process; crun wants a cgroup v2.
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


def prepare_root(folder: Path) -> Path:
    """In `folder`; kept from the last time."""
    root = folder / "root"
    if not (root / "usr/bin/crun").exists():
        options = apt_options(folder / "apt", SUITE)
        output("apt-get", "-q", *options, "update")
        unpack(options, list(PACKAGES), root)
    for name in ("lib", "lib64"):
        if not (root / name).is_symlink():
            (root / name).symlink_to(f"usr/{name}")
    for name in ("bundle", "proc", "run", "sys", "dev"):
        (root / name).mkdir(exist_ok=True)
    return root


def command(root: Path, bundle: Path, *words: str) -> list[str]:
    """What runs `words` in that root directory, where `bundle` is /bundle."""
    return ["unshare", "--mount", "sh", "-c", START, "sh", str(root), str(bundle), *words]


def crun(root: Path, bundle: Path, *words: str) -> str:
    done = subprocess.run(
        command(root, bundle, *CRUN, *words),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout
