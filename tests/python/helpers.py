# SPDX-License-Identifier: MIT
"""What the tests share: starts, the output of `clocks`, and processes in other states."""

import ctypes
import json
import os
import re
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import timens
from timens._options import Route

NS = 10**9
DAY = 86400
VECTORS = Path(__file__).parent.parent / "vectors"
DOCS = Path(__file__).parent.parent.parent / "docs" / "python"

# An offset for each clock, with nanoseconds that a float would lose.
ASKED: dict[str, Any] = {"boottime": (DAY, 1), "monotonic": (2 * DAY, 2)}


def only(name: str, value: Any) -> dict[str, Any]:
    """One keyword whose name is computed."""
    return {name: value}


def program(name: str) -> str:
    return str(Path(os.environ["TIMENS_TEST_PROGRAMS"]) / name)


def vectors(file: str) -> Any:
    return json.loads((VECTORS / file).read_text(encoding="utf-8"))


# -- Times, in nanoseconds --


@dataclass(frozen=True)
class Spans:
    """A span or a reading for each clock."""

    boottime: int = 0
    monotonic: int = 0

    def __add__(self, other: "Spans") -> "Spans":
        return Spans(self.boottime + other.boottime, self.monotonic + other.monotonic)

    def __le__(self, other: "Spans") -> bool:
        return self.boottime <= other.boottime and self.monotonic <= other.monotonic


def spans(boottime: tuple[int, int] = (0, 0), monotonic: tuple[int, int] = (0, 0)) -> Spans:
    return Spans(boottime[0] * NS + boottime[1], monotonic[0] * NS + monotonic[1])


def offsets_of(pid: int = 0) -> Spans:
    offsets = timens.read(pid)
    return Spans(offsets.boottime.total_ns, offsets.monotonic.total_ns)


def readings() -> Spans:
    return Spans(time.clock_gettime_ns(time.CLOCK_BOOTTIME), time.monotonic_ns())


def _pick(pattern: str, text: str) -> int:
    found = re.findall(pattern + r"\s+(-?\d+)\s+(\d+)$", text, re.MULTILINE)
    assert len(found) == 1, f"{pattern} once in {text!r}"
    return int(found[0][0]) * NS + int(found[0][1])


def shown_offsets(text: str) -> Spans:
    """Of the text of an offsets file, which `clocks` prints first."""
    return Spans(_pick("^boottime", text), _pick("^monotonic", text))


def shown_readings(text: str) -> Spans:
    return Spans(_pick("^reading boottime", text), _pick("^reading monotonic", text))


# -- Starts --


def finish(argv: Any, **start: Any) -> tuple[timens.Popen[str], str]:
    """Starts it, takes its output, waits; it must succeed."""
    process: timens.Popen[str] = timens.Popen(argv, stdout=timens.PIPE, text=True, **start)
    output, _ = process.communicate()
    assert process.returncode == 0, f"{argv} ended with {process.returncode}: {output!r}"
    return process, output


def output_of(argv: Any, **start: Any) -> str:
    return finish(argv, **start)[1]


def assert_shown(own: Spans | None = None, **start: Any) -> None:
    """An ordinary program reads, in its offsets file, ours plus what was asked."""
    asked = spans(start.get("boottime", (0, 0)), start.get("monotonic", (0, 0)))
    text = output_of(["cat", "/proc/self/timens_offsets"], **start)
    assert shown_offsets(text) == (own or offsets_of()) + asked


def assert_clocks(own: Spans | None = None, **start: Any) -> timens.Popen[str]:
    """`clocks` shows the offsets in its file, and its clocks read ours plus what was asked."""
    asked = spans(start.get("boottime", (0, 0)), start.get("monotonic", (0, 0)))
    before = readings()
    process, text = finish([program("clocks")], **start)
    after = readings()
    assert shown_offsets(text) == (own or offsets_of()) + asked
    assert before + asked <= shown_readings(text), text
    assert shown_readings(text) <= after + asked, text
    return process


@contextmanager
def sleeper(**start: Any) -> Iterator[timens.Popen[bytes]]:
    """A program that runs until it is killed, or we are gone."""
    process: timens.Popen[bytes] = timens.Popen(["cat"], stdin=timens.PIPE, **(start or ASKED))
    with process:
        yield process
        process.kill()


@contextmanager
def fails(stage: str, errnum: int, *parts: str) -> Iterator[None]:
    """A timens.Error with that stage and errno, and a text that has these parts."""
    with pytest.raises(timens.Error) as caught:
        yield
    assert (caught.value.stage, caught.value.errno) == (stage, errnum), str(caught.value)
    for part in parts:
        assert part in str(caught.value)


def raw_spawn(argv: tuple[str, ...] = ("true",), **changed: Any) -> list[int]:
    """The core as it is, for what the public layer does not let through."""
    return timens._timens.spawn({"argv": argv} | changed)


def pack_fds(fds: dict[int, int]) -> bytes:
    return b"".join(struct.pack("=ii", *pair) for pair in fds.items())


def raw_output(*argv: str, **changed: Any) -> str:
    read_end, write_end = os.pipe()
    with open(read_end) as output:
        try:
            pid, pidfd, _, _ = raw_spawn(argv, fds=pack_fds({1: write_end}), **changed)
        finally:
            os.close(write_end)
        text = output.read()
    assert timens._timens.wait(pid, pidfd, -1, 0) == 0, text
    return text


def routes_here() -> list[Route]:
    """The routes that are right on this kernel."""
    found = timens.support()
    routes: dict[Route, bool] = {
        "clone3": bool(found.exec_enters and found.clone3),
        "vfork": bool(found.exec_enters),
        "fork": True,
    }
    return [route for route, right in routes.items() if right]


def need_route(route: Route) -> None:
    if route not in routes_here():
        pytest.skip("exec does not enter a pending time namespace here, or clone3 is refused")


# -- Looking around --


def count_fds() -> int:
    return len(os.listdir("/proc/self/fd"))


def children_of_thread(task: Path) -> str:
    """Of one that has just ended: none. Others have inherited them."""
    try:
        return (task / "children").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def children() -> set[int]:
    tasks = Path("/proc/self/task").iterdir()
    return {int(pid) for task in tasks for pid in children_of_thread(task).split()}


def namespace() -> str:
    return os.readlink("/proc/self/ns/time")


def status_mask(status: str, member: str) -> int:
    """A hexadecimal member of /proc/PID/status."""
    found = re.search(rf"^{member}:\s+([0-9a-f]+)$", status, re.MULTILINE)
    assert found, f"{member} in {status!r}"
    return int(found[1], 16)


# -- Tests that change the state of a process, each in a fresh one --


# A sanitizer's runtime, which stands in front of a Python that was not built with it (`make
# sanitize`). Other programs do without: in some of them it hangs before main.
PRELOAD = (
    {"LD_PRELOAD": os.environ.pop("LD_PRELOAD", "")} if "TIMENS_SANITIZED" in os.environ else {}
)


def isolated(body: Callable[..., None], *args: object) -> None:
    """Runs a function of a test module in a Python of its own; what it raises fails the test."""
    code = f"import {body.__module__} as m; m.{body.__name__}(*{args!r})"
    paths = [str(Path(__file__).parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ
        | PRELOAD
        | {"PYTHONPATH": os.pathsep.join(paths), "PYTHONDONTWRITEBYTECODE": "1"},
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )
    if done.returncode:
        pytest.fail(f"in a process of its own ({done.returncode}):\n{done.stdout}{done.stderr}")


def run_examples(page: str, folder: Path) -> None:
    """Each Python block of a page in docs/python is a program of its own, and must succeed."""
    text = (DOCS / page).read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert blocks, page
    for block in blocks:
        script = folder / "example.py"
        script.write_text(block, encoding="utf-8")
        subprocess.run([sys.executable, "-X", "dev", script], check=True, timeout=120)


# All below change the calling process for good, by the kernel's own interface and not by ours.

_libc = ctypes.CDLL(None, use_errno=True)
CLONE_NEWTIME = 0x80
CLONE_NEWUSER = 0x10000000
PR_SET_DUMPABLE = 4
CAPABILITY_VERSION_3 = 0x20080522


def _call(name: str, *args: Any) -> None:
    if getattr(_libc, name)(*args) < 0:
        raise OSError(ctypes.get_errno(), f"{name}: {os.strerror(ctypes.get_errno())}")


def new_user_namespace() -> None:
    uid, gid = os.geteuid(), os.getegid()
    _call("unshare", CLONE_NEWUSER)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"0 {uid} 1\n")
    Path("/proc/self/gid_map").write_text(f"0 {gid} 1\n")


def _need_capabilities() -> None:
    # Without root there are the same rights in a user namespace of our own.
    if os.geteuid() != 0:
        new_user_namespace()


def leave_pending(boottime: tuple[int, int], monotonic: tuple[int, int]) -> None:
    """Unshares and writes offsets on top of our own, and goes no further."""
    total = offsets_of() + spans(boottime, monotonic)
    _need_capabilities()
    _call("unshare", CLONE_NEWTIME)
    lines = [
        f"{clock} {ns // NS} {ns % NS}\n"
        for clock, ns in (("monotonic", total.monotonic), ("boottime", total.boottime))
    ]
    Path("/proc/self/timens_offsets").write_text("".join(lines))


def move_into(boottime: tuple[int, int], monotonic: tuple[int, int]) -> None:
    leave_pending(boottime, monotonic)
    fd = os.open("/proc/self/ns/time_for_children", os.O_RDONLY)
    _call("setns", fd, CLONE_NEWTIME)
    os.close(fd)


def _stay_dumpable() -> None:
    # A change of ids or capabilities closes /proc/self to us until the next exec. A program that
    # was started so has no such trouble.
    _call("prctl", PR_SET_DUMPABLE, 1, 0, 0, 0)


def become_nobody() -> None:
    """Stays who it is, if that is not root."""
    if os.geteuid() != 0:
        return
    # The tree may be below /root, and the parts of timens come when they are asked for.
    for name in timens.__all__:
        getattr(timens, name)
    os.setgroups([])
    os.setresgid(65534, 65534, 65534)
    os.setresuid(65534, 65534, 65534)
    _stay_dumpable()


def set_limit(name: str, value: int) -> None:
    """A limit of user_namespaces(7), in our own user namespace."""
    Path(f"/proc/sys/user/{name}").write_text(str(value))


def drop_capabilities() -> None:
    head = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    _call("capset", head, (ctypes.c_uint32 * 6)())
    _stay_dumpable()
