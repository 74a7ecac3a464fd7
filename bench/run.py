# SPDX-License-Identifier: MIT
"""Runs the start benchmarks, prints them as Markdown tables and keeps the figures as JSON.

run.py BUILD; ROUNDS in the environment (1000).
"""

import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

BUILD = Path(sys.argv[1]).resolve()
HERE = Path(__file__).parent
ROUNDS = os.environ.get("ROUNDS", "1000")
CLOCKS = str(BUILD / "programs/clocks")


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def in_c(mib):
    return json.loads(output(str(BUILD / "bench/bench_start"), CLOCKS, ROUNDS, str(mib)))["cases"]


def in_python(mib, rounds):
    command = sys.executable, str(HERE / "start.py"), CLOCKS, str(rounds), str(mib)
    return json.loads(output(*command))["cases"]


def ratios(figures):
    base = next(iter(figures.values()))
    return {
        name: {"life_us": us, "life_ratio": round(us / base, 3)} for name, us in figures.items()
    }


def of_the_command():
    words = (sys.executable, str(HERE / "command.py"), str(BUILD / "cli/timens"), ROUNDS)
    return json.loads(output(*words))


def in_lua(interpreter, modules):
    lines = subprocess.run(
        [interpreter, str(HERE / "start.lua"), CLOCKS, ROUNDS],
        env={**os.environ, "LUA_CPATH": f"{modules}/?.so;;"},
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    return ratios({name: float(us) for name, us in (line.split("\t") for line in lines)})


def lua_require():
    """A Lua that does nothing but require a module, interleaved."""
    programs = {"nothing": "", "timens": "require 'timens'", "luv": "require 'luv'"}
    samples = {name: [] for name in programs}
    for _ in range(max(int(ROUNDS) // 5, 20)):
        for name, text in programs.items():
            begin = time.perf_counter()
            output("lua5.4", "-e", text)
            samples[name].append(time.perf_counter() - begin)
    return ratios({name: round(median(s) * 1e6, 1) for name, s in samples.items()})


def table(title, cases):
    columns = list(next(iter(cases.values())))
    print(f"\n{title}\n\n| case | {' | '.join(columns)} |\n|---|{'---|' * len(columns)}")
    for name, figures in cases.items():
        print(f"| {name} | {' | '.join(str(figures[c]) for c in columns)} |")


def main():
    command = of_the_command()
    figures = {
        "C": in_c(0),
        "C, 1 GiB resident": in_c(1024),
        "Python": in_python(0, int(ROUNDS)),
        # A fork of it takes so long that fewer rounds must do.
        "Python, 2 GiB resident": in_python(2048, max(1, int(ROUNDS) // 5)),
        "Lua": in_lua("lua5.4", BUILD / "lua"),
        "Lua 5.3, for which Debian has luaposix": in_lua("lua5.3", BUILD.parent / "luas/lua"),
        "Lua: require": lua_require(),
        "Command": command["starts"],
        "Sweep": command["sweep"],
    }
    print(
        f"Linux {platform.release()} {platform.machine()}, {os.cpu_count()} CPUs, "
        f"{ROUNDS} rounds; medians; call: until the start returns, life: start and wait; "
        "ratios to the first row."
    )
    for title, cases in figures.items():
        table(title, cases)
    (BUILD / "bench.json").write_text(json.dumps(figures, indent=1))


main()
