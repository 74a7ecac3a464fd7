# SPDX-License-Identifier: MIT
"""Each Debian package in a minimal Debian of its own, and used there."""

from conftest import DIST, EXAMPLES, SOURCE, VERSION

CONSUMER = SOURCE / "tests/packages/consumer/CMakeLists.txt"


def deb(package):
    (file,) = DIST.glob(f"{package}_{VERSION}-1_*.deb")
    return file


def left_of_ours(root):
    """What is there still that has our name, but for the packages we brought."""
    find = root.run("find", "/", "-xdev", "-path", "/root", "-prune", "-o", "-name", "*timens*")
    return [line for line in find.split("\n") if line and line != "/root"]


def gone(root, *packages):
    root.apt("purge", *packages)
    assert [path for path in left_of_ours(root) if "/proc/" not in path] == []


def test_libtimens_dev(root):
    """A start in C: by pkg-config, shared and static, and by CMake; then without what was for its
    making."""
    root.install(
        [deb("libtimens0"), deb("libtimens-dev")], "gcc", "libc6-dev", "pkg-config", "cmake", "make"
    )
    root.copy(EXAMPLES / "demo/start.c", CONSUMER)
    build = "cd /root && cc {} start.c -o {} $(pkg-config --cflags --libs timens)"
    root.run("sh", "-c", build.format("-static", "static"))
    root.run("sh", "-c", build.format("", "shared"))
    options = ["-DWANTED=shared;static", f"-DWANTED_VERSION={VERSION}", "-DSTART=/root/start.c"]
    root.run("cmake", "-S", "/root", "-B", "/root/cmake", *options)
    root.run("cmake", "--build", "/root/cmake")
    programs = ["static", "shared", "cmake/start_timens", "cmake/start_static"]
    for program in programs:
        root.starts(f"/root/{program}")
    root.apt("purge", "libtimens-dev")
    for program in programs:
        root.starts(f"/root/{program}")
    gone(root, "libtimens0")


def test_timens(root):
    root.install([deb("timens")], "procps")
    assert root.run("timens", "--version") == f"timens {VERSION}\n"
    root.starts("timens", "run", "--boottime")
    assert "7 weeks" in root.run("timens", "run", "--uptime=49d17h", "uptime", "-p")
    assert "timens" in root.run("sh", "-c", "zcat /usr/share/doc/timens/README.md.gz")
    # Where AppArmor is older than 4 its parser would fail on it.
    if (SOURCE / "packaging/apparmor/timens").exists():
        profile = "/usr/share/doc/timens/examples/apparmor.d/timens"
        old = root.run("apt-cache", "show", "apparmor").split("Version: ")[1][0] < "4"
        assert root.run("cat", profile if old else "/etc/apparmor.d/timens")
    gone(root, "timens")


TEST = """
import time, timens.unittest, unittest, pytest
class Test(unittest.TestCase):
    @timens.unittest.at("49d17h")
    def test_it(self):
        assert time.clock_gettime(time.CLOCK_BOOTTIME) > 49 * 86400
@pytest.mark.timens(uptime="49d17h")
def test_it():
    assert time.clock_gettime(time.CLOCK_BOOTTIME) > 49 * 86400
"""


def test_python3_timens(root):
    root.install([deb("python3-timens")], "python3-pytest")
    root.copy(EXAMPLES / "demo/start.py")
    root.starts("python3", "/root/start.py")
    told = "import importlib.metadata as m, timens; print(m.version('timens'), timens.__version__)"
    assert root.run("python3", "-c", told) == f"{VERSION} {VERSION}\n"
    (root.home / "test_it.py").write_text(TEST)
    # Debian 12 has pytest 7.2, which the plugin is too new for, and says so.
    pytest_version = root.run("python3", "-c", "import pytest; print(pytest.__version__)")
    script = "cd /root && python3 -m pytest -q test_it.py || :"
    expected = "2 passed" if int(pytest_version.split(".")[0]) >= 8 else "needs pytest 8.0"
    told = root.run("sh", "-c", script)
    assert expected in told and ("2 passed" in told or "1 passed" in told)
    gone(root, "python3-timens")


def test_lua_timens(root):
    interpreters = ["lua5.4", "lua5.3", "lua5.2", "lua5.1", "luajit"]
    root.install([deb("lua-timens")], *interpreters)
    root.copy(EXAMPLES / "demo/start.lua")
    for interpreter in interpreters:
        root.starts(interpreter, "/root/start.lua")
        told = "print(require('timens').VERSION)"
        assert root.run(interpreter, "-e", told) == f"{VERSION}\n"
    gone(root, "lua-timens")
