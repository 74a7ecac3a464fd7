# SPDX-License-Identifier: MIT
"""A worker beside crun: see tests/crun.py for where that comes from."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from workers import Worker

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from crun import CRUN, SUITE, command, crun, prepare_root

__all__ = ["SUITE", "Unavailable", "run", "worker"]


class Unavailable(Exception):
    pass


def _make_bundle(root: Path, folder: Path, name: str, program: str) -> Path:
    """A container of one program, as `crun spec` makes it but without a terminal."""
    bundle = folder / name
    for directory in ("proc", "sys", "dev"):
        (bundle / "rootfs" / directory).mkdir(parents=True)
    shutil.copy2(program, bundle / "rootfs/program")
    crun(root, folder, "spec", "-b", f"/bundle/{name}")
    config = json.loads((bundle / "config.json").read_text())
    config["process"] |= {"terminal": False, "args": ["/program", "nothing"]}
    (bundle / "config.json").write_text(json.dumps(config))
    return bundle


def run(name: str) -> tuple[str, ...]:
    """The command, in the worker's root directory."""
    return (*CRUN, "run", "-b", f"/bundle/{name}", f"bench-{name}")


def worker(build: Path, program: str) -> Worker:
    """With the bundles `plain` and `shifted`."""
    if os.geteuid() != 0:
        raise Unavailable("a container of this kind takes root")
    folder = build / "bench/bundles"
    shutil.rmtree(folder, ignore_errors=True)
    try:
        root = prepare_root(build.parent / "oci")
        _make_bundle(root, folder, "plain", program)
        shifted = _make_bundle(root, folder, "shifted", program)
        offsets = ("--boottime", "1000000", "--monotonic", "1000000")
        subprocess.run([build / "cli/timens", "oci", *offsets, shifted], check=True)
    except (subprocess.SubprocessError, AssertionError) as error:
        raise Unavailable(error) from error
    for file in (str(build / "bench/bench_worker"), program):
        shutil.copy2(file, folder)
    return Worker(command(root, folder, "/bundle/bench_worker", f"/bundle/{Path(program).name}"))
