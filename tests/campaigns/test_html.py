# SPDX-License-Identifier: MIT
"""The page of timens sweep --html, in a browser: light, dark, and as wide as a phone."""

import json
import re
import shutil
import subprocess

import pytest
from conftest import skip
from PIL import Image
from sweeps import POINTS, shell, sweep

FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    "--hide-scrollbars",
)
DARK = ("--force-dark-mode", "--blink-settings=preferredColorScheme=0")
SCRIPT = """
echo '<script>document.title = "run"</script><b id="bold">bold</b>'
for i in $(seq 40); do echo "a line that is much longer than a phone is wide: $i $i"; done
case $TIMENS_POINT in u32-ms|i32-cs) exit 3;; esac
"""
FAILED = 2

# What layout has made of the page, put into it where --dump-dom shows it.
MEASURE = """<script>
const box = element => { const r = element.getBoundingClientRect();
  return [r.left, r.top, r.right, r.bottom].map(Math.round) };
const text = element => { const range = document.createRange();
  range.selectNodeContents(element); return range };
const all = what => [...document.querySelectorAll(what)];
const found = {title: document.title, bold: all("#bold").length,
  width: innerWidth, content: document.documentElement.scrollWidth,
  background: getComputedStyle(document.body).backgroundColor,
  color: getComputedStyle(document.body).color,
  labels: all("svg a text").map(box), dots: all("svg circle, svg rect").map(box),
  svg: box(all("svg")[0]), holder: box(all(".line")[0]),
  rows: all("tbody tr").map(row => row.innerText), rowboxes: all("tbody tr").map(box),
  outputs: all(".output").map(e => ({hidden: e.scrollHeight - e.clientHeight, box: box(e),
    text: box(text(e))})),
  fonts: all("td, pre, p, svg text").map(e => parseFloat(getComputedStyle(e).fontSize)),
  requests: performance.getEntriesByType("resource").length};
parent.postMessage(JSON.stringify(found), "*");
</script>"""

# A window is never less wide than 500, a frame is.
FRAME = """<!DOCTYPE html><output id="found"></output><script>
onmessage = event => { document.querySelector("#found").textContent = event.data };
</script><iframe src="measured.html" style="width:{width}px;height:900px;border:0"></iframe>"""


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    file = folder / "sweep.html"
    sweep("--lead", "0s", "--html", str(file), *shell(SCRIPT), status=1)
    return file


class Browser:
    def __init__(self, folder):
        self.program = shutil.which("chromium")
        if not self.program:
            skip("there is no chromium here")
        self.folder, self.runs = folder, 0

    def run(self, *words):
        self.runs += 1
        profile = self.folder / f"profile-{self.runs}"
        profile.mkdir()
        return subprocess.run(
            [self.program, *FLAGS, f"--user-data-dir={profile}", *words],
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        ).stdout

    def measure(self, page, width, *flags):
        copy = self.folder / "measured.html"
        copy.write_text(page.read_text().replace("</body>", f"{MEASURE}</body>"))
        frame = self.folder / "frame.html"
        frame.write_text(FRAME.replace("{width}", str(width)))
        words = ("--window-size=1300,900", "--virtual-time-budget=2000", *flags, "--dump-dom")
        dom = self.run(*words, frame.as_uri())
        text = re.search(r'<output id="found">(.*?)</output>', dom, re.DOTALL)[1]
        return json.loads(text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))

    def picture(self, page, width, *flags):
        file = self.folder / "picture.png"
        self.run(f"--window-size={width},900", *flags, f"--screenshot={file}", page.as_uri())
        with Image.open(file) as image:
            return image.convert("RGB")


@pytest.fixture
def browser(tmp_path):
    return Browser(tmp_path)


def is_red(pixel):
    return pixel[0] > 180 and max(pixel[1:]) < 110


def is_green(pixel):
    return pixel[1] > pixel[0] + 60 and pixel[1] > pixel[2] + 40


def assert_shows_results(image):
    data = image.tobytes()
    pixels = list(zip(data[::3], data[1::3], data[2::3], strict=True))
    assert sum(map(is_red, pixels)) > 200
    assert sum(map(is_green, pixels)) > 1000


def brightness(pixel):
    return sum(pixel) / 3


def overlap(a, b):
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def test_light(browser, page):
    found = browser.measure(page, 1100)
    assert found["background"] == "rgb(255, 255, 255)"
    image = browser.picture(page, 1100)
    assert brightness(image.getpixel((3, 3))) > 240
    assert_shows_results(image)


def test_dark(browser, page):
    found = browser.measure(page, 1100, *DARK)
    background = [int(n) for n in re.findall(r"\d+", found["background"])]
    color = [int(n) for n in re.findall(r"\d+", found["color"])]
    assert brightness(background) < 40
    assert brightness(color) > 200
    image = browser.picture(page, 1100, *DARK)
    assert brightness(image.getpixel((3, 3))) < 40
    assert_shows_results(image)


def test_output_is_text(browser, page):
    found = browser.measure(page, 1100)
    assert found["title"] == "timens sweep: failed"
    assert found["bold"] == 0
    assert found["requests"] == 0


@pytest.mark.parametrize("width", [1100, 390])
def test_output_is_scrolled_to_its_end(browser, page, width):
    outputs = browser.measure(page, width)["outputs"]
    assert len(outputs) == FAILED
    for output in outputs:
        assert output["hidden"] > 100
        assert output["text"][1] < output["box"][1]
        assert output["box"][3] - 40 < output["text"][3] < output["box"][3]


def test_timeline(browser, page):
    found = browser.measure(page, 1100)
    assert len(found["labels"]) == len(found["dots"]) == len(POINTS)
    for i, dot in enumerate(found["dots"]):
        assert all(not overlap(dot, other) for other in found["dots"][:i])
        assert found["svg"][0] <= dot[0] and dot[2] <= found["svg"][2]
    # The kernel's own limit is right of all; both ends are within the picture.
    lefts = [dot[0] for dot in found["dots"]]
    assert lefts == sorted(lefts)
    for label in found["labels"]:
        assert found["svg"][1] <= label[1] and label[2] <= found["svg"][2]


@pytest.mark.parametrize("flags", [(), DARK])
def test_phone(browser, page, flags):
    found = browser.measure(page, 390, *flags)
    # The page does not scroll sideways: its timeline and its output do, in themselves.
    assert found["width"] == 390
    assert found["content"] <= 390
    assert found["holder"][2] <= 390 < found["svg"][2]
    assert min(found["fonts"]) >= 12
    assert len(found["rows"]) == len(POINTS) + 1
    assert all(box[0] >= 0 and box[2] <= 390 for box in found["rowboxes"])
    assert sum("FAILED" in row for row in found["rows"]) == FAILED
    assert_shows_results(browser.picture(page, 390, *flags))
