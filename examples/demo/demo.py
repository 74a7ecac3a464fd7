# SPDX-License-Identifier: MIT
"""Programs that are not ours, each started with its boottime moved, from every language.

Prints a table: who started what, the clock outside, the clock inside as the program itself tells
it, the difference, and the route by which it got into its time namespace. Fails if a difference
is not what was asked for.
"""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import timens

HERE = Path(__file__).parent
BUILD = Path(os.environ["TIMENS_TEST_PROGRAMS"]).parent
TIMENS = os.environ["TIMENS_COMMAND"]
SHIFT = "49d17h2m47s"
SHIFT_SECONDS = 49 * 86400 + 17 * 3600 + 2 * 60 + 47

STARTERS = {
    "C": [str(BUILD / "examples/start"), SHIFT],
    "command": [TIMENS, "run", "--boottime", SHIFT, "--"],
    "Python": [sys.executable, str(HERE / "start.py"), SHIFT],
    "Lua": ["lua5.4", str(HERE / "start.lua"), SHIFT],
}
PROGRAMS = {
    "uptime -p (minutes)": ["uptime", "-p"],
    "busybox, static": ["busybox", "cat", "/proc/uptime"],
    "python3 -c": [
        "python3",
        "-c",
        "import time; print(time.clock_gettime(time.CLOCK_BOOTTIME))",
    ],
    "lua5.4 -e": ["lua5.4", "-e", "print(io.open('/proc/uptime'):read('n'))"],
}
UNIT_SECONDS = {"year": 31536000, "week": 604800, "day": 86400, "hour": 3600, "minute": 60}


def seconds_told(text):
    """What a program says of its uptime: a number of seconds, or 'up 7 weeks, 2 days'."""
    if not text.startswith("up"):
        return float(text.split()[0])
    return sum(int(n) * UNIT_SECONDS[unit] for n, unit in re.findall(r"(\d+) ([a-z]+?)s?\b", text))


def as_span(seconds):
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return f"{days}d{hours:02}h{minutes:02}m{seconds:02}s"


def start(starter, program):
    outside = time.clock_gettime(time.CLOCK_BOOTTIME)
    done = subprocess.run(
        STARTERS[starter] + PROGRAMS[program],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    if done.returncode:
        raise SystemExit(f"demo: {starter}, {program}: {done.stderr.strip()}")
    route = re.search(r"^route (\S+)$", done.stderr, re.MULTILINE)
    return outside, seconds_told(done.stdout.strip()), route.group(1) if route else "becomes it"


def show_programs():
    row = "{:<9}{:<20}{:>15}{:>17}{:>17}  {}".format
    print(f"Every program below is started with --boottime {SHIFT}.\n")
    print(row("from", "program", "clock outside", "clock inside", "difference", "route"))
    wrong = 0
    for program in PROGRAMS:
        for starter in STARTERS:
            outside, inside, route = start(starter, program)
            difference = inside - outside
            # uptime -p tells whole minutes.
            right = abs(difference - SHIFT_SECONDS) < (61 if "uptime" in program else 5)
            wrong += not right
            print(
                row(starter, program, as_span(outside), as_span(inside), as_span(difference), route)
                + ("" if right else "  WRONG")
            )
    return wrong


def show_exact():
    """The example of the kernel list, March 2020, read back to the nanosecond."""
    asked = {"boottime": (-1000, 42), "monotonic": (1_000_000, 37)}
    print("\nBOOTTIME -1000 s + 42 ns and MONOTONIC +1000000 s + 37 ns:")
    if time.clock_gettime(time.CLOCK_BOOTTIME) < 1001:
        print("(this machine has been up for less than 1000 s, so BOOTTIME -1 s + 42 ns)")
        asked["boottime"] = (-1, 42)
    own = timens.read()
    clocks = os.path.join(os.environ["TIMENS_TEST_PROGRAMS"], "clocks")
    out = timens.run([clocks], **asked, capture_output=True, text=True, check=True).stdout
    wrong = 0
    for clock, (sec, nsec) in asked.items():
        told = re.search(rf"^{clock} +(-?\d+) +(\d+)$", out, re.MULTILINE)
        inside = int(told[1]) * 10**9 + int(told[2]) - getattr(own, clock).total_ns
        right = inside == sec * 10**9 + nsec
        wrong += not right
        print(
            f"  {clock:<10} asked {sec:>8} s {nsec:>2} ns, the kernel says "
            f"{inside // 10**9:>8} s {inside % 10**9:>2} ns  {'exact' if right else 'WRONG'}"
        )
    return wrong


def main():
    wrong = show_programs() + show_exact()
    print("\nThe wall clock is the same inside and outside, and so is the speed of time.")
    return 1 if wrong else 0


sys.exit(main())
