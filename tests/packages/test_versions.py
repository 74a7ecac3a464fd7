# SPDX-License-Identifier: MIT
"""The version stands in core/include/timens.h, and all that tells one tells that one."""

import re
import subprocess
import tarfile
import zipfile
from email.parser import Parser

from conftest import ARCHIVE, DIST, SOURCE, VERSION, output

# Where a version stands that is over: what was new in it, in which a symbol came, what it was like.
HISTORIES = ("CHANGELOG.md", "packaging/debian/libtimens0.symbols", "tests/abi/")


def archived(name):
    with tarfile.open(ARCHIVE) as archive:
        return archive.extractfile(f"timens-{VERSION}/{name}").read().decode()


def test_changelog():
    headings = re.findall(r"^## (\S+)", (SOURCE / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert headings[0] == VERSION


def test_nowhere_else():
    """No second place that would have to be changed with it."""
    pattern = rf"(timens|version).{{0,20}}\b{re.escape(VERSION)}\b"
    command = ["git", "-C", SOURCE, "grep", "-liP", "--untracked", pattern]
    found = subprocess.run(command, capture_output=True, text=True, check=False).stdout.split()
    assert [name for name in found if not name.startswith(HISTORIES)] == []


def test_header(tmp_path):
    """The string, as the compiler sees it."""
    command = ["cc", "-E", "-I", SOURCE / "core/include", "-include", "timens.h", "-"]
    text = output(*command, input="TIMENS_VERSION\n")
    assert text.splitlines()[-1].replace('"', "").replace(" ", "") == VERSION


def test_build(tmp_path):
    script = tmp_path / "version.cmake"
    script.write_text(f'include({SOURCE}/cmake/version.cmake)\nmessage("${{TIMENS_VERSION}}")')
    assert output("cmake", "-P", script, stderr=subprocess.STDOUT).strip() == VERSION


def test_sdist_and_wheel():
    (wheel,) = DIST.glob("*.whl")
    assert wheel.name.startswith(f"timens-{VERSION}-cp311-abi3-")
    with zipfile.ZipFile(wheel) as archive:
        metadata = archive.read(f"timens-{VERSION}.dist-info/METADATA").decode()
    for text in (metadata, archived("PKG-INFO")):
        assert Parser().parsestr(text)["Version"] == VERSION


def test_rock():
    rockspec = archived(f"timens-{VERSION}-1.rockspec")
    ask = 'print(version, source.url, (source.url:gsub("%.tar%.gz$", "")))'
    told = output("lua5.4", "-e", rockspec + ask).split()
    assert told == [f"{VERSION}-1", f"timens-{VERSION}.tar.gz", f"timens-{VERSION}"]


def test_debs():
    debs = list(DIST.glob("*.deb"))
    assert len({deb.name.split("_")[0] for deb in debs if "-dbgsym" not in deb.name}) == 5
    for deb in debs:
        assert output("dpkg-deb", "-f", deb, "Version").strip() == f"{VERSION}-1"
