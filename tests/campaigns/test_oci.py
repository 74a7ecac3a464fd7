# SPDX-License-Identifier: MIT
"""timens oci: a bundle that crun runs, and what its clocks read inside.

crun knows linux.timeOffsets from 1.8.4 on, which Debian has from 13 (trixie) on: that one is
unpacked and run in a chroot. Debian 13's runc is 1.1, and it takes 1.2.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import COMMAND, NSEC, own_offsets, parse_offsets, skip, timens

sys.path.insert(0, str(Path(__file__).parents[1]))
from debian import apt_options, output, unpack

ROOT = Path(os.environ["TIMENS_COMMAND"]).parents[2] / "oci"
SUITE = "trixie"
PACKAGES = (
    *("crun", "libc6", "libcap2", "libseccomp2", "libsystemd0", "libyajl2", "libgcrypt20"),
    *("libgpg-error0", "liblz4-1", "liblzma5", "libzstd1"),
)
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
exec chroot . /usr/bin/crun --cgroup-manager=disabled "$@"
"""


def crun(root, bundle, *words):
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", START, "sh", root, bundle, *words],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.fixture(scope="session")
def root():
    """A root directory with crun in it; kept from the last time."""
    if os.geteuid() != 0:
        skip("a container of this kind takes root")
    if not (ROOT / "root/usr/bin/crun").exists():
        options = apt_options(ROOT / "apt", SUITE)
        output("apt-get", "-q", *options, "update")
        unpack(options, list(PACKAGES), ROOT / "root")
    for name in ("lib", "lib64"):
        if not (ROOT / "root" / name).is_symlink():
            (ROOT / "root" / name).symlink_to(f"usr/{name}")
    for name in ("bundle", "proc", "run", "sys", "dev"):
        (ROOT / "root" / name).mkdir(exist_ok=True)
    return ROOT / "root"


@pytest.fixture
def bundle(root, tmp_path):
    """As `crun spec` makes it, with busybox for its system."""
    for name in ("bin", "proc", "sys", "dev"):
        (tmp_path / "rootfs" / name).mkdir(parents=True)
    shutil.copy2("/bin/busybox", tmp_path / "rootfs/bin/busybox")
    crun(root, tmp_path, "spec", "-b", "/bundle")
    config = json.loads((tmp_path / "config.json").read_text())
    config["process"]["terminal"] = False
    files = ("/proc/uptime", "/proc/self/timens_offsets")
    config["process"]["args"] = ["/bin/busybox", "cat", *files]
    (tmp_path / "config.json").write_text(json.dumps(config, indent=4))
    return tmp_path


def run(root, bundle):
    """The uptime and the offsets that the container saw."""
    text = crun(root, bundle, "run", "-b", "/bundle", f"timens-{os.getpid()}")
    uptime, _, offsets = text.partition("\n")
    offsets = parse_offsets(offsets)
    assert set(offsets) == {"boottime", "monotonic"}
    return float(uptime.split()[0]), offsets


def test_as_it_was(root, bundle):
    uptime, offsets = run(root, bundle)
    assert offsets == own_offsets()
    assert abs(uptime - time.clock_gettime(time.CLOCK_BOOTTIME)) < 60


def test_offsets(root, bundle):
    timens("oci", "--boottime", "100d", "--monotonic", "-0.5s", str(bundle), check=True)
    uptime, offsets = run(root, bundle)
    own = own_offsets()
    assert offsets["boottime"] == own["boottime"] + 100 * 86400 * NSEC
    assert offsets["monotonic"] == own["monotonic"] - NSEC // 2
    assert abs(uptime - 100 * 86400 - time.clock_gettime(time.CLOCK_BOOTTIME)) < 60


def test_uptime(root, bundle):
    timens("oci", "--uptime", "@u32-ms-5s", str(bundle), check=True)
    uptime, _ = run(root, bundle)
    assert 0 <= uptime - 4294962.296 < 60


def test_from_inside_a_namespace(root, bundle):
    inner = ("oci", "--boottime", "1d", str(bundle))
    timens("run", "--boottime", "2d", "--monotonic", "0", COMMAND, *inner, check=True)
    _, offsets = run(root, bundle)
    assert offsets["boottime"] == own_offsets()["boottime"] + 3 * 86400 * NSEC
