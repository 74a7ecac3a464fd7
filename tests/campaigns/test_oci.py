# SPDX-License-Identifier: MIT
"""timens oci: a bundle that crun and runc run, and what its clocks read inside.

crun knows linux.timeOffsets from 1.8.4 on, which Debian has from 13 (trixie) on, and runc from 1.2
on, which Debian has from 14 (forky) on: those are unpacked and run in a chroot.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import COMMAND, NSEC, own_offsets, parse_offsets, skip, timens

sys.path.insert(0, str(Path(__file__).parents[1]))
from debian import apt_options, output, unpack

FOLDER = Path(os.environ["TIMENS_COMMAND"]).parents[2] / "oci"
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
    words: tuple
    packages: tuple

    @property
    def root(self):
        """A root directory with it; kept from the last time."""
        return FOLDER / f"{self.suite}-{self.packages[0]}"

    def run(self, bundle, *words):
        done = subprocess.run(
            ["unshare", "--mount", "sh", "-c", START, "sh", self.root, bundle, *self.words, *words],
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


@pytest.fixture(scope="session", params=[CRUN, RUNC], ids=["crun", "runc"])
def runtime(request):
    if os.geteuid() != 0:
        skip("a container of this kind takes root")
    wanted, root = request.param, request.param.root
    if not (root / wanted.words[0].lstrip("/")).exists():
        options = apt_options(FOLDER / f"apt-{wanted.suite}", wanted.suite)
        output("apt-get", "-q", *options, "update")
        unpack(options, list(wanted.packages), root)
    for name in ("lib", "lib64"):
        if not (root / name).is_symlink():
            (root / name).symlink_to(f"usr/{name}")
    for name in ("bundle", "proc", "run", "sys", "dev"):
        (root / name).mkdir(exist_ok=True)
    return wanted


@pytest.fixture
def bundle(runtime, tmp_path):
    """As `crun spec` or `runc spec` makes it, with busybox for its system."""
    for name in ("bin", "proc", "sys", "dev"):
        (tmp_path / "rootfs" / name).mkdir(parents=True)
    shutil.copy2("/bin/busybox", tmp_path / "rootfs/bin/busybox")
    runtime.run(tmp_path, "spec", "-b", "/bundle")
    config = json.loads((tmp_path / "config.json").read_text())
    config["process"]["terminal"] = False
    files = ("/proc/uptime", "/proc/self/timens_offsets")
    config["process"]["args"] = ["/bin/busybox", "cat", *files]
    (tmp_path / "config.json").write_text(json.dumps(config, indent=4))
    return tmp_path


def run(runtime, bundle):
    """The uptime and the offsets that the container saw."""
    text = runtime.run(bundle, "run", "-b", "/bundle", f"timens-{os.getpid()}")
    uptime, _, offsets = text.partition("\n")
    offsets = parse_offsets(offsets)
    assert set(offsets) == {"boottime", "monotonic"}
    return float(uptime.split()[0]), offsets


def test_as_it_was(runtime, bundle):
    uptime, offsets = run(runtime, bundle)
    assert offsets == own_offsets()
    assert abs(uptime - time.clock_gettime(time.CLOCK_BOOTTIME)) < 60


def test_offsets(runtime, bundle):
    timens("oci", "--boottime", "100d", "--monotonic", "-0.5s", str(bundle), check=True)
    uptime, offsets = run(runtime, bundle)
    own = own_offsets()
    assert offsets["boottime"] == own["boottime"] + 100 * 86400 * NSEC
    assert offsets["monotonic"] == own["monotonic"] - NSEC // 2
    assert abs(uptime - 100 * 86400 - time.clock_gettime(time.CLOCK_BOOTTIME)) < 60


def test_uptime(runtime, bundle):
    timens("oci", "--uptime", "@u32-ms-5s", str(bundle), check=True)
    uptime, _ = run(runtime, bundle)
    assert 0 <= uptime - 4294962.296 < 60


def test_from_inside_a_namespace(runtime, bundle):
    inner = ("oci", "--boottime", "1d", str(bundle))
    timens("run", "--boottime", "2d", "--monotonic", "0", COMMAND, *inner, check=True)
    _, offsets = run(runtime, bundle)
    assert offsets["boottime"] == own_offsets()["boottime"] + 3 * 86400 * NSEC
