# SPDX-License-Identifier: MIT
"""The cases of Python, by the protocol of worker.c: worker.py PROGRAM."""

import os
import subprocess
import sys
import time

import timens

ARGV = [sys.argv[1], "nothing"]
UNSHARE = ["unshare", "-T", "--boottime", "1000000", "--monotonic", "1000000", *ARGV]


def nothing():
    pass


class Spawned:
    """What os.posix_spawn starts, with the one method that is wanted."""

    def __init__(self):
        self.pid = os.posix_spawn(ARGV[0], ARGV, os.environ)

    def wait(self):
        os.waitpid(self.pid, 0)


CASES = {
    "subprocess.Popen": lambda: subprocess.Popen(ARGV),
    "os.posix_spawn": Spawned,
    "subprocess.Popen, preexec_fn": lambda: subprocess.Popen(ARGV, preexec_fn=nothing),  # noqa: PLW1509
    "Popen of unshare -T": lambda: subprocess.Popen(UNSHARE),
    "timens.Popen": lambda: timens.Popen(ARGV, boottime=1_000_000, monotonic=1_000_000),
    "timens.Popen, preexec_fn": lambda: timens.Popen(
        ARGV, boottime=1_000_000, monotonic=1_000_000, preexec_fn=nothing
    ),
}


def time_one(start):
    begin = time.perf_counter_ns()
    process = start()
    call = time.perf_counter_ns() - begin
    process.wait()
    return call, time.perf_counter_ns() - begin


def main():
    for line in sys.stdin:
        _, count, case = line.rstrip("\n").split("\t")
        start = CASES[case]
        time_one(start)
        samples = [time_one(start) for _ in range(int(count))]
        print(*(ns for sample in samples for ns in sample), sep="\t", flush=True)


main()
