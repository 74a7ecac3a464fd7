# SPDX-License-Identifier: MIT
"""In the guest: each route shifts the clocks or is refused."""

import errno
import subprocess
from pathlib import Path

import timens

FILE = "/proc/self/timens_offsets"
right = []
for route in ("auto", "clone3", "vfork", "fork"):
    try:
        done = timens.run(
            ["cat", FILE, "/proc/uptime"],
            boottime=(86400, 1),
            monotonic=(-1, 999999999),
            route=route,
            capture_output=True,
            text=True,
        )
    except timens.Error as error:
        assert (route, error.stage) in {("clone3", "route"), ("vfork", "route")}, error
        assert isinstance(error, timens.UnsupportedError), type(error)
        assert error.errno == errno.EOPNOTSUPP, error
        print("ROUTE Python", route, "refused")
        continue
    *words, up, _ = done.stdout.split()
    assert words == ["monotonic", "-1", "999999999", "boottime", "86400", "1"], (route, words)
    # The file is right also where exec stays in the old namespace.
    assert 86400 < float(up) < 86400 + 3600, (route, up)
    right.append(route)
    if route != "auto":
        print("ROUTE Python", route, "right")
assert {"auto", "fork"} <= set(right), right
up = float(
    timens.run(["cat", "/proc/uptime"], uptime="@u32-ms-5s", capture_output=True).stdout.split()[0]
)
assert 4294962 <= up < 4294962 + 300, up
assert subprocess.run(["true"], check=True).returncode == 0
assert float(Path("/proc/uptime").read_text().split()[0]) < 86400
