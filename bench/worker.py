# SPDX-License-Identifier: MIT
"""The cases of Python, by the protocol of worker.c: worker.py PROGRAM [MIB resident]."""

import mmap
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


def resident(mib):
    """That much memory, every page touched; small ones, whose entries a fork copies."""
    memory = mmap.mmap(-1, mib << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    memory.madvise(mmap.MADV_NOHUGEPAGE)
    for page in range(0, mib << 20, mmap.PAGESIZE):
        memory[page] = 1
    return memory


def time_one(start):
    begin = time.perf_counter_ns()
    process = start()
    call = time.perf_counter_ns() - begin
    process.wait()
    return call, time.perf_counter_ns() - begin


def main():
    _memory = resident(int(sys.argv[2])) if len(sys.argv) > 2 else None
    for line in sys.stdin:
        _, count, case = line.rstrip("\n").split("\t")
        start = CASES[case]
        time_one(start)
        samples = [time_one(start) for _ in range(int(count))]
        print(*(ns for sample in samples for ns in sample), sep="\t", flush=True)


main()
