# SPDX-License-Identifier: MIT
"""apparmor_parser of a version that knows user namespaces, from Debian's packages. It needs no
AppArmor in this kernel: it only compiles."""

import subprocess
from pathlib import Path

from debian import apt_options, output, unpack

PROFILE = Path(__file__).parents[1] / "packaging/apparmor/timens"
SUITE = "trixie"


class Parser:
    def __init__(self, folder: Path) -> None:
        self._root = folder / "root"
        if not (self._root / "usr/sbin/apparmor_parser").exists():
            options = apt_options(folder / "apt", SUITE)
            output("apt-get", "-q", *options, "update")
            unpack(options, ["apparmor", "libc6"], self._root)

    def _run(self, *words: object) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [
                *(next(self._root.glob("usr/lib/*-linux-gnu/ld-linux-*.so.*")), "--library-path"),
                *(
                    next(self._root.glob("usr/lib/*-linux-gnu")),
                    self._root / "usr/sbin/apparmor_parser",
                ),
                *("--base", self._root / "etc/apparmor.d", "--skip-cache", "--quiet", *words),
            ],
            check=False,
            capture_output=True,
            text=True,
        )

    def compile(self, profile: Path, to: Path) -> "subprocess.CompletedProcess[str]":
        """Into what a kernel loads; with the features that the profile's abi names."""
        features = self._root / "etc/apparmor.d/abi/4.0"
        return self._run(
            "--kernel-features", features, "--skip-kernel-load", "--ofile", to, profile
        )

    def names(self, profile: Path) -> list[str]:
        return self._run("--names", profile).stdout.split()
