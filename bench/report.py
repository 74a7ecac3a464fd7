# SPDX-License-Identifier: MIT
"""The figures as Markdown."""

from typing import Any


def cell(figures: dict[str, Any]) -> list[str]:
    """Median, quartiles, ratio, its interval."""
    low, high = figures["interval"]
    return [
        f"{figures['median']:g}",
        f"{figures['q1']:g} to {figures['q3']:g}",
        f"{figures['ratio']:.2f}",
        f"{low:.2f} to {high:.2f}",
    ]


def head(words: list[str]) -> list[str]:
    return ["| " + " | ".join(words) + " |", "|---" * len(words) + "|"]


def row(name: str, cells: list[str]) -> str:
    return f"| {name.replace('|', chr(92) + '|')} | " + " | ".join(cells) + " |"


def long_table(section: dict[str, Any], column: str) -> list[str]:
    words = [f"{column}, {section['unit']}", "quartiles", "ratio", "95 %"]
    return head(["", *words]) + [
        row(name, cell(figures[column])) for name, figures in section["rows"].items()
    ]


def short_table(section: dict[str, Any]) -> list[str]:
    """All columns side by side, with the ratio in brackets."""

    def brief(figures: dict[str, Any]) -> str:
        return f"{figures['median']:g} ({figures['ratio']:.2f})"

    columns = section["columns"]
    return head(["", *columns]) + [
        row(name, [brief(figures[column]) for column in columns])
        for name, figures in section["rows"].items()
    ]


def markdown(machine: dict[str, Any], sections: list[dict[str, Any]]) -> str:
    lines = [
        "# Figures",
        "",
        f"Linux {machine['kernel']}, {machine['processor']}, {machine['cpus']} CPUs, "
        f"{machine['date']}, load {machine['load']}; {machine['rounds']} rounds. "
        "Medians; ratios are to the base that is named, with the interval that holds 95 % of "
        "bootstrap resamples.",
        *(f"{note}." for note in machine["notes"]),
    ]
    for section in sections:
        lines += ["", f"**{section['title']}** ({section['unit']}; base: {section['base']})", ""]
        if set(section["columns"]) <= {"call", "life"}:
            for column in section["columns"]:
                lines += [*long_table(section, column), ""]
        else:
            lines += short_table(section)
    return "\n".join(lines).rstrip() + "\n"
