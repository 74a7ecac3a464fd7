# SPDX-License-Identifier: MIT
"""A worker beside crun: see tests/oci_runtimes.py for where that comes from."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from workers import Worker

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from oci_runtimes import CRUN, Installed

SUITE = CRUN.suite


class Unavailable(Exception):
    pass


def _make_bundle(crun: Installed, folder: Path, name: str, program: str) -> Path:
    """A container of one program, as `crun spec` makes it but without a terminal."""
    bundle = folder / name
    for directory in ("proc", "sys", "dev"):
        (bundle / "rootfs" / directory).mkdir(parents=True)
    shutil.copy2(program, bundle / "rootfs/program")
    crun.run(folder, "spec", "-b", f"/bundle/{name}")
    config = json.loads((bundle / "config.json").read_text())
    config["process"] |= {"terminal": False, "args": ["/program", "nothing"]}
    (bundle / "config.json").write_text(json.dumps(config))
    return bundle


def run(name: str) -> tuple[str, ...]:
    """The command, in the worker's root directory."""
    return (*CRUN.words, "run", "-b", f"/bundle/{name}", f"bench-{name}")


def worker(build: Path, program: str) -> Worker:
    """With the bundles `plain` and `shifted`."""
    if os.geteuid() != 0:
        raise Unavailable("a container of this kind takes root")
    folder = build / "bench/bundles"
    shutil.rmtree(folder, ignore_errors=True)
    try:
        crun = CRUN.prepare(build.parent / "oci")
        _make_bundle(crun, folder, "plain", program)
        shifted = _make_bundle(crun, folder, "shifted", program)
        offsets = ("--boottime", "1000000", "--monotonic", "1000000")
        subprocess.run([build / "cli/timens", "oci", *offsets, shifted], check=True)
    except (subprocess.SubprocessError, AssertionError) as error:
        raise Unavailable(error) from error
    for file in (str(build / "bench/bench_worker"), program):
        shutil.copy2(file, folder)
    return Worker(crun.command(folder, "/bundle/bench_worker", f"/bundle/{Path(program).name}"))
