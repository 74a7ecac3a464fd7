# SPDX-License-Identifier: MIT
"""Start and wait from Python: interleaved, medians, ratios to subprocess.Popen. Prints JSON.

start.py PROGRAM [ROUNDS [RESIDENT_MIB]]
"""

import json
import mmap
import random
import statistics
import subprocess
import sys
import time

import timens

program = sys.argv[1]
rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
mib = int(sys.argv[3]) if len(sys.argv) > 3 else 0
ARGV = [program, "nothing"]


def nothing():
    pass


def with_timens():
    timens.Popen(ARGV, boottime=1_000_000).wait()


def with_subprocess():
    subprocess.Popen(ARGV).wait()


def with_unshare():
    subprocess.Popen(["unshare", "-T", "--boottime", "1000000", *ARGV]).wait()


def with_subprocess_preexec():
    subprocess.Popen(ARGV, preexec_fn=nothing).wait()  # noqa: PLW1509 - there is one thread


def with_timens_preexec():
    timens.Popen(ARGV, boottime=1_000_000, preexec_fn=nothing).wait()


CASES = {
    "subprocess.Popen": with_subprocess,
    "timens.Popen": with_timens,
    "Popen of unshare -T": with_unshare,
    "subprocess.Popen, preexec_fn": with_subprocess_preexec,
    "timens.Popen, preexec_fn": with_timens_preexec,
}
FORKS = {name for name in CASES if "preexec_fn" in name}


def make_resident():
    memory = mmap.mmap(-1, max(mib, 1) << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    memory.madvise(mmap.MADV_NOHUGEPAGE)
    for page in range(0, mib << 20, mmap.PAGESIZE):
        memory[page] = 1
    return memory


def settle():
    """A fork leaves every page of ours write-protected; who comes next would pay for that."""
    for _ in range(2):
        with_subprocess()
        with_timens()


def measure():
    samples = {name: [] for name in CASES}
    names = list(CASES)
    for name in names:
        CASES[name]()
    for _ in range(rounds):
        random.shuffle(names)
        for name in names:
            begin = time.perf_counter_ns()
            CASES[name]()
            samples[name].append(time.perf_counter_ns() - begin)
            if name in FORKS:
                settle()
    return {name: statistics.median(values) / 1e3 for name, values in samples.items()}


resident = make_resident()
medians = measure()
base = medians["subprocess.Popen"]
cases = {
    name: {"life_us": round(us, 1), "life_ratio": round(us / base, 3)}
    for name, us in medians.items()
}
print(json.dumps({"rounds": rounds, "cases": cases}))
