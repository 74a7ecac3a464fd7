# SPDX-License-Identifier: MIT
"""Calls under filters, without a usable /proc, at limits, in namespaces used up, among signals."""

from __future__ import annotations

import errno
import os
import resource
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from calls import NUMBERS
from driver import SKIPPED, Strace, run_driver
from judge import Verdict, judge_each
from scenarios import ROOT, ROUTES, USERS, Scenario, spawn

# What it must come to: "right", an error as "STAGE ERRNO", or any right start or clean error.
RIGHT, ANY = "right", "any"


@dataclass(frozen=True)
class Condition:
    kind: str
    scenario: Scenario
    expected: str = ANY
    storm: bool = False  # of signals, from outside
    allowed: str = "(?!)"
    memory: int = 0  # bytes that a cgroup grants the call

    @property
    def name(self) -> str:
        memory = f" of {self.memory} bytes" if self.memory else ""
        return f"{self.kind}{memory} | {self.scenario.name}"

    @property
    def row(self) -> tuple[str, ...]:
        return self.kind, self.scenario.route, ""

    def carry_out(self, log: Path) -> Verdict:
        words = [self.scenario.call, *self.scenario.words]
        with memory_group(self.memory) as more:
            run = run_driver([*words, *more], during=storm if self.storm else None)
        if run.status == SKIPPED:
            return Verdict(left_out=run.reason)
        # Among those that share memory the kernel makes no difference when it runs out.
        if self.memory and run.status == -signal.SIGKILL:
            return Verdict("caller killed", wrong=run.trouble)
        verdict = judge_each(self.scenario, run, self.allowed)
        told = "right" if verdict.right else verdict.told
        if self.expected not in (ANY, told) and not verdict.wrong:
            verdict.wrong.append(f"'{told}' and not '{self.expected}': {run.driver[0]}")
        return verdict


def memory_controller() -> Path | None:
    """Where groups with a limit of memory can be made."""
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _, where, kind, options, *_ = line.split()
        if kind == "cgroup" and "memory" in options.split(","):
            return Path(where)
        enabled = Path(where, "cgroup.subtree_control")
        if kind == "cgroup2" and enabled.is_file() and "memory" in enabled.read_text().split():
            return Path(where)
    return None


@contextmanager
def memory_group(size: int) -> Iterator[list[str]]:
    """The word that makes the driver use a new one."""
    if not size:
        yield []
        return
    group = (memory_controller() or Path()) / f"timens-faults-memory-{os.getpid()}"
    group.mkdir()
    limit = next(p for n in ("memory.max", "memory.limit_in_bytes") if (p := group / n).exists())
    limit.write_text(str(size))
    yield [f"memory={group}"]
    for _ in range(500):
        with suppress(OSError):
            group.rmdir()
            return
        time.sleep(0.01)


def storm(driver: subprocess.Popen, tracer: Strace | None) -> None:
    """SIGUSR1, as fast as it goes, until the driver has ended."""
    pidfd = os.pidfd_open(driver.pid)

    def send() -> None:
        try:
            while True:
                signal.pidfd_send_signal(pidfd, signal.SIGUSR1)
        except ProcessLookupError:
            os.close(pidfd)

    # The driver has its handler when its first word has been read.
    threading.Timer(0.01, send).start()


# -- Filters --


def deny(call: str, error: int | None = None) -> str:
    return f"deny={NUMBERS[call]}" + (f":{error}" if error else "")


def filters() -> Iterator[Condition]:
    """As profiles of containers answer to calls that they do not know, or forbid."""
    user = () if ROOT else ("userns=always",)
    for error in (errno.EPERM, errno.ENOSYS):
        for call in ("clone3", "pidfd_open", "close_range", "openat2", "statx"):
            word = deny(call, error)
            for users in USERS:
                yield Condition(
                    "filter", spawn("auto", f"userns={users}", "with=full", word), RIGHT
                )
            for other in ("wait", "kill", "read", "support", "clone3"):
                scenario = Scenario(other, (*user, word), shifted=other in ("wait", "clone3"))
                yield Condition("filter", scenario, RIGHT if ROOT or other != "clone3" else ANY)
            for other in ("enter", "join") if ROOT else ():
                expected = f"prepare {errno.errorcode[error]}" if call == "statx" else RIGHT
                yield Condition("filter", Scenario(other, (word,)), expected)
        profile = (deny("clone3", errno.ENOSYS), deny("unshare", error), deny("setns", error))
        who = "nobody" if ROOT else "userns=auto"
        yield Condition("filter", spawn("auto", who, *profile), f"unshare {errno.errorcode[error]}")


def deadly_filters() -> Iterator[Condition]:
    """Whoever makes that call is killed. Where memory is shared the stage is known."""
    stages = {"chdir": "cwd", "dup3": "fds", "setsid": "session", "close_range": "fds"}
    for call, stage in stages.items():
        for route in ROUTES:
            expected = f"{'clone' if route == 'fork' else stage} EINTR"
            scenario = spawn(route, "userns=always", "with=full", deny(call))
            yield Condition("deadly filter", scenario, expected)


# -- /proc --


def strange_proc() -> Iterator[Condition]:
    # Cold, and with what the library keeps from a start before; by who has the capabilities, and
    # with a user namespace, whose maps come first.
    answers = {
        "none": ("prepare ENOENT", "write ENOENT", "map ENOENT"),
        "empty": ("prepare ENOENT", "write ENOENT", "map ENOENT"),
        "foreign": ("prepare ENOENT", "write ENOENT", "map ENOENT"),
        "readonly": ("write EROFS", "write EROFS", "map EROFS"),
        "masked": (RIGHT, RIGHT, RIGHT),
        "hidepid": (RIGHT, RIGHT, RIGHT),
    }
    for kind, (cold, warm, mapped) in answers.items():
        word = f"proc={kind}"
        for route in ROUTES:
            always = mapped if kind == "readonly" else cold
            yield Condition("/proc", spawn(route, "userns=never", word), cold)
            yield Condition("/proc", spawn(route, "userns=always", word), always)
            yield Condition("/proc", spawn(route, "userns=never", "warm", word), warm)
            yield Condition("/proc", spawn(route, "userns=always", "warm", word), mapped)
            yield Condition("/proc", spawn(route, "with=notime", word, shifted=False), RIGHT)
        for call in ("enter", "support", "clone3"):
            yield Condition("/proc", Scenario(call, (word,), shifted=call != "support"))
        yield Condition("/proc", Scenario("read", ("with=self", word), shifted=False))
    yield Condition("/proc", spawn("auto", "proc=hidepid", "nobody"), RIGHT)


# -- Limits --


def limited(name: str, *words: str) -> Condition:
    # Past the point of no return the kernel can only kill a program that it has no memory for;
    # and then it has been started.
    dead = r"status 0x(9|b|89|8b|7f00|100)$|0 programs have run$"
    return Condition(name, spawn(words[0], *words[1:]), allowed=dead)


def limits() -> Iterator[Condition]:
    kinds = ("plain", "full", "missing", *(["maps"] if ROOT else []))
    for route in ROUTES:
        for kind in kinds:
            words = ("userns=always", f"with={kind}")
            for n in range(0, 20):
                scenario = spawn(
                    route, *words, f"limit={resource.RLIMIT_NOFILE}:{n}", fails=kind == "missing"
                )
                yield Condition("RLIMIT_NOFILE", scenario)
        for n in range(0, 6):
            who = ("nobody",) if ROOT else ()
            yield Condition(
                "RLIMIT_NPROC", spawn(route, *who, f"limit={resource.RLIMIT_NPROC}:{n}")
            )
        for kind in ("plain", "full"):
            for n in range(0, 16 << 20, 256 << 10):
                yield limited(
                    "RLIMIT_AS",
                    route,
                    "userns=always",
                    f"with={kind}",
                    f"limit={resource.RLIMIT_AS}:{n}",
                )
        for n in range(0, 512 << 10, 32 << 10):
            yield limited(
                "RLIMIT_STACK",
                route,
                "userns=always",
                "with=full",
                f"limit={resource.RLIMIT_STACK}:{n}",
            )


def memory_limits() -> Iterator[Condition]:
    if not ROOT or not memory_controller():
        print("faults: left out: memory of a cgroup: it takes root and a memory controller")
        return
    for route in ROUTES:
        for kind in ("plain", "full"):
            for n in range(1, 33):
                condition = limited("cgroup memory", route, f"with={kind}")
                yield replace(condition, memory=n * 32768)


# -- Namespaces --


def namespaces() -> Iterator[Condition]:
    for route in ROUTES:
        for n in range(0, 4):
            for user in ("never", "always"):
                time_limit = ("newuser", f"userns={user}", f"user=max_time_namespaces:{n}")
                user_limit = ("newuser", f"userns={user}", f"user=max_user_namespaces:{n}")
                expected = "unshare ENOSPC" if n == 0 and user == "never" else ANY
                yield Condition("time namespaces", spawn(route, *time_limit), expected)
                yield Condition(
                    "time namespaces",
                    spawn(route, "newuser", f"userns={user}", "warm", time_limit[-1]),
                    expected,
                )
                expected = RIGHT if user == "never" else "clone ENOSPC" if n == 0 else ANY
                yield Condition("user namespaces", spawn(route, *user_limit), expected)
    for words in (("pending",), ("inside",), ("inside", "pending")) if ROOT else ():
        for user in USERS:
            # Out of a user namespace of its own a child cannot go back to the caller's.
            closed = user == "always" and len(words) == 2
            for more in ((), ("with=full",)):
                yield Condition(
                    "caller's namespaces",
                    spawn("auto", f"userns={user}", *words, *more),
                    "enter EPERM" if closed else RIGHT,
                )


# -- Signals --


def signals() -> Iterator[Condition]:
    for route in ROUTES:
        for user in USERS:
            words = (f"userns={user}", "handle=10", "repeat=200")
            yield Condition("signals", spawn(route, *words), RIGHT, storm=True)
            yield Condition(
                "signals",
                spawn(route, *words, "with=missing", fails=True),
                "exec ENOENT",
                storm=True,
            )
            # Somebody else may have reaped it.
            yield Condition(
                "reaper",
                spawn(route, *words[:1], "reaper", "repeat=200"),
                RIGHT,
                allowed="status -0x1$",
            )
            yield Condition(
                "reaper",
                spawn(route, *words[:1], "reaper", "repeat=200", "with=missing", fails=True),
                "exec ENOENT",
            )
    for call in ("read", "support", "kill"):
        yield Condition(
            "signals",
            Scenario(call, ("handle=10", "repeat=50"), shifted=False),
            RIGHT if ROOT else ANY,
            storm=True,
        )
    # EINTR, the handler ran.
    yield Condition("signals", Scenario("wait", ("handle=10",)), storm=True)
    if ROOT:
        yield Condition(
            "signals", Scenario("clone3", ("handle=10", "repeat=200")), RIGHT, storm=True
        )


def conditions() -> list[Condition]:
    kinds = (filters, deadly_filters, strange_proc, limits, memory_limits, namespaces, signals)
    return [condition for kind in kinds for condition in kind()]
