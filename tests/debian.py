# SPDX-License-Identifier: MIT
"""Packages of another suite of Debian, unpacked into a folder. The machine's apt stays as it is."""

import subprocess
import sys
from pathlib import Path


def output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def apt_options(folder: Path, suite: str) -> list[str]:
    """apt on a source and lists of our own, in `folder`."""
    targets = output("apt-get", "indextargets", "--format", "$(REPO_URI) $(CODENAME)")
    sources = [line.split()[:2] for line in targets.splitlines()]
    # On another release of Debian its own archive has these suites as well.
    base = next((uri for uri, name in sources if name in suite), sources[0][0] if sources else None)
    if not base:
        sys.exit(f"apt has no source to fetch packages of {suite} from")
    for name in ("lists/partial", "cache/archives/partial"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    keyring = "/usr/share/keyrings/debian-archive-keyring.gpg"
    (folder / "sources.list").write_text(f"deb [signed-by={keyring}] {base} {suite} main\n")
    settings = {
        "Dir::Etc::sourcelist": folder / "sources.list",
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::State::lists": folder / "lists",
        "Dir::Cache": folder / "cache",
        "APT::Sandbox::User": "root",
    }
    return [word for name, value in settings.items() for word in ("-o", f"{name}={value}")]


def unpack(options: list[str], packages: list[str], folder: Path) -> None:
    """Downloads packages and unpacks them into `folder`, without running anything of theirs."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        ["apt-get", "-q", *options, "download", *packages],
        check=True,
        cwd=folder,
        stdout=subprocess.DEVNULL,
    )
    for archive in folder.glob("*.deb"):
        output("dpkg-deb", "-x", str(archive), str(folder))
        archive.unlink()
