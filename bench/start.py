# SPDX-License-Identifier: MIT
"""Start and wait from Python: interleaved, medians, ratios to subprocess.Popen. Prints JSON.

start.py PROGRAM [ROUNDS]
"""

import json
import random
import statistics
import subprocess
import sys
import time

import timens

program = sys.argv[1]
rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
ARGV = [program, "nothing"]


def with_timens():
    timens.Popen(ARGV, boottime=1_000_000).wait()


def with_subprocess():
    subprocess.Popen(ARGV).wait()


def with_unshare():
    subprocess.Popen(["unshare", "-T", "--boottime", "1000000", *ARGV]).wait()


CASES = {
    "subprocess.Popen": with_subprocess,
    "timens.Popen": with_timens,
    "Popen of unshare -T": with_unshare,
}


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
    return {name: statistics.median(values) / 1e3 for name, values in samples.items()}


medians = measure()
base = medians["subprocess.Popen"]
cases = {
    name: {"life_us": round(us, 1), "life_ratio": round(us / base, 3)}
    for name, us in medians.items()
}
print(json.dumps({"rounds": rounds, "cases": cases}))
