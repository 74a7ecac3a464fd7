# SPDX-License-Identifier: MIT
"""The page of a sweep in a browser, as a picture: page.py OUT.png

Run it from the root of the tree, with the command's folder in PATH.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageChops

POINTS = "fresh,u32-us,i32-ms,u32-ms,f32-s,i32-cs"
SWEEP = ("timens", "sweep", "--points", POINTS, "-j", "8", "--html")
PROGRAM = ("python3", "examples/rollover/wait.py")
BROWSER = (
    *("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--hide-scrollbars", "--window-size=900,1600"),
)
MARGIN = 24
SIZE_MAX = 200_000


def sweep(page: Path) -> None:
    """The page names the machine; this one is called example."""
    named = ("unshare", "--uts", "sh", "-c", 'hostname example && exec "$@"', "sh")
    done = subprocess.run([*named, *SWEEP, page, "--", *PROGRAM], check=False, capture_output=True)
    if done.returncode != 1:
        raise SystemExit(f"the sweep was to fail at a point: {done.stderr.decode()}")
    # Not who built the kernel.
    page.write_text(re.sub(r"(Linux \d+\.\d+)[^ ,]*", r"\1", page.read_text()))


def photograph(page: Path, picture: Path) -> None:
    command = [*BROWSER, f"--screenshot={picture}", page.as_uri()]
    subprocess.run(command, check=True, capture_output=True, timeout=120)


def cut(picture: Path, out: Path) -> None:
    """Without what is empty below, and in few colours."""
    image = Image.open(picture).convert("RGB")
    paper = Image.new("RGB", image.size, image.getpixel((0, image.height - 1)))
    box = ImageChops.difference(image, paper).getbbox()
    assert box, "the page is empty"
    image = image.crop((0, 0, image.width, min(box[3] + MARGIN, image.height)))
    image.quantize(64).save(out, optimize=True)
    assert out.stat().st_size < SIZE_MAX, f"{out} has {out.stat().st_size} bytes"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        page, picture = Path(folder) / "sweep.html", Path(folder) / "sweep.png"
        sweep(page)
        photograph(page, picture)
        cut(picture, Path(sys.argv[1]))


main()
