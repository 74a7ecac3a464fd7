# SPDX-License-Identifier: MIT
"""The reference of the Lua module as Markdown, from the definitions that editors read."""

import re
from dataclasses import dataclass, field
from pathlib import Path

FUNCTION = re.compile(r"function ([\w.:]+)\((.*)\) end")
TYPE = re.compile(r"^(?P<type>(?:fun\(.*?\)|\{[^}]*\}|[^\s{]|\{[^}]*\}\S*)+)(?:\s+(?P<rest>.*))?$")


@dataclass
class Item:
    """A run of annotations and the line of code below, if it is a function."""

    prose: list[str] = field(default_factory=list)
    tags: list[tuple[str, str]] = field(default_factory=list)
    signature: tuple[str, str] | None = None

    def of(self, tag: str) -> list[str]:
        return [text for name, text in self.tags if name == tag]


def _add(item: Item, line: str) -> None:
    tag = re.match(r"---@(\w+) ?(.*)", line)
    if tag:
        item.tags.append((tag[1], tag[2]))
    elif line.startswith("---  ") and item.tags:
        name, text = item.tags.pop()
        item.tags.append((name, f"{text} {line[3:].strip()}"))
    else:
        item.prose.append(line[3:])


def items(text: str) -> list[Item | str]:
    """Items, and the titles between them."""
    found: list[Item | str] = []
    item = Item()
    for line in text.split("\n"):
        title = re.match(r"-- -- (.*) --$", line)
        function = FUNCTION.match(line)
        if line.startswith("---"):
            _add(item, line)
            continue
        if function:
            item.signature = (function[1], function[2])
        if item.prose or item.tags:
            found.append(item)
            item = Item()
        if title:
            found.append(title[1])
    return found


def cell(text: str) -> str:
    return text.replace("|", "\\|")


def _row(text: str) -> tuple[str, str, str]:
    """ "name type what it is" """
    name, _, rest = text.partition(" ")
    match = TYPE.match(rest)
    assert match, text
    return name, match["type"], match["rest"] or ""


def table(rows: list[tuple[str, str, str]]) -> list[str]:
    body = [f"| `{name}` | `{cell(kind)}` | {cell(what)} |" for name, kind, what in rows]
    return ["| name | type | |", "|---|---|---|", *body, ""]


def _prose(item: Item) -> list[str]:
    """Four blanks begin an example."""
    lines = ["\n".join(item.prose).strip("\n"), ""]
    return lines if any(line.strip() for line in item.prose) else []


def _function(item: Item) -> list[str]:
    assert item.signature
    name, arguments = item.signature
    lines = [f"### {name}({arguments})", "", *_prose(item)]
    if item.of("param"):
        lines += table([_row(text) for text in item.of("param")])
    returned = [f"`{text}`" for text in item.of("return")]
    return lines + ([f"Returns {'; '.join(returned)}.", ""] if returned else [])


def _class(item: Item) -> list[str]:
    name, _, base = item.of("class")[0].partition(":")
    lines = [f"### {name.strip()}", "", *_prose(item)]
    if base:
        lines += [f"Has all of `{base.strip()}`, and:", ""]
    return lines + (table([_row(text) for text in item.of("field")]) if item.of("field") else [])


def entry(item: Item) -> list[str]:
    if item.signature:
        return _function(item)
    if item.of("class"):
        return _class(item)
    lines = []
    for text in item.of("alias"):
        name, _, kinds = text.partition(" ")
        lines += [f"### {name}", "", *_prose(item), f"`{kinds}`", ""]
    return lines


def page(source: Path) -> str:
    lines = ["# The Lua module", "", f"From `{source}`, which editors read as well.", ""]
    lines += ["## The module", ""]
    for item in items(source.read_text(encoding="utf-8")):
        if isinstance(item, str):
            lines += [f"## {item}", ""]
        else:
            lines += entry(item)
    return "\n".join(lines)
