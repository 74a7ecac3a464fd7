# SPDX-License-Identifier: MIT
"""The calls that faults are made in, and the conditions that calls are made under."""

from __future__ import annotations

import os
from dataclasses import dataclass

DAY = 86400
SHIFTS = (10 * DAY * 10**9 + 1, 20 * DAY * 10**9 + 2)

ROUTES = ("clone3", "vfork", "fork")
ROOT = os.geteuid() == 0
USERS = ("never", "always") if ROOT else ("always",)


@dataclass(frozen=True)
class Scenario:
    call: str
    words: tuple[str, ...]
    route: str = "-"
    shifted: bool = True  # what runs afterwards has the offsets
    fails: bool = False  # also without a fault

    @property
    def programs(self) -> int:
        """How many run, and say what they see, if all goes well."""
        return int(self.call in ("spawn", "clone3", "wait") and not self.fails)

    @property
    def name(self) -> str:
        return " ".join((self.call, *self.words))


def spawn(route: str, *words: str, shifted: bool = True, fails: bool = False) -> Scenario:
    chosen = () if route == "auto" else (f"route={route}",)
    return Scenario("spawn", (*chosen, *words), route, shifted, fails)


def spawns() -> list[Scenario]:
    found = []
    for route in ROUTES:
        for user in USERS:
            found += [
                spawn(route, f"userns={user}"),
                spawn(route, f"userns={user}", "warm", "with=full"),
                spawn(route, f"userns={user}", "with=missing", fails=True),
            ]
        found += [
            spawn(route, "userns=always", "warm", "with=tty"),
            spawn(route, "warm", "with=notime", shifted=False),
            spawn(route, "userns=always", "warm", "deny=436:38", "with=close"),
            spawn(route, f"userns={USERS[0]}", "warm", "with=close"),
        ]
        if ROOT:
            found += [
                spawn(route, "warm", "with=groups"),
                spawn(route, "warm", "userns=always", "with=maps"),
                spawn(route, "warm", "with=cgroup"),
            ]
    found += [
        spawn("auto", "with=full"),
        spawn("auto", "nobody" if ROOT else "userns=auto"),
        spawn("auto", "deny=435:38"),
        spawn("auto", "with=notime", shifted=False),
        spawn("auto", "userns=always", "with=big"),
    ]
    if ROOT:
        found += [
            spawn("fork", "warm", "with=ids"),
            spawn("auto", "warm", "pending"),
            spawn("auto", "inside"),
            spawn("auto", "inside", "pending"),
        ]
    return found


def few() -> list[Scenario]:
    """One of each kind, where every case takes a while. With a handler for SIGUSR1."""
    words = ("handle=10", "warm")
    found = [spawn(route, *words, f"userns={user}") for route in ROUTES for user in USERS]
    for options in ("with=full", "with=close"):
        found += [spawn(route, *words, f"userns={USERS[0]}", options) for route in ROUTES]
    inside = () if ROOT else ("newuser",)
    for kind in ("plain", "files"):
        found.append(Scenario("clone3", ("handle=10", *inside, f"with={kind}")))
    return found


def others() -> list[Scenario]:
    user = () if ROOT else ("userns=always",)
    inside = ("newuser",) if not ROOT else ()
    found = [
        Scenario("wait", user),
        Scenario("wait", (*user, "with=timeout")),
        Scenario("kill", user, shifted=False),
        Scenario("enter", ("userns=always",)),
        Scenario("read", user, shifted=False),
        Scenario("read", ("with=self",), shifted=False),
        Scenario("support", (), shifted=False),
        Scenario("offset_to", (), shifted=False),
        Scenario("clone3", ("with=newuser",)),
    ]
    for kind in ("plain", "pidfd", "files"):
        found.append(Scenario("clone3", (*inside, f"with={kind}")))
    if ROOT:
        found += [
            Scenario("enter", ()),
            Scenario("enter", ("inside", "pending")),
            Scenario("join", ()),
            Scenario("join", ("with=pidfd",)),
            Scenario("read", ("inside", "with=self"), shifted=False),
            Scenario("support", ("nobody",), shifted=False),
        ]
    return found
