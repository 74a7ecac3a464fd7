# SPDX-License-Identifier: MIT
"""Which program is found, and in what state it starts."""

import errno
import os
import signal
import struct
from pathlib import Path
from typing import Any

import pytest
import timens
from helpers import ASKED, finish, isolated, output_of, raw_output, routes_here, status_mask
from timens import _timens
from timens._options import Route

OFFSETS = struct.pack("=qqqq", *ASKED["boottime"], *ASKED["monotonic"])


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """a/timens-tool and b/timens-tool, scripts that tell where they are."""
    for name in "ab":
        tool = tmp_path / name / "timens-tool"
        tool.parent.mkdir()
        tool.write_text(f"#!/bin/sh\necho {name}\n")
        tool.chmod(0o755)
    return tmp_path


# -- Directory and environment --


def test_cwd(tmp_path: Path, route: str) -> None:
    before = os.getcwd()
    for cwd in (tmp_path, str(tmp_path), os.fsencode(tmp_path)):
        found = output_of(["readlink", "-n", "/proc/self/cwd"], cwd=cwd, route=route, **ASKED)
        assert found == str(tmp_path)
    assert os.getcwd() == before


def test_env(route: str, monkeypatch: pytest.MonkeyPatch) -> None:
    env = {"A": "1", b"B": b"two words"}
    assert output_of(["/usr/bin/env"], env=env, route=route, **ASKED) == "A=1\nB=two words\n"
    assert output_of(["/usr/bin/env"], env={}, route=route, **ASKED) == ""
    monkeypatch.setenv("TIMENS_INHERITED", "yes")
    assert "TIMENS_INHERITED=yes\n" in output_of(["/usr/bin/env"], route=route, **ASKED)
    with pytest.raises(ValueError, match="illegal environment variable name"):
        timens.spawn(["true"], env={"A=B": "1"}, **ASKED)


# -- The search --


def run_tool(path: str, **start: Any) -> str:
    return output_of(["timens-tool"], env={"PATH": path}, **start, **ASKED).strip()


def test_path_of_the_child(tools: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run_tool(f"/no/such/folder:{tools}/b:{tools}/a") == "b"
    monkeypatch.setenv("PATH", f"{tools}/a")
    with pytest.raises(FileNotFoundError):
        run_tool("/no/such/folder")


def test_path_relative_to_cwd(tools: Path) -> None:
    assert run_tool("b", cwd=tools) == "b"
    assert output_of(["./a/timens-tool"], cwd=tools, **ASKED) == "a\n"


def test_empty_path_element(tools: Path) -> None:
    for path in ("/no/such/folder:", ":/no/such/folder", "/no/such::/no/such/folder", ""):
        assert run_tool(path, cwd=tools / "a") == "a"


def test_eacces_remembered(tools: Path) -> None:
    (tools / "a" / "timens-tool").chmod(0o644)
    with pytest.raises(PermissionError) as caught:
        run_tool(f"{tools}/a:/no/such/folder")
    assert caught.value.filename == "timens-tool"
    assert run_tool(f"{tools}/a:{tools}/b") == "b"


def test_argv0_differs_from_file() -> None:
    for file in ("/bin/sh", "sh", Path("/bin/sh")):
        argv = ["another-name", "-c", "echo $0"]
        assert output_of(argv, executable=file, **ASKED) == "another-name\n"


# -- Signals --


def bits(*signals: signal.Signals) -> int:
    return sum(1 << (number - 1) for number in signals)


def mask(member: str, **start: Any) -> int:
    return status_mask(output_of(["cat", "/proc/self/status"], **start, **ASKED), member)


def raw_mask(member: str, **changed: Any) -> int:
    text = raw_output("cat", "/proc/self/status", offsets=OFFSETS, **changed)
    return status_mask(text, member)


def test_sigpipe_is_default(route: str) -> None:
    # Python itself ignores both.
    both = bits(signal.SIGPIPE, signal.SIGXFSZ)
    assert mask("SigIgn", route=route) & both == 0
    assert mask("SigIgn", route=route, restore_signals=False) & both == both


def with_blocked_signals() -> None:
    blocked = {signal.SIGUSR1, signal.SIGRTMAX}
    signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
    for route in routes_here():
        # subprocess hands the caller's mask on; the core does so on request.
        assert mask("SigBlk", route=route) == bits(*blocked)
        assert raw_mask("SigBlk", route=getattr(_timens, f"ROUTE_{route.upper()}")) == 0
    assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == blocked


def test_signal_mask_is_empty() -> None:
    isolated(with_blocked_signals)


def with_ignored_signals() -> None:
    both = bits(signal.SIGUSR1, signal.SIGUSR2)
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    signal.signal(signal.SIGUSR2, signal.SIG_IGN)
    for route in routes_here():
        assert mask("SigIgn", route=route) & both == both
    assert raw_mask("SigIgn", sigdefault=bits(signal.SIGUSR2)) & both == bits(signal.SIGUSR1)


def test_ignored_signals_stay_ignored() -> None:
    isolated(with_ignored_signals)


def with_handlers() -> None:
    def handler(*_: object) -> None: ...

    signal.signal(signal.SIGUSR1, handler)
    for route in routes_here():
        assert mask("SigCgt", route=route) == 0
        assert mask("SigIgn", route=route) & bits(signal.SIGUSR1) == 0
    assert signal.getsignal(signal.SIGUSR1) is handler


def test_handlers_are_default() -> None:
    isolated(with_handlers)


# -- Sizes --


def test_argv_too_large(route: Route) -> None:
    # An exec failure, and so the OSError that subprocess has for it.
    with pytest.raises(OSError, match="Argument list too long") as caught:
        timens.spawn(["true", "x" * (4 << 20)], route=route, **ASKED)
    assert (caught.value.errno, caught.value.filename) == (errno.E2BIG, "true")


def test_no_path_in_the_environment(route: str) -> None:
    assert output_of(["echo", "found"], env={"A": "1"}, route=route, **ASKED) == "found\n"


# -- Session --


def ids(route: str, **start: Any) -> tuple[int, int, int]:
    """The pid that Popen knows, and the process group and the session of the program."""
    process, text = finish(["cat", "/proc/self/stat"], route=route, **start, **ASKED)
    _, _, after = text.partition("(cat) ")
    assert after, text
    return process.pid, int(after.split()[2]), int(after.split()[3])


def test_new_session(route: str) -> None:
    assert ids(route)[1:] == (os.getpgrp(), os.getsid(0))
    pid, group, session = ids(route, start_new_session=True)
    assert group == session == pid
