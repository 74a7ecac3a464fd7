# SPDX-License-Identifier: MIT
"""What the tests of timens(1) share. They start the real command, in real time namespaces."""

import os
import platform
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

NSEC = 1_000_000_000
NOBODY = 65534


def needed_path(variable):
    if variable not in os.environ:
        pytest.exit(f"the environment variable {variable} must be set", returncode=1)
    path = Path(os.environ[variable])
    if not path.exists():
        pytest.exit(f"{variable}: there is no {path}", returncode=1)
    return path


COMMAND = needed_path("TIMENS_COMMAND")
PROGRAMS = needed_path("TIMENS_TEST_PROGRAMS")
CLOCKS = str(PROGRAMS / "clocks")
DESCRIPTORS = str(PROGRAMS / "descriptors")


def pytest_configure():
    # A shell's `make test &` has it ignored, and what the tests interrupt would never end.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # nohup's is ignored too. With a handler here, what the tests start has the default.
    if signal.getsignal(signal.SIGHUP) == signal.SIG_IGN:
        signal.signal(signal.SIGHUP, lambda *_: None)


def skip(reason):
    if os.environ.get("TIMENS_REQUIRE") == "1":
        pytest.fail(f"TIMENS_REQUIRE=1, but {reason}")
    pytest.skip(reason)


def wait_for(condition):
    """Until it holds; fails after a minute."""
    for _ in range(6000):
        if condition():
            return
        time.sleep(0.01)
    pytest.fail("what was waited for did not come")


def timens(*words, check=False, **how):
    """Runs the command to its end, with its output as text."""
    how.setdefault("stdout", subprocess.PIPE)
    done = subprocess.run(
        [COMMAND, *words], stderr=subprocess.PIPE, text=True, timeout=60, check=False, **how
    )
    if check:
        assert (done.returncode, done.stderr) == (0, "")
    return done


# Of the system calls that the tests refuse.
CALLS = {
    "x86_64": {"clone": 56, "waitid": 247, "unshare": 272, "clone3": 435},
    "aarch64": {"clone": 220, "waitid": 95, "unshare": 97, "clone3": 435},
    "riscv64": {"clone": 220, "waitid": 95, "unshare": 97, "clone3": 435},
}
INSTALL_FILTER = """
import ctypes, os, struct, sys
code = ctypes.create_string_buffer(bytes.fromhex(sys.argv[1]))
program = struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(code))
prctl = ctypes.CDLL(None, use_errno=True).prctl
assert prctl(38, 1, 0, 0, 0) == 0 and prctl(22, 2, program, 0, 0) == 0, ctypes.get_errno()
os.execvp(sys.argv[2], sys.argv[2:])
"""


def with_filter(**refused):
    """What stands in front of a command line for a seccomp filter around it, as a container has
    one: {call: errno}, or {call: (errno, bits)} for a first argument with one of these bits."""
    if platform.machine() not in CALLS:
        skip(f"the numbers of the calls of {platform.machine()} are not known here")
    code = b""
    for name, answer in refused.items():
        number, bits = answer if isinstance(answer, tuple) else (answer, None)
        test = [(0x20, 0, 0, 16), (0x45, 0, 1, bits)] if bits else []
        call = CALLS[platform.machine()][name]
        steps = [(0x20, 0, 0, 0), (0x15, 0, len(test) + 1, call), *test]
        steps.append((0x06, 0, 0, 0x50000 | number))
        code += b"".join(struct.pack("HBBI", *step) for step in steps)
    code += struct.pack("HBBI", 0x06, 0, 0, 0x7FFF0000)
    return (sys.executable, "-c", INSTALL_FILTER, code.hex())


@dataclass
class Clocks:
    """What the program `clocks` printed, in nanoseconds."""

    boottime: int
    monotonic: int
    boottime_reading: int
    monotonic_reading: int


def parse_offsets(text):
    """{"boottime": nanoseconds, "monotonic": nanoseconds} of a timens_offsets file."""
    lines = [line.split() for line in text.splitlines()[:2]]
    return {name: int(sec) * NSEC + int(nsec) for name, sec, nsec in lines}


def own_offsets():
    offsets = parse_offsets(Path("/proc/self/timens_offsets").read_text())
    assert set(offsets) == {"boottime", "monotonic"}
    return offsets


def parse_clocks(text):
    lines = text.splitlines()
    assert len(lines) == 4, text
    offsets = parse_offsets(text)
    readings = {}
    for line in lines[2:]:
        word, name, sec, nsec = line.split()
        assert word == "reading"
        readings[name] = int(sec) * NSEC + int(nsec)
    return Clocks(
        offsets["boottime"], offsets["monotonic"], readings["boottime"], readings["monotonic"]
    )


def assert_shifted(text, boottime, monotonic):
    """`text`, of the program `clocks`, shows our own offsets plus these, to the nanosecond."""
    own, clocks = own_offsets(), parse_clocks(text)
    assert clocks.boottime == own["boottime"] + boottime
    assert clocks.monotonic == own["monotonic"] + monotonic


def assert_fails(done, status, *texts):
    assert done.returncode == status, done.stderr
    assert done.stderr
    for text in texts:
        assert text in done.stderr
    assert done.stderr.endswith("\n")


def install(directory):
    """The command as it is installed: what is in bin becomes what is in libexec."""
    rest = COMMAND.parents[1] / "libexec/timens/timens"
    for file, place in ((COMMAND, "bin"), (rest, "libexec/timens")):
        if file.exists():  # the second is not without musl
            (directory / place).mkdir(parents=True)
            shutil.copy(file, directory / place)
    return str(directory / "bin" / COMMAND.name)


@pytest.fixture
def reachable():
    """A folder for other users too; pytest's own are for one alone, and the tree may be."""
    with tempfile.TemporaryDirectory(prefix="timens-cli-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def nobody(reachable):
    """Runs the command as a user without privilege, who can reach it and `clocks` in `directory`.

    nobody.words stands in front of a command line.
    """
    if os.geteuid() != 0:
        skip("only root can become another user")

    @dataclass
    class Nobody:
        directory: Path
        command: str
        clocks: str
        words: tuple

        def timens(self, *words):
            return subprocess.run(
                [*self.words, self.command, *words],
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
                cwd="/",
            )

    shutil.copy(CLOCKS, reachable)
    return Nobody(
        reachable,
        install(reachable),
        str(reachable / "clocks"),
        ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"),
    )


@pytest.fixture
def without_time_namespaces():
    """Runs the command in a user namespace where no time namespace may be made."""

    def run(*words):
        script = 'echo 0 > /proc/sys/user/max_time_namespaces && exec "$@"'
        return subprocess.run(
            ["unshare", "-Ur", "sh", "-c", script, "sh", COMMAND, *words],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run
