# SPDX-License-Identifier: MIT
"""Puts together what Sphinx reads: source.py BUILD FOLDER

That is docs/ as it stands, and the references, which are made here: C from timens.h, Lua from its
definitions, the manual from mandoc. docs/index.md has the order of the pages; those that it does
not name come last.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import c_reference
import header
import lua_reference
import timens

REFERENCE = ("c.rst", "python.rst", "lua.md", "points.md", "commands.md", "functions.md")
NO_MANUAL_HERE = "https://man7.org/linux/man-pages/man%S/%N.%S.html"


def copy(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree("docs", folder, ignore=shutil.ignore_patterns("man", "CMakeLists.txt"))
    for page in ("CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"):
        text = Path(page).read_text(encoding="utf-8").replace("](docs/", "](")
        (folder / page).write_text(text, encoding="utf-8")
    # From here they stand beside them.
    for page in folder.rglob("*.md"):
        text = page.read_text(encoding="utf-8")
        up = "../" * (len(page.relative_to(folder).parts) - 1)
        text = re.sub(rf"\]\(\.\./{up}([A-Z]+\.md)", rf"]({up}\1", text)
        page.write_text(text, encoding="utf-8")


def fragment(page: Path, others: Path) -> str:
    """A manual page as a piece of HTML, with links to those beside it."""
    target = f"%N.%S.html;{NO_MANUAL_HERE}"
    command = ["mandoc", "-Thtml", "-O", f"fragment,man={target}", page.resolve()]
    return subprocess.run(command, cwd=others, check=True, capture_output=True, text=True).stdout


def manual(pages: list[Path], folder: Path) -> list[str]:
    """A document for each page, and the names of the documents."""
    folder.mkdir()
    # mandoc links to what is in its current folder under the name of its format.
    for page in pages:
        (folder / f"{page.name}.html").touch()
    for page in pages:
        html = fragment(page, folder)
        title = f"{page.stem}({page.suffix[1:]})"
        body = "\n".join(f"   {line}" for line in html.split("\n"))
        lines = [title, "=" * len(title), "", ".. raw:: html", "", body, ""]
        (folder / f"{page.name}.rst").write_text("\n".join(lines), encoding="utf-8")
    for page in pages:
        (folder / f"{page.name}.html").unlink()
    return [f"../man/{page.name}" for page in pages]


def listing(title: str, said: str, names: list[str]) -> str:
    body = "\n".join(names)
    return f"# {title}\n\n{said}\n\n```{{toctree}}\n:maxdepth: 1\n\n{body}\n```\n"


def points() -> str:
    """The table, with links to what was reported on GitHub."""
    rows = []
    for point in timens.points:
        reported = re.sub(
            r"([\w.-]+/[\w.-]+)#(\d+)", r"[\g<0>](https://github.com/\1/issues/\2)", point.reported
        )
        rows.append(
            f"| `{point.name}` | {str(point.reading).removeprefix('@')} | {point.counter} "
            f"| {point.effect} | {reported} |"
        )
    head = ["| point | uptime | what counts | what happens | reported |", "|---|---|---|---|---|"]
    said = "Readings at which a counter rolls over, as `timens points` lists them. A time is any of"
    said += " them with an `@`: `@u32-ms`, `@u32-ms-5s`."
    return "\n".join(["# Points", "", said, "", *head, *rows, ""])


def references(build: Path, folder: Path) -> None:
    out = folder / "reference"
    out.mkdir()
    library = header.read(Path("core/include/timens.h"))
    (out / "c.rst").write_text(c_reference.page(library), encoding="utf-8")
    text = lua_reference.page(Path("library/timens.lua"))
    (out / "lua.md").write_text(text, encoding="utf-8")
    (out / "points.md").write_text(points(), encoding="utf-8")
    shutil.copy("scripts/docs/python.rst", out / "python.rst")
    written = sorted(Path("docs/man").glob("*.[17]"))
    made = sorted((build / "man/man3").glob("*.3"))
    names = manual([*written, *made], folder / "man")
    commands = [name for name in names if not name.endswith(".3")]
    functions = [name for name in names if name.endswith(".3")]
    text = listing(
        "The command", "The manual of the command, and what all have in common.", commands
    )
    (out / "commands.md").write_text(text, encoding="utf-8")
    text = listing("The manual of the C library", "A page for each function.", functions)
    (out / "functions.md").write_text(text, encoding="utf-8")


def contents(folder: Path) -> None:
    """The order of the pages, for Sphinx, from the lists of index.md."""
    index = folder / "index.md"
    text = index.read_text(encoding="utf-8")
    text, _, _ = text.partition("\n## Reference\n")
    trees = []
    named: set[str] = set()
    for part in text.split("\n## ")[1:]:
        pages = re.findall(r"^- \[[^]]*\]\(([^)]+)\)", part, re.M)
        named |= set(pages)
        trees.append((part.split("\n")[0], pages))
    trees.append(("Reference", [f"reference/{page}" for page in REFERENCE]))
    pages = [str(path.relative_to(folder)) for path in sorted(folder.rglob("*.md"))]
    others = [p for p in pages if p not in named | {"index.md"} and not p.startswith("reference/")]
    trees.append(("The project", others))
    links = "\n".join(f"- {{doc}}`reference/{page.rpartition('.')[0]}`" for page in REFERENCE)
    tail = "\n".join(
        f"```{{toctree}}\n:hidden:\n:caption: {caption}\n\n" + "\n".join(names) + "\n```\n"
        for caption, names in trees
    )
    index.write_text(f"{text}\n## Reference\n\n{links}\n\n{tail}", encoding="utf-8")


def main() -> None:
    build, folder = map(Path, sys.argv[1:])
    copy(folder)
    references(build, folder)
    contents(folder)


main()
