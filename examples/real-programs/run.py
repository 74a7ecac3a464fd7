# SPDX-License-Identifier: MIT
"""Sweeps programs that run for months across all points, and writes what was seen.

run.py TIMENS BUILD-FOLDER PAGE [NAME ...]: the programs of workload.py, or those named.
"""

import json
import os
import platform
import re
import subprocess
import sys
import time
from pathlib import Path

from workload import CHECK, CHECK_FAILS, PROGRAMS

HERE = Path(__file__).parent
TIMENS, BUILD, PAGE = (Path(word).resolve() for word in sys.argv[1:4])
LEAD = "5s"
JOBS = "4"

VERSIONS = {
    "redis": ("redis-server", "--version"),
    "memcached": ("memcached", "--version"),
    "nginx": ("nginx", "-v"),
    "haproxy": ("haproxy", "-v"),
    "mosquitto": ("mosquitto", "-h"),
    "postgresql": ("sh", "-c", "/usr/lib/postgresql/*/bin/postgres --version"),
    "node": ("node", "--version"),
    "lru_cache": ("sh", "-c", "npm ls lru-cache | sed -n 's/.*lru-cache@/lru-cache /p'"),
    "go": ("go", "version"),
    "java": ("java", "--version"),
    "counter": (sys.executable, "--version"),
}

HEAD = """# Real programs across the rollovers

What `make real-programs` saw. Each program has a small workload that makes it keep time: a client
that connects, keys that expire, timeouts, timers; from {lead} before each point until 4 s after it.
The judge is the wall clock, which is not moved. The workloads are in
`examples/real-programs/workload.py`; a program that passes may still fail in what they do not use.
The last one is broken on purpose, and must fail at each multiple of 2^32 ms: were it to pass, the
page would say nothing.

{date}, {kernel}, {cpus} CPUs, `timens sweep --lead {lead} -j {jobs}`.

| program | version | what is checked | passed | failed at |
|---|---|---|---|---|
"""


def version_of(name: str) -> str:
    done = subprocess.run(
        VERSIONS[name], capture_output=True, text=True, check=False, cwd=BUILD / "npm"
    )
    found = re.search(r"\d+(\.\d+)+", done.stdout + done.stderr)
    return found[0] if found else "unknown"


def prepare() -> dict[str, str]:
    """What has to be compiled or fetched; gives the variables that say where it is."""
    (BUILD / "npm").mkdir(parents=True, exist_ok=True)
    (BUILD / "java").mkdir(exist_ok=True)
    go, java, npm = BUILD / "timers", BUILD / "java", BUILD / "npm"
    subprocess.run(["go", "build", "-o", go, HERE / "timers.go"], check=True)
    subprocess.run(["javac", "-d", java, HERE / "Timers.java"], check=True)
    quiet = ("--silent", "--no-audit", "--no-fund")
    subprocess.run(["npm", "install", *quiet, "lru-cache@11"], check=True, cwd=npm)
    (npm / "ttl.mjs").write_text((HERE / "ttl.mjs").read_text())
    return {"GO_PROGRAM": str(go), "JAVA_CLASSES": str(java), "LRU_CACHE": str(npm)}


def sweep(name: str, env: dict[str, str]) -> dict:
    words = ("--lead", LEAD, "-j", JOBS, "--timeout", "2min", "--json")
    done = subprocess.run(
        [TIMENS, "sweep", *words, "--", sys.executable, HERE / "workload.py", name],
        stdout=subprocess.PIPE,
        check=False,
        text=True,
        env={**os.environ, **env},
    )
    assert done.returncode in (0, 1, 2), f"{name}: timens sweep ended with {done.returncode}"
    return json.loads(done.stdout)


def failures_of(found: dict) -> list[tuple[str, str]]:
    """(point, last line of its output), the control as well."""
    (suite,) = found["suites"]
    bad = []
    for case in (suite["control"], *suite["points"]):
        for run in case["runs"]:
            if run["outcome"] != "passed":
                last = (run["output"].strip().splitlines() or [run["how"]])[-1]
                bad.append((case["point"], last))
    return bad


def row(name: str, found: dict) -> str:
    bad = failures_of(found)
    points = len(found["suites"][0]["points"])
    checked = " ".join(PROGRAMS[name].__doc__.split())
    return (
        f"| {name} | {version_of(name)} | {checked} | {found['passed']} of {points} | "
        f"{', '.join(point for point, _ in bad) or '-'} |\n"
    )


def main() -> int | str:
    env = prepare()
    text = HEAD.format(
        lead=LEAD,
        date=time.strftime("%Y-%m-%d"),
        kernel=f"{platform.system()} {platform.release().split('-')[0]}",
        cpus=os.cpu_count(),
        jobs=JOBS,
    )
    details, seen = "", True
    for name in sys.argv[4:] or PROGRAMS:
        print(f"real-programs: {name}", flush=True)
        found = sweep(name, env)
        text += row(name, found)
        for point, last in failures_of(found):
            details += f"- {name} at {point}: `{last}`\n"
        if name == CHECK:
            seen = [point for point, _ in failures_of(found)] == CHECK_FAILS
    PAGE.write_text(text + (f"\nWhat the failures said:\n\n{details}" if details else ""))
    print(text + details)
    return 0 if seen else f"real-programs: the check did not fail at {CHECK_FAILS}"


sys.exit(main())
