# SPDX-License-Identifier: MIT
"""A recording of a terminal as one SVG: no script, no font from elsewhere.

Each line of the screen stands in it once for as long as it is the same, with the times between
which it shows. Where nothing moves (prefers-reduced-motion, or a viewer without animations) there
is the last picture.
"""

from dataclasses import dataclass, field
from html import escape
from itertools import groupby

CELL_WIDTH, CELL_HEIGHT, FONT_SIZE = 8.4, 19, 14
PADDING, TITLE = 14, 30
COLORS = {"red": "#ff7b72", "green": "#7ee787", "brown": "#e3b341", "yellow": "#e3b341"}
COLORS |= {"default": "#e6edf3", "cyan": "#79c0ff", "blue": "#79c0ff"}


@dataclass(frozen=True)
class Cell:
    text: str
    color: str
    bold: bool


Row = tuple[Cell, ...]


@dataclass
class Recording:
    columns: int
    rows: int
    frames: list[tuple[float, list[Row]]] = field(default_factory=list)
    end: float = 0.0

    def add(self, time: float, rows: list[Row]) -> None:
        self.frames.append((time, rows))

    def spells(self) -> list[tuple[int, Row, float, float]]:
        """(line, what it says, from, until)"""
        found = []
        for number in range(self.rows):
            lines = [(time, rows[number]) for time, rows in self.frames]
            changes = [(row, next(group)[0]) for row, group in groupby(lines, key=lambda x: x[1])]
            ends = [start for _, start in changes[1:]] + [self.end]
            found += [
                (number, row, start, end)
                for (row, start), end in zip(changes, ends, strict=True)
                if row and end > start
            ]
        return found


def _text(row: Row, y: float) -> str:
    spans = []
    x = 0
    for style, group in groupby(row, key=lambda cell: (cell.color, cell.bold)):
        text = "".join(cell.text for cell in group)
        if text.strip():
            color = COLORS.get(style[0], COLORS["default"])
            weight = ' font-weight="bold"' if style[1] else ""
            left = PADDING + x * CELL_WIDTH
            width = len(text) * CELL_WIDTH
            spans.append(
                f'<tspan x="{left:.1f}" textLength="{width:.1f}" fill="{color}"{weight}>'
                f"{escape(text)}</tspan>"
            )
        x += len(text)
    return f'<text y="{y:.0f}">{"".join(spans)}</text>'


class Styles:
    """A class for each pair of times."""

    def __init__(self, end: float) -> None:
        self.end = end
        self.names: dict[tuple[float, float], str] = {}

    def name(self, start: float, end: float) -> str:
        return self.names.setdefault((start, end), f"k{len(self.names)}")

    def css(self) -> str:
        rules = []
        for (start, end), name in self.names.items():
            first, last = (100 * t / self.end for t in (start, end))
            shown = f"{first:.2f}%{{opacity:1}}" if first else "0%{opacity:1}"
            before = "0%{opacity:0}" if first else ""
            after = f"{last:.2f}%{{opacity:0}}" if end < self.end else "100%{opacity:1}"
            still = 1 if end >= self.end else 0
            rules.append(f"@keyframes {name}{{{before}{shown}{after}}}")
            rules.append(f".{name}{{opacity:{still};animation-name:{name}}}")
        return "\n".join(rules)


def draw(recording: Recording) -> str:
    width = round(2 * PADDING + recording.columns * CELL_WIDTH)
    height = TITLE + recording.rows * CELL_HEIGHT + PADDING
    styles = Styles(recording.end)
    lines = []
    for number, row, start, end in recording.spells():
        y = TITLE + (number + 0.8) * CELL_HEIGHT
        lines.append(f'<g class="{styles.name(start, end)}">{_text(row, y)}</g>')
    buttons = "".join(
        f'<circle cx="{PADDING + 6 + 18 * i}" cy="16" r="5.5" fill="#484f58"/>' for i in range(3)
    )
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" \
width="{width}" height="{height}" role="img">
<!-- SPDX-License-Identifier: MIT. Made by make pictures. -->
<title>timens run and timens sweep in a terminal</title>
<style>
text{{font:{FONT_SIZE}px ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace;white-space:pre}}
g{{animation:{recording.end:.1f}s steps(1,end) infinite}}
{styles.css()}
@media (prefers-reduced-motion:reduce){{g{{animation:none}}}}
</style>
<rect width="{width}" height="{height}" rx="8" fill="#0d1117"/>
{buttons}
{chr(10).join(lines)}
</svg>
"""
