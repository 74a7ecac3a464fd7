# SPDX-License-Identifier: MIT
"""What abidw and abidiff are asked, and how a library of other sources is made."""

import os
import re
import subprocess
from pathlib import Path

HERE = Path(__file__).parent
SOURCE = HERE.parents[1]
CORE = SOURCE / "core"
LIBRARY = Path(os.environ["TIMENS_LIBRARY"])
RELEASES = sorted(path.parent for path in HERE.glob("*/timens.h"))
ALLOWED = ["--suppr", HERE / "allowed.ini"]


def run(*command, **options):
    return subprocess.run(command, text=True, capture_output=True, check=False, **options)


def call(*command):
    done = run(*command)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def dump(library):
    """Without what differs from one build to the next."""
    text = call(
        *("abidw", *ALLOWED, "--no-corpus-path", "--no-comp-dir-path", "--no-show-locs"),
        *("--no-elf-needed", "--exported-interfaces-only", "--drop-private-types", library),
    )
    return re.sub(r"path='[^']*/", "path='", text)


def differences(release, library):
    """New functions are none."""
    done = run(
        "abidiff",
        *ALLOWED,
        "--no-added-syms",
        "--no-architecture",
        release / "libtimens.abi",
        library,
    )
    assert done.returncode in {0, 4, 8, 12}, done.stdout + done.stderr
    return done.stdout if done.returncode else ""


def library_of(core):
    """Quickly, and without the asserts that would refuse some of the breaks themselves."""
    library = core / "libtimens.so.0"
    call(
        *("cc", "-g", "-O0", "-std=gnu11", "-fvisibility=hidden", "-fPIC", "-shared"),
        *("-fno-builtin", "-fno-stack-protector", "-D_Static_assert(...)=", f"-I{core}/include"),
        *(*core.glob("src/*.c"), f"-Wl,--version-script={core}/src/timens.map"),
        *("-Wl,-soname,libtimens.so.0", "-o", library),
    )
    (core / "libtimens.so").symlink_to(library.name)
    return library
