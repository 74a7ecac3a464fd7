# SPDX-License-Identifier: MIT
"""timens oci: a bundle that crun and runc run, and what its clocks read inside."""

import json
import os
import shutil
import sys
import time
from pathlib import Path

import pytest
from conftest import COMMAND, NSEC, own_offsets, parse_offsets, skip, timens

sys.path.insert(0, str(Path(__file__).parents[1]))
from oci_runtimes import CRUN, RUNC

FOLDER = Path(os.environ["TIMENS_COMMAND"]).parents[2] / "oci"


@pytest.fixture(scope="session", params=[CRUN, RUNC], ids=["crun", "runc"])
def runtime(request):
    if os.geteuid() != 0:
        skip("a container of this kind takes root")
    return request.param.prepare(FOLDER)


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
