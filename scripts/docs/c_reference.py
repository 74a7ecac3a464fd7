# SPDX-License-Identifier: MIT
"""The reference of the C library as reStructuredText, from the comments of the header."""

import re

import header as h


def escape(text: str) -> str:
    return re.sub(r"([*\\|])|(?<=\w)(_)(?=\W|$)", r"\\\g<0>", text)


def inline(before: str, word: str, after: str, own: set[str]) -> str:
    kind = h.meaning(word)
    if kind == "function" and word in own:
        marked = f":c:func:`{word}`"
    elif kind == "page":
        marked = f":manpage:`{word}`"
    elif kind:
        marked = f"``{word.strip('`')}``"
    else:
        return escape(before + word + after)
    # An escaped blank ends a role before what would go on with it.
    return f"{escape(before)}{marked}{'' if after[:1] in ('', ' ') else chr(92) + ' '}{after}"


def prose(text: str, own: set[str]) -> str:
    return " ".join(inline(*word, own) for word in h.words(text))


def code(text: str) -> list[str]:
    lines = [f"   {line.expandtabs(8)}".rstrip() for line in text.split("\n")]
    return [".. code-block:: c", "", *lines, ""]


def comment(text: str, own: set[str]) -> list[str]:
    lines: list[str] = []
    for part in h.parts(text):
        if isinstance(part, h.Code):
            lines += code(part.text)
        elif isinstance(part, h.Paragraph):
            lines += [prose(part.text, own), ""]
        elif isinstance(part, h.Bullets):
            lines += [*(f"- {prose(item, own)}" for item in part.items), ""]
        else:
            for term, said in part.rows:
                lines += [f"``{term}``", f"   {prose(said, own)}"]
            lines.append("")
    return lines


def indented(lines: list[str]) -> list[str]:
    return [f"   {line}" if line else "" for line in lines]


def type_entry(block: h.Block, own: set[str]) -> list[str]:
    names = [name for name in block.names if block.kind and name.startswith("timens_")]
    body = [*comment(block.comment, own), *code(block.code)]
    # Sphinx has one room for tags and functions.
    if own & set(names):
        return [f".. rubric:: {block.kind} {names[0]}", "", *body]
    if names:
        lines = [f".. c:{block.kind}:: {name}" for name in names]
    else:
        constants = [name for name in block.names if name.isupper()]
        lines = [f".. c:macro:: {constants[0]}"]
        lines += [f"             {name}" for name in constants[1:]]
    return [*lines, "", *indented(body)]


def function_entry(function: h.Function, block: h.Block, own: set[str]) -> list[str]:
    constants = [line for line in block.code.split("\n") if line.startswith("#define")]
    body = comment(block.comment, own)
    body += code("\n".join(constants)) if constants else []
    return [f".. c:function:: {function.prototype}", "", *indented(body)]


def page(header: h.Header) -> str:
    own = {function.name for function, _ in header.functions}
    first, _, rest = header.intro.partition("\n\n")
    title = "The C library"
    lines = [title, "=" * len(title), "", "``timens.h``: " + first.removeprefix("timens: "), ""]
    lines += ["Each function has a page of the manual as well, such as ``man timens_spawn``.", ""]
    lines += comment(rest, own)
    for section in header.sections:
        lines += [section, "-" * len(section), ""]
        for block in header.blocks:
            if block.section == section and block.functions:
                lines += [
                    line
                    for function in block.functions
                    for line in function_entry(function, block, own)
                ]
            elif block.section == section:
                lines += type_entry(block, own)
    return "\n".join(lines) + "\n"
