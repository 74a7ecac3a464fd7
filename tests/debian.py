# SPDX-License-Identifier: MIT
"""Packages of another suite of Debian, or for another architecture, unpacked into a folder. The
machine's apt and dpkg stay as they are."""

import subprocess
import sys
from pathlib import Path


def output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def archive(suite: str) -> str:
    """Where this machine's apt has Debian from; updates and security stand elsewhere."""
    sources = output("apt-get", "indextargets", "--format", "$(REPO_URI) $(CODENAME) $(LABEL)")
    debian = [
        words[:2] for words in map(str.split, sources.splitlines()) if words[2:] == ["Debian"]
    ]
    # On another release of Debian its own archive has these suites as well.
    found = next((uri for uri, name in debian if name in suite), debian[0][0] if debian else None)
    if not found:
        sys.exit(f"apt has no source to fetch packages of {suite} from")
    return found


def apt_options(folder: Path, suite: str, architecture: str = "") -> list[str]:
    """apt on a source and lists of our own, in `folder`; of an architecture, as for a machine that
    has no package yet."""
    for name in ("lists/partial", "cache/archives/partial"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    keyring = "/usr/share/keyrings/debian-archive-keyring.gpg"
    (folder / "sources.list").write_text(
        f"deb [signed-by={keyring}] {archive(suite)} {suite} main\n"
    )
    settings = {
        "Dir::Etc::sourcelist": folder / "sources.list",
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::State::lists": folder / "lists",
        "Dir::Cache": folder / "cache",
        "APT::Sandbox::User": "root",
    }
    if architecture:
        (folder / "status").write_text("")
        settings |= {
            "Dir::State::status": folder / "status",
            "APT::Architecture": architecture,
            "APT::Architectures": architecture,
        }
    return [word for name, value in settings.items() for word in ("-o", f"{name}={value}")]


def _unpack_archives(archives: Path, folder: Path) -> None:
    for package in archives.glob("*.deb"):
        output("dpkg-deb", "-x", str(package), str(folder))
        package.unlink()


def unpack(options: list[str], packages: list[str], folder: Path) -> None:
    """Downloads packages and unpacks them into `folder`, without running anything of theirs."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        ["apt-get", "-q", *options, "download", *packages],
        check=True,
        cwd=folder,
        stdout=subprocess.DEVNULL,
    )
    _unpack_archives(folder, folder)


def unpack_with_dependencies(apt: Path, options: list[str], packages: list[str], to: Path) -> None:
    """The same, and all that these depend on; `options` are those of `apt` and an architecture."""
    to.mkdir(parents=True, exist_ok=True)
    output("apt-get", "-q", *options, "update")
    wanted = ["install", "-y", "--download-only", "--no-install-recommends", *packages]
    output("apt-get", "-q", *options, *wanted)
    _unpack_archives(apt / "cache/archives", to)
