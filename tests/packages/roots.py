# SPDX-License-Identifier: MIT
"""Roots with a minimal Debian, the one that this machine runs, made by its own apt sources."""

import shutil
import subprocess
from pathlib import Path

from conftest import SOURCE, output, starts

CACHE = SOURCE / "build/packages"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
ENV = {
    "PATH": "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LC_ALL": "C.UTF-8",
    "HOME": "/root",
    "DEBIAN_FRONTEND": "noninteractive",
}
# Nobody is asked, nothing is installed that is not needed, and what was fetched is kept.
SETTINGS = """
APT::Get::Assume-Yes "true";
APT::Install-Recommends "false";
APT::Keep-Downloaded-Packages "true";
"""
# Processes, mounts and what is left of them go with the one that is started. The root is the base,
# with what has been written to this one laid over it.
ENTER = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c"]
ENTRANCE = """
set -e
cd "$1"
mount -t overlay overlay -o "lowerdir=$2,upperdir=upper,workdir=work" root
mount -t proc proc root/proc
mount --rbind /dev root/dev
mount --bind "$3" root/var/cache/apt/archives
shift 3
exec chroot root "$@"
"""


def codename():
    lines = Path("/etc/os-release").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)["VERSION_CODENAME"]


def sources():
    """The machine's, as far as they are Debian's own: main, and its updates."""
    form = "$(REPO_URI) $(RELEASE) $(COMPONENT)"
    lines = output("apt-get", "indextargets", "--format", form, "Created-By: Packages").splitlines()
    debian = {line for line in lines if line.split()[1].startswith(codename())}
    return "".join(f"deb [signed-by={KEYRING}] {line}\n" for line in sorted(debian))


def settings():
    """Those of the machine's apt that say how a source is taken."""
    form = ["--format", '%f "%v";%n', "--no-empty"]
    return output("apt-config", "dump", *form, "Acquire::Check-Valid-Until", "Acquire::Check-Date")


def base():
    """A minimal system; kept from the last time."""
    folder = CACHE / codename()
    if not folder.exists():
        new = CACHE / "new"
        output("rm", "-rf", "--one-file-system", new)
        CACHE.mkdir(parents=True, exist_ok=True)
        (CACHE / "sources.list").write_text(sources())
        (CACHE / "apt.conf").write_text(settings())
        # What is written there is thrown away: no need to wait for the disk.
        options = ["--variant=apt", "--mode=root", "--dpkgopt=force-unsafe-io"]
        options += [f"--aptopt={CACHE}/apt.conf", "--skip=cleanup/apt/lists"]
        output("mmdebstrap", *options, codename(), new, CACHE / "sources.list")
        new.rename(folder)
    return folder


class Root:
    def __init__(self, folder: Path):
        self.folder = folder
        self.remove()
        self.home = folder / "upper/root"
        for name in ("root", "work", "upper/etc/apt/apt.conf.d", "upper/root"):
            (folder / name).mkdir(parents=True)
        (folder / "upper/etc/apt/apt.conf.d/99settings").write_text(SETTINGS)
        for name in ("resolv.conf", "hosts"):
            shutil.copy(f"/etc/{name}", folder / "upper/etc" / name)
        self.archives = CACHE / "archives"
        (self.archives / "partial").mkdir(parents=True, exist_ok=True)

    def command(self, *command):
        return [*ENTER, ENTRANCE, "sh", self.folder, base(), self.archives, *command]

    def run(self, *command):
        return output(*self.command(*command), env=ENV)

    def starts(self, *starter):
        starts(*self.command(*starter), env=ENV)

    def apt(self, *words):
        self.run("apt-get", "-q", *words)

    def install(self, debs, *names):
        """Our packages from their files, as a user does, and others by their names."""
        for deb in debs:
            shutil.copy(deb, self.home)
        self.apt("update")
        files = [f"/root/{deb.name}" for deb in debs]
        self.apt("install", *files, *names)

    def copy(self, *files):
        for file in files:
            shutil.copy(file, self.home)

    def remove(self):
        subprocess.run(["rm", "-rf", "--one-file-system", self.folder], check=True)
