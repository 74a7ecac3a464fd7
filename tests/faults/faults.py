# SPDX-License-Identifier: MIT
"""Every system call of a clean run fails, once, with each error that errnos.txt has for it."""

from __future__ import annotations

import errno
import re
from dataclasses import dataclass
from pathlib import Path

from calls import Call, faults_of, read_errnos, read_trace
from driver import Run, run_driver
from judge import Verdict, judge, state_of
from scenarios import Scenario

# strace answers in the kernel's place and does not make the call. Where the kernel does its work
# whatever it answers, or answers so only if there was nothing to do, what is left is strace's.
NOT_DONE = {
    # close(2): the descriptor is gone, also after an error.
    "close": r"descriptor \d+ was not there|pidfd is \d+ after|program: fds ",
    # No error of waitid leaves a child that ends.
    "waitid": r"child left: ",
    # Nor does read say that there is nothing, where there is.
    "read EAGAIN": r"1 programs have run|SIGCHLD sent",
    "read =0": r"1 programs have run|SIGCHLD sent",
    # A program that is none goes to the shell, if so asked; the observer is none for the shell.
    "execve ENOEXEC": r"status 0x200$|0 programs have run$",
    # The second of a pair whose first has succeeded.
    "rt_sigprocmask": r"(signal mask|pending signals) was .* and is (fffffffffffbfeff|10000)$"
    r"|program: blocked fff7fdfe",
}


# What timens.h says of them.
LIMITS = {
    "enter": (".*", r"the next start fails: (clone of the child|write of the user)"),
    "clone3": ("read|ppoll", r"1 programs have run, and an error"),
}
# Errors that stand for another one.
OTHERS = {
    "read": ("EIO", "EINTR"),  # a report or a file that is not whole
    "write": ("EIO", "EINTR"),
    "pread64": ("EIO", "EROFS"),  # a masked file
    "readlinkat": ("EINVAL", "EOPNOTSUPP", "EBUSY", "ESRCH"),  # no time namespaces; what is unknown
    "openat": ("ESRCH", "EBUSY"),
    "clone": ("EOPNOTSUPP",),  # EINVAL is the answer of kernels before 6.2
    "fcntl": ("EMFILE",),
    "setns": ("EBUSY",),
    "prctl": ("EPERM",),  # EINVAL in a user namespace without ids
    "capget": ("EPERM",),  # what is not known to be there is taken to be missing
}
STAGES = {
    "capget": ("credentials", "enter"),
    "chdir": ("cwd",),
    "clone": ("clone", "route"),
    "clone3": ("clone", "unshare", "cgroup"),
    "close_range": ("fds",),
    "dup3": ("fds",),
    "execve": ("exec",),
    "fcntl": ("fds", "tty"),
    "fstatfs": ("cgroup",),
    "getdents64": ("fds",),
    "getpgid": ("tty",),
    "getpriority": ("nice",),
    "ioctl": ("tty",),
    "mmap": ("prepare",),
    "pipe2": ("prepare", "clone"),
    "prctl": ("credentials", "parent"),
    "pread64": ("write",),
    "prlimit64": ("rlimits",),
    "readlinkat": ("prepare", "unshare", "route"),
    "rt_sigaction": ("signals",),
    "rt_sigprocmask": ("signals",),
    "setgroups": ("credentials",),
    "setns": ("enter", "map"),
    "setpgid": ("pgroup",),
    "setpriority": ("nice",),
    "setresgid": ("credentials",),
    "setresuid": ("credentials",),
    "setsid": ("session",),
    "tgkill": ("parent",),
    "unshare": ("unshare",),
}


@dataclass(frozen=True)
class Fault:
    """One call of one scenario, and what it answers."""

    scenario: Scenario
    call: Call
    answer: str
    state: str

    @property
    def name(self) -> str:
        return f"{self.scenario.name} | {self.call} {self.answer}"

    @property
    def row(self) -> tuple[str, ...]:
        return self.scenario.call, self.scenario.route, self.call.side

    def options(self) -> list[str]:
        kind = f"retval={self.answer[1:]}" if self.answer[0] == "=" else f"error={self.answer}"
        inject = f"inject={self.call.name}:{kind}:when={self.call.nth}"
        return ["-e", f"trace={self.call.name}", "-e", inject]

    def carry_out(self, log: Path) -> Verdict:
        words = [self.scenario.call, *self.scenario.words, *self.call.words(), "again"]
        # A child that the caller kills (the holder of a user namespace) may not get that far.
        for _ in range(9 if "with=maps" in self.scenario.words else 1):
            run = run_driver(words, strace=(log, self.options(), self.call.side == "child"))
            if "(INJECTED)" in run.log:
                break
        else:
            run.trouble.append("the fault was not reached")
        verdict = judge(self.scenario, run, self.state, self.allowed())
        if verdict.told and not self.scenario.fails:
            verdict.wrong += self.check_sense(*verdict.told.split())
        return verdict

    def allowed(self) -> str:
        name = self.call.name
        patterns = [NOT_DONE[key] for key in (name, f"{name} {self.answer}") if key in NOT_DONE]
        if self.scenario.call in LIMITS:
            call, pattern = LIMITS[self.scenario.call]
            patterns += [pattern] if re.fullmatch(call, name) else []
        return "|".join(patterns) or "(?!)"

    def check_sense(self, stage: str, number: str) -> list[str]:
        """That the error is that of the call, and its stage the one that makes it."""
        name, answer = self.call.name, self.answer.removeprefix("=")
        told, asked = getattr(errno, number), getattr(errno, answer, 0)
        found = []
        if told not in (asked, *(getattr(errno, other) for other in OTHERS.get(name, ()))):
            found.append(f"{number} for {self.answer}")
        if self.scenario.call == "spawn" and stage not in STAGES.get(name, stage):
            found.append(f"stage {stage} for {name}")
        return found


def clean_run(scenario: Scenario, log: Path) -> Run:
    return run_driver([scenario.call, *scenario.words, "again"], strace=(log, [], True))


def faults(scenario: Scenario, clean: Run) -> list[Fault]:
    # The child of CLONE_FILES sees those of the library come and go.
    table, state = read_errnos(), "" if "with=files" in scenario.words else state_of(clean)
    return [
        Fault(scenario, call, answer, state)
        for call in read_trace(clean.log)
        for answer in faults_of(call.name, table)
    ]
