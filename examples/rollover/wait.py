# SPDX-License-Identifier: MIT
"""A wait that is right for 49 days, and a test of it.

    timens sweep --points i32-ms,u32-ms -- python3 examples/rollover/wait.py

The uptime is kept in milliseconds in 32 bits, as it comes from many a platform. A deadline is not
compared like that: close to 2^32 it is a small number, and the wait is over at once.
"""

import sys
import time

MASK = 0xFFFFFFFF


def ticks():
    return int(time.monotonic() * 1000) & MASK


def wait(milliseconds):
    deadline = (ticks() + milliseconds) & MASK
    while ticks() < deadline:  # right: (deadline - ticks()) & MASK <= MASK // 2
        time.sleep(0.005)


def test(seconds):
    """The judge is the wall clock, which is not moved."""
    end = time.time() + seconds
    while time.time() < end:
        start = time.time()
        wait(250)
        waited = time.time() - start
        if waited < 0.24:
            sys.exit(f"asked to wait 0.25 s, waited {waited:.3f} s")


if __name__ == "__main__":
    test(7)
