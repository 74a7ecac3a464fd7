# SPDX-License-Identifier: MIT
"""Installs the wheel into fresh environments, one for each version of Python, and runs the suite.

run.py WHEEL VERSION ...
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

SOURCE = Path(__file__).parent.parent.parent
WHEEL, VERSIONS = Path(sys.argv[1]).resolve(), sys.argv[2:]


def find(version):
    command = [sys.executable, SOURCE / "scripts/pythons.py", version]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False).stdout.strip()


def check(version, python, folder):
    """The suite, with what the wheel says that its tests need, and nothing else."""
    subprocess.run([python, "-m", "venv", folder], check=True)
    own = Path(folder) / "bin/python"
    pip = [own, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    subprocess.run([*pip, f"timens[test] @ {WHEEL.as_uri()}"], check=True)
    print(f"wheel: the suite on Python {version}", flush=True)
    pytest = [own, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    suite = [SOURCE / "tests/reachable", *pytest, SOURCE / "tests/python"]
    env = os.environ | {"PATH": f"{own.parent}:{os.environ['PATH']}"}
    return subprocess.run(suite, cwd=SOURCE, env=env, check=False).returncode == 0


def main():
    failed = []
    for version in VERSIONS:
        python = find(version)
        if not python:
            print(f"wheel: Python {version} is not there: not checked")
            failed += [version] if os.environ.get("TIMENS_REQUIRE") == "1" else []
            continue
        with tempfile.TemporaryDirectory() as folder:
            # Some of the tests go on as somebody else, who must be able to read it.
            os.chmod(folder, 0o755)
            if not check(version, python, folder):
                failed.append(version)
    print("wheel: failed on " + ", ".join(failed) if failed else "wheel: right")
    return bool(failed)


sys.exit(main())
