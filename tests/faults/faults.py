# SPDX-License-Identifier: MIT
"""Every system call of a clean run fails, once, with each error that errnos.txt has for it."""

from __future__ import annotations

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
    "close": r"descriptor \d+ was not there|pidfd is \d+ after|program: .*",
    # No error of waitid leaves a child that ends.
    "waitid": r"child left: ",
    # A program that is none goes to the shell, if so asked; the observer is none for the shell.
    "execve": r"status 0x200$|0 programs have run$",
    # The second of a pair whose first has succeeded.
    "rt_sigprocmask": r"(signal mask|pending signals) was .* and is (fffffffffffbfeff|10000)$"
    r"|program: child .*blocked fff7fdfe",
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
        return judge(self.scenario, run, self.state, NOT_DONE.get(self.call.name, "(?!)"))


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
