# SPDX-License-Identifier: MIT
"""start.py BOOTTIME PROGRAM [ARG…]: the program with its boottime moved; says by which route."""

import sys

import timens

with timens.spawn(sys.argv[2:], boottime=sys.argv[1]) as process:
    print("route", process.route, file=sys.stderr)
sys.exit(process.returncode)
