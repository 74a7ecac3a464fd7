# SPDX-License-Identifier: MIT
"""Start and wait of the command, interleaved with what one would type otherwise; and a sweep.

command.py TIMENS [ROUNDS]
"""

import json
import os
import random
import statistics
import subprocess
import sys
import time

timens = sys.argv[1]
rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
SECONDS = 1  # of each run of the sweep
JOBS = 4

TRUE = "/usr/bin/true"
CASES = {
    "env true": ["/usr/bin/env", TRUE],
    "timens run --uptime 49d true": [timens, "run", "--uptime", "49d", TRUE],
    "unshare -T --fork --boottime 4233600 true": [
        *("/usr/bin/unshare", "-T", "--fork", "--boottime", "4233600", TRUE)
    ],
}


def run(argv):
    pid = os.posix_spawn(argv[0], argv, os.environ)
    _, status = os.waitpid(pid, 0)
    assert status == 0


def measure_starts():
    samples = {name: [] for name in CASES}
    names = list(CASES)
    for _ in range(rounds):
        random.shuffle(names)
        for name in names:
            begin = time.perf_counter_ns()
            run(CASES[name])
            samples[name].append(time.perf_counter_ns() - begin)
    medians = {name: statistics.median(values) / 1e3 for name, values in samples.items()}
    base = next(iter(medians.values()))
    return {
        name: {"life_us": round(us, 1), "life_ratio": round(us / base, 3)}
        for name, us in medians.items()
    }


def measure_sweep():
    """Against the ideal: no work at all between the runs, the control being one of them."""
    argv = [timens, "sweep", "--json", "-j", str(JOBS), "--", "sleep", str(SECONDS)]
    begin = time.perf_counter()
    done = subprocess.run(argv, check=True, capture_output=True, text=True)
    took = time.perf_counter() - begin
    runs = 1 + len(json.loads(done.stdout)["suites"][0]["points"])
    ideal = -(-runs // JOBS) * SECONDS
    return {
        f"{runs} runs of sleep {SECONDS}, -j {JOBS}": {
            "seconds": round(took, 3),
            "ideal_seconds": ideal,
            "ratio": round(took / ideal, 3),
        }
    }


print(json.dumps({"starts": measure_starts(), "sweep": measure_sweep()}))
