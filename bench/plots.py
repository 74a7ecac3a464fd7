# SPDX-License-Identifier: MIT
"""Two pictures: the start by method, and by the memory of the caller."""

from pathlib import Path
from typing import Any

from matplotlib import pyplot as plt

plt.switch_backend("svg")
# The same figures give the same file.
plt.rcParams["svg.hashsalt"] = "timens"
plt.rcParams["svg.fonttype"] = "none"

OURS, OTHERS = "#c44e52", "#8c8c8c"
Figures = dict[str, Any]


def save(figure: Any, path: Path) -> None:
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


def by_method(sections: list[Figures], path: Path) -> None:
    """Start and wait, each language in a part of its own."""
    shown = [s for s in sections if "life" in s["columns"] and "step" not in s["title"]]
    heights = [len(s["rows"]) for s in shown]
    figure, parts = plt.subplots(
        len(shown), 1, figsize=(8, 0.34 * sum(heights) + 0.5 * len(shown)), height_ratios=heights
    )
    for section, part in zip(shown, parts, strict=True):
        rows = {name: figures["life"] for name, figures in section["rows"].items()}
        middles = [f["median"] for f in rows.values()]
        errors = [
            [f["median"] - f["q1"] for f in rows.values()],
            [f["q3"] - f["median"] for f in rows.values()],
        ]
        colours = [OURS if "timens" in name else OTHERS for name in rows]
        part.barh(list(rows), middles, xerr=errors, color=colours, ecolor="#444444")
        part.set_title(section["title"], loc="left", fontsize=9)
        part.invert_yaxis()
        part.tick_params(labelsize=8)
    parts[-1].set_xlabel("µs from start to end of a program that does nothing: median, quartiles")
    save(figure, path)


def by_memory(section: Figures, path: Path) -> None:
    figure, part = plt.subplots(figsize=(7, 4))
    for name, figures in section["rows"].items():
        gib = [int(column) / 1024 for column in section["columns"]]
        part.plot(
            gib,
            [figures[column]["median"] for column in section["columns"]],
            marker="o",
            linestyle="-" if "timens" in name else "--",
            label=name,
        )
    part.set_yscale("log")
    part.set_xlabel("GiB resident in the caller")
    part.set_ylabel("µs until the start returns: median")
    part.legend(fontsize=8)
    save(figure, path)


def draw(sections: list[Figures], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    by_method(sections, folder / "by-method.svg")
    memory = next(s for s in sections if s.get("shape") == "resident")
    by_memory(memory, folder / "by-memory.svg")
