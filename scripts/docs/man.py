# SPDX-License-Identifier: MIT
"""Writes libtimens(3) and a page for each public function, from the comments of the header.

man.py HEADER MAN7 FOLDER: the pages bear the date of MAN7, which is written by hand.
"""

import re
import sys
import textwrap
from collections.abc import Iterable
from pathlib import Path

import header as h

MACROS = {"errno": "Er", "constant": "Dv", "literal": "Li"}
# What mdoc would take for a macro or for the end of a sentence.
MACRO_LIKE = re.compile(r"^[A-Z][a-z]$|^%[A-Z]$")


def escape(text: str) -> str:
    text = text.replace("\\", r"\e").replace("…", "...")
    return r"\&" + text if text.startswith((".", "'")) else text


def argument(word: str) -> str:
    word = escape(word).replace('"', r"\(dq")
    word = word if not MACRO_LIKE.match(word) else r"\&" + word
    return f'"{word}"' if " " in word else word


def macro_line(kind: str, before: str, word: str, after: str) -> str:
    word = word.strip("`")
    page = h.PAGE.fullmatch(word)
    page = page or re.fullmatch(r"(timens_\w+)()", word) if kind == "function" else page
    name = f"Xr {page[1]} {page[2] or 3}" if page else f"{MACROS[kind]} {argument(word)}"
    macro, _, rest = name.partition(" ")
    return " ".join([f".{macro}", *before, rest, *after])


def prose(text: str, own: frozenset[str] = frozenset()) -> list[str]:
    """Lines of mdoc: one per word with a meaning, and no sentence that begins within a line."""
    lines: list[str] = []
    line: list[str] = []
    for before, word, after in h.words(text):
        kind = h.meaning(word)
        if kind == "function" and word not in own:
            kind = "literal"
        if kind:
            lines += wrapped(line)
            lines.append(macro_line(kind, before, word, after))
            line = []
        else:
            line.append(before + word + after)
            if after.endswith("."):
                lines += wrapped(line)
                line = []
    return lines + wrapped(line)


def wrapped(line: list[str]) -> list[str]:
    text = textwrap.wrap(" ".join(line), 78, break_long_words=False, break_on_hyphens=False)
    return [escape(part) for part in text]


def listing(code: str) -> list[str]:
    lines = [escape(line.expandtabs(8)) for line in code.split("\n")]
    return [".Bd -literal", *lines, ".Ed"]


def body(parts: list[h.Part], own: frozenset[str]) -> list[str]:
    lines: list[str] = []
    for part in parts:
        if isinstance(part, h.Code):
            lines += listing(part.text)
        elif isinstance(part, h.Paragraph):
            lines += [".Pp", *prose(part.text, own)]
        elif isinstance(part, h.Bullets):
            items = [[".It", *prose(item, own)] for item in part.items]
            lines += [".Bl -bullet", *flat(items), ".El"]
        else:
            rows = [[f".It {tag(term)}", *prose(text, own)] for term, text in part.rows]
            lines += [".Bl -tag -width credentials -compact", *flat(rows), ".El"]
    return lines[1:] if lines[:1] == [".Pp"] else lines


def tag(term: str) -> str:
    return f"Er {term}" if h.meaning(term) == "errno" else argument(term)


def flat(lists: Iterable[list[str]]) -> list[str]:
    return [line for lines in lists for line in lines]


def head(name: str, title: str, description: list[str], date: str) -> list[str]:
    return [
        r".\" SPDX-License-Identifier: MIT",
        r".\" Made from timens.h: change it there.",
        f".Dd {date}",
        f".Dt {title.upper()} 3",
        ".Os",
        ".Sh NAME",
        f".Nm {name}",
        *description,
        ".Sh LIBRARY",
        "timens",
        ".Pq libtimens, \\-ltimens",
        ".Sh SYNOPSIS",
        ".In timens.h",
    ]


def as_description(text: str) -> list[str]:
    text = text[0].lower() + text[1:] if not re.match(r"[A-Z_]{2}|\w+\(", text) else text
    return [f".Nd {escape(text.replace('`', ''))}"]


def synopsis(function: h.Function) -> list[str]:
    args = [f'.Fa "{arg}"' for arg in function.args]
    return [f'.Ft "{function.type}"', f".Fo {function.name}", *args, ".Fc"]


def types(blocks: list[h.Block], own: frozenset[str]) -> list[str]:
    if not blocks:
        return []
    lines: list[str] = []
    for block in blocks:
        lines += [".Pp", *body(h.parts(block.comment), own)] if block.comment else []
        lines += listing(block.code)
    return [".Sh TYPES", *(lines[1:] if lines[0] == ".Pp" else lines)]


def see_also(text: str, own: str) -> list[str]:
    """The pages that the text names, in mdoc's order."""
    found = {(section, name) for name, section in h.PAGE.findall(text)}
    found |= {("3", name) for name in re.findall(r"\btimens_\w+", text) if name in FUNCTIONS}
    found = (found | {("3", "libtimens"), ("7", "timens"), ("7", "time_namespaces")}) - {("3", own)}
    pages = [f".Xr {name} {section}" for section, name in sorted(found)]
    return [".Sh SEE ALSO", *(f"{page} ," for page in pages[:-1]), pages[-1]]


FUNCTIONS: set[str] = set()
RETURN = (
    "0 or a positive result, or a negative errno; errno itself is left alone. What goes wrong is "
    "told in `error`, which may be NULL and is written on failure only; other outputs are written "
    "on success only. See libtimens(3)."
)


def errors_of(parts: list[h.Part]) -> tuple[list[h.Part], list[h.Part]]:
    """What is said before its list of errors, and that."""
    for index, part in enumerate(parts):
        is_head = isinstance(part, h.Paragraph) and re.match(r"Errors(, [^:]*)?:$", part.text)
        if is_head and isinstance(parts[-1], h.Table):
            return parts[:index], parts[index:]
    return parts, []


def function_page(header: h.Header, function: h.Function, block: h.Block, date: str) -> list[str]:
    own = frozenset(FUNCTIONS)
    description, errors = errors_of(h.parts(block.comment))
    constants = [line for line in block.code.split("\n") if line.startswith("#define")]
    lines = head(function.name, function.name, as_description(h.summary(block)), date)
    lines += [f'.Fd "{line.partition("/*")[0].strip()}"' for line in constants]
    lines += [*synopsis(function), ".Sh DESCRIPTION", *body(description, own)]
    shown = header.types_of(function)
    lines += types(shown, own)
    if "struct timens_error *error" in function.args:
        lines += [".Sh RETURN VALUES", *prose(RETURN)]
    lines += [".Sh ERRORS", *body(errors, own)] if errors else []
    text = block.comment + "".join(other.comment for other in shown)
    lines = [re.sub(rf"^\.Xr {function.name} 3", f".Nm {function.name}", line) for line in lines]
    return lines + see_also(text, function.name)


def overview_page(header: h.Header, date: str) -> list[str]:
    own = frozenset(FUNCTIONS)
    first, _, rest = header.intro.partition("\n\n")
    lines = head(
        "libtimens", "libtimens", [f".Nd {first.removeprefix('timens: ').rstrip('.')}"], date
    )
    lines += [".Sh DESCRIPTION", *body(h.parts(rest), own), ".Sh FUNCTIONS", ".Bl -tag -width Ds"]
    for function, block in header.functions:
        lines += [f".It Xr {function.name} 3", *prose(h.summary(block) + ".", own)]
    lines += [".El"]
    shown = {id(b) for function, _ in header.functions for b in header.types_of(function)}
    rest_of_types = [b for b in header.blocks if not b.functions and id(b) not in shown]
    lines += types(rest_of_types, own)
    pages = " ".join(f"{name}(3)" for name in FUNCTIONS)
    return lines + see_also(f"{header.intro} {pages} clone3(2)", "libtimens")


def pages(header: h.Header, date: str) -> dict[str, str]:
    FUNCTIONS.update(function.name for function, _ in header.functions)
    made = {"libtimens.3": overview_page(header, date)}
    for function, block in header.functions:
        made[f"{function.name}.3"] = function_page(header, function, block, date)
    return {name: "\n".join(lines) + "\n" for name, lines in made.items()}


def main() -> None:
    source, dated, folder = map(Path, sys.argv[1:])
    date = re.search(r"^\.Dd (.*)$", dated.read_text(), re.M)
    assert date
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages(h.read(source), date[1]).items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
