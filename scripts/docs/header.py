# SPDX-License-Identifier: MIT
"""core/include/timens.h, taken apart: what manual pages and reference are made from.

The header is laid out for it: a banner per section, and blocks between blank lines, each with one
comment before its code. The first clause of a function's comment is what it does in a line.
"""

import errno
import re
from dataclasses import dataclass, field
from pathlib import Path

BANNER = re.compile(r"/\* -{20,}\n \* (?P<title>.*)\n \*/")
FUNCTION = re.compile(r"TIMENS_API (?P<type>[^;(]*?)(?P<name>timens_\w+)\((?P<args>[^;]*)\);")
ERRNOS = set(errno.errorcode.values())


@dataclass
class Function:
    name: str
    type: str
    args: list[str]

    @property
    def prototype(self) -> str:
        gap = "" if self.type.endswith("*") else " "
        return f"{self.type}{gap}{self.name}({', '.join(self.args)})"


@dataclass
class Block:
    """A comment and the code that it is about, either of which may be empty."""

    section: str
    comment: str
    code: str
    functions: list[Function] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """Of the types and constants that it defines."""
        types = re.findall(r"^(?:struct|enum) (\w+) \{", self.code, re.M)
        return types + re.findall(r"^#define (\w+)", self.code, re.M)

    @property
    def kind(self) -> str | None:
        found = re.match(r"(struct|enum) \w+ \{", self.code)
        return found[1] if found else None


@dataclass
class Header:
    intro: str
    blocks: list[Block]

    @property
    def sections(self) -> list[str]:
        return list(dict.fromkeys(block.section for block in self.blocks))

    @property
    def functions(self) -> list[tuple[Function, Block]]:
        return [(function, block) for block in self.blocks for function in block.functions]

    def types_of(self, function: Function) -> list[Block]:
        """The blocks of what it takes, and of what those speak of in their section; but for those
        that belong to an earlier function."""
        earlier = [other for other, _ in self.functions]
        earlier = earlier[: earlier.index(function)]
        taken = {id(block) for other in earlier for block in self._used_by(other)}
        return [block for block in self._used_by(function) if id(block) not in taken]

    def _used_by(self, function: Function) -> list[Block]:
        found = [block for block in self.blocks if self._is_taken(block, function)]
        for block in found:
            for other in self.blocks:
                if other not in found and other.section == block.section and _speaks(block, other):
                    found.append(other)
        return sorted(found, key=self.blocks.index)

    @staticmethod
    def _is_taken(block: Block, function: Function) -> bool:
        words = set(re.findall(r"\w+", " ".join([*function.args, function.type])))
        names = words & set(block.names) - {"timens_error", "timens_timespec", "timens_offsets"}
        return not block.functions and bool(names)


def _speaks(block: Block, other: Block) -> bool:
    """Of its constants, by their common beginning and a star, or of all of it, as a note."""
    text = block.comment + block.code
    for prefix in re.findall(r"\b(TIMENS_\w+_)\*", text):
        if any(name.startswith(prefix) for name in other.names) and other.kind is None:
            return True
    structs = [name for name in other.names if other.kind == "struct"]
    return any(re.search(rf"struct {name} \*", block.code) for name in structs)


def plain(comment: str) -> str:
    """A comment without its stars."""
    lines = comment.removeprefix("/*").removesuffix("*/").split("\n")
    text = [re.sub(r"^ \* ?|^\t ?", "", line).rstrip() for line in lines]
    text[0] = text[0].strip()
    return "\n".join(text).strip("\n")


def blocks_of(section: str, text: str) -> list[Block]:
    found: list[Block] = []
    for part in re.split(r"\n\n+", text.strip()):
        for piece in re.split(r"\n(?=/\*)", part):
            comment = re.match(r"/\*.*?\*/", piece, re.S)
            code = piece[comment.end() :].strip() if comment else piece.strip()
            block = Block(section, plain(comment[0]) if comment else "", code)
            block.functions = [_function(match) for match in FUNCTION.finditer(code)]
            if not code and found:
                found[-1].comment = f"{found[-1].comment}\n\n{block.comment}".strip()
            else:
                found.append(block)
    return found


def _function(match: re.Match[str]) -> Function:
    args = [re.sub(r"\s+", " ", arg).strip() for arg in match["args"].split(",")]
    return Function(match["name"], match["type"].strip(), args)


def read(path: Path) -> Header:
    text = path.read_text(encoding="utf-8")
    intro = re.search(r"^/\*\n \* timens: .*?\*/", text, re.M | re.S)
    assert intro
    pieces = BANNER.split(text.partition("#ifdef __cplusplus\n}")[0])
    blocks = [
        block
        for title, body in zip(pieces[1::2], pieces[2::2], strict=True)
        for block in blocks_of(title, body)
    ]
    return Header(plain(intro[0]), blocks)


def summary(block: Block) -> str:
    """The first clause of its comment."""
    text = re.sub(r"\s+", " ", block.comment)
    return re.split(r"[.;:](?: |$)", text)[0]


# -- Comments as paragraphs, lists and code --


@dataclass
class Paragraph:
    text: str


@dataclass
class Bullets:
    items: list[str]


@dataclass
class Table:
    """Terms, and what is said of each."""

    rows: list[tuple[str, str]]


@dataclass
class Code:
    text: str


Part = Paragraph | Bullets | Table | Code


def parts(comment: str) -> list[Part]:
    found: list[Part] = []
    for lines in _runs(comment.split("\n")):
        kind = _kind(lines[0])
        if kind == "code":
            found.append(Code("\n".join(line.removeprefix("\t") for line in lines)))
        elif kind == "bullet":
            found.append(Bullets(_items(lines, r"^ - ")))
        elif kind == "row":
            rows = [item.split(None, 1) for item in _items(lines, r"^ {1,2}(?=\S)")]
            found.append(Table([(term, text) for term, text in rows]))
        elif lines[0]:
            found.append(Paragraph(" ".join(line.strip() for line in lines)))
    return found


def _kind(line: str) -> str:
    if line.startswith("\t"):
        return "code"
    if line.startswith(" - "):
        return "bullet"
    return "row" if line.startswith(" ") else "text" if line else ""


def _runs(lines: list[str]) -> list[list[str]]:
    """Lines that belong together."""
    runs: list[list[str]] = [[]]
    for line in lines:
        kind = _kind(line)
        last = _kind(runs[-1][0]) if runs[-1] else None
        goes_on = last in ("bullet", "row") and kind in (last, "row", "code")
        if kind and (goes_on or kind == last):
            runs[-1].append(line)
        else:
            runs.append([line])
    return [run for run in runs if run and run != [""]]


def _items(lines: list[str], start: str) -> list[str]:
    items: list[str] = []
    for line in lines:
        if re.match(start, line):
            items.append(re.sub(start, "", line).strip())
        else:
            items[-1] += " " + line.strip()
    return items


# -- Words with a meaning --

PAGE = re.compile(r"(\w+)\((\d\w*)\)")


def meaning(word: str) -> str | None:
    """What a word of a comment is: "page", "function", "errno", "constant", "literal"."""
    if re.fullmatch(PAGE, word):
        return "page"
    if re.fullmatch(r"`[^`]+`", word):
        return "literal"
    if word in ERRNOS:
        return "errno"
    if re.fullmatch(r"timens_\w+", word):
        return "function"
    if re.fullmatch(r"(TIMENS|CLONE|CLOCK|CAP|RLIMIT|SIG|PR|KTIME|SET)_?[A-Z0-9_]+\*?", word):
        return "constant"
    return None


WORD = re.compile(r"(?P<before>[(\[]*)(?P<word>.*?)(?P<after>[)\].,;:]*)$")


def words(text: str) -> list[tuple[str, str, str]]:
    """(opening brackets, word, closing punctuation); a literal with blanks is one word."""
    found = []
    for token in re.findall(r"(?:`[^`]*`|[^\s`])+", text):
        match = WORD.match(token)
        assert match
        before, word, after = match["before"], match["word"], match["after"]
        # The brackets of clone3(2) are its own.
        if after and re.fullmatch(r"\w+\(\d\w*", word) and after.startswith(")"):
            word, after = word + ")", after[1:]
        found.append((before, word, after))
    return found
