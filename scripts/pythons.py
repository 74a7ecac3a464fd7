#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Prints the path of a Python of that version on this machine; fails if there is none.

pythons.py VERSION [MODULE [COMMAND ...]]: one that can import MODULE, when started by COMMAND.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path


def candidates(version):
    name = f"python{version}"
    yield from (Path(folder) / name for folder in os.get_exec_path())
    # pyenv has all its versions in one place, and only the chosen ones in PATH.
    if shutil.which("pyenv"):
        root = subprocess.run(["pyenv", "root"], capture_output=True, text=True, check=True)
        yield from Path(root.stdout.strip()).glob(f"versions/{version}.*/bin/{name}")


def works(python, module, command):
    if not os.access(python, os.X_OK):
        return False
    # setpriv itself may still execute what the user that it changes to cannot.
    code = f"import os, sys, {module}; assert os.access(sys.executable, os.X_OK)"
    done = subprocess.run([*command, python, "-c", code], capture_output=True, check=False, cwd="/")
    return done.returncode == 0


def main():
    version, module, *command = sys.argv[1:] if len(sys.argv) > 2 else [sys.argv[1], "os"]
    found = next((p for p in candidates(version) if works(p, module, command)), None)
    if found:
        print(found)
    return not found


sys.exit(main())
