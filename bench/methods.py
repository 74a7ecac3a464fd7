# SPDX-License-Identifier: MIT
"""Every way to start a program, by language, each with the one that the others are compared to."""

import os
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import container
from measure import Case
from shapes import MIB_LEFT_TO_OTHERS, mib_available
from workers import Worker

HERE = Path(__file__).parent
TRUE = "/usr/bin/true"
SHIFT = ("--boottime", "1000000", "--monotonic", "1000000")


@dataclass
class Group:
    title: str
    base: str
    columns: tuple[str, ...]
    worker: Worker
    requests: dict[str, tuple[str, ...]]  # by the name of the case

    def cases(self) -> list[Case]:
        return [
            Case(name, partial(self._take, request), self._share(name))
            for name, request in self.requests.items()
        ]

    def _take(self, request: tuple[str, ...], count: int) -> list[tuple[float, ...]]:
        samples = self.worker.starts(count, *request)
        return [sample[-len(self.columns) :] for sample in samples]

    def _share(self, name: str) -> float:
        if name.startswith("crun") or ("resident" in self.title and "preexec_fn" in name):
            return 0.02
        return 1.0 if self.columns[0] == "call" else 0.3


def starts(*names: str) -> dict[str, tuple[str, ...]]:
    return {name: ("start", name) for name in names}


def in_c(build: Path, program: str) -> Group:
    return Group(
        "C",
        "posix_spawn",
        ("call", "life"),
        Worker([str(build / "bench/bench_worker"), program]),
        starts(
            "posix_spawn",
            "clone(VM|VFORK), exec",
            "timens_spawn, no namespace",
            "timens_spawn",
            "timens_spawn, closing",
            "timens_spawn, options",
            "timens_spawn, route vfork",
            "timens_spawn, route fork",
            "fork, unshare, setns",
        ),
    )


# As in steps.c; each includes those above it.
STEPS = (
    "clone3(VM|VFORK), exec: the floor",
    "+ CLONE_NEWTIME",
    "+ open of timens_offsets",
    "+ write",
    "+ pidfd",
    "+ pread of what was inherited",
    "+ signal mask, SIGPIPE",
    "+ waitid: has it executed?",
    "+ getpid, capget: every call of a start",
)


def by_steps(build: Path, program: str) -> Group:
    return Group(
        "A start, step by step",
        STEPS[0],
        ("call", "life"),
        Worker([str(build / "bench/bench_worker"), program]),
        {name: ("steps", str(i)) for i, name in enumerate(STEPS)},
    )


def python(title: str, *words: str) -> Group:
    return Group(
        title,
        "subprocess.Popen",
        ("life",),
        Worker([sys.executable, str(HERE / "worker.py"), *words]),
        starts(
            "subprocess.Popen",
            "os.posix_spawn",
            "timens.Popen",
            "Popen of unshare -T",
            "subprocess.Popen, preexec_fn",
            "timens.Popen, preexec_fn",
        ),
    )


def in_python(_build: Path, program: str) -> Group:
    return python("Python", program)


def in_large_python(_build: Path, program: str) -> Group:
    return python("Python, 2 GiB resident", program, "2048")


def lua(interpreter: str, modules: Path, program: str) -> Worker:
    argv = [interpreter, str(HERE / "worker.lua"), program]
    return Worker(argv, {**os.environ, "LUA_CPATH": f"{modules}/?.so;;"})


def in_lua(build: Path, program: str) -> Group:
    names = ("luv: uv.spawn", "io.popen", "os.execute", "timens.spawn, no namespace")
    worker = lua("lua5.4", build / "lua", program)
    return Group("Lua 5.4", names[0], ("life",), worker, starts(*names, "timens.spawn"))


def in_lua53(build: Path, program: str) -> Group:
    """Debian has luaposix for this one."""
    names = ("luaposix: fork, execp", "timens.spawn, no namespace", "timens.spawn")
    worker = lua("lua5.3", build.parent / "luas/lua", program)
    return Group("Lua 5.3", names[0], ("life",), worker, starts(*names))


def command(title: str, build: Path, program: str, *cmd: str) -> Group:
    """`unshare -T` alone is faster than with --fork, and needs it as soon as CMD starts another."""
    commands = {
        "env CMD": ("/usr/bin/env", *cmd),
        "timens run CMD": (str(build / "cli/timens"), "run", *SHIFT, *cmd),
        "unshare -T CMD": ("/usr/bin/unshare", "-T", *SHIFT, *cmd),
        "unshare -T --fork CMD": ("/usr/bin/unshare", "-T", "--fork", *SHIFT, *cmd),
    }
    return Group(
        title,
        "env CMD",
        ("life",),
        Worker([str(build / "bench/bench_worker"), program]),
        {name: ("command", *argv) for name, argv in commands.items()},
    )


def in_shell(build: Path, program: str) -> Group:
    return command("Command, of `true`", build, program, TRUE)


def in_shell_static(build: Path, program: str) -> Group:
    """Where the loading of CMD's own libraries does not hide the difference."""
    return command("Command, of a static program", build, program, program, "nothing")


def in_containers(worker: Worker) -> Group:
    requests = {
        "timens_spawn": ("start", "timens_spawn"),
        "crun run": ("command", *container.run("plain")),
        "crun run, timeOffsets": ("command", *container.run("shifted")),
    }
    return Group("Container", "crun run", ("life",), worker, requests)


def in_c_with_a_newer_libc(worker: Worker) -> Group:
    """That of the suite which crun is from, whose posix_spawn has clone3 reset the handlers."""
    return Group(
        f"C, glibc of Debian {container.SUITE}",
        "posix_spawn",
        ("call", "life"),
        worker,
        starts("posix_spawn", "clone(VM|VFORK), exec", "timens_spawn", "timens_spawn, closing"),
    )


def in_another_root(build: Path, program: str) -> list[Group]:
    """As root: where crun cannot run they are left out, with the reason."""
    try:
        worker = container.worker(build, program)
        found = [in_c_with_a_newer_libc(worker), in_containers(worker)]
        for request in found[1].requests.values():
            worker.starts(1, *request)
    except (OSError, SystemExit, container.Unavailable) as reason:
        print(f"bench: left out: crun, and a newer glibc: {reason}", file=sys.stderr)
        return []
    return found


def groups(build: Path, program: str) -> list[Group]:
    makers = (in_c, by_steps, in_python, in_lua, in_lua53, in_shell, in_shell_static)
    made = [maker(build, program) for maker in makers]
    if mib_available() > 2048 + MIB_LEFT_TO_OTHERS:
        made.append(in_large_python(build, program))
    return made + in_another_root(build, program)
