# SPDX-License-Identifier: MIT
"""Constants and layouts of two headers, as the compiler has them."""

import re
import shutil

from interface import call

# These may grow at the end: their size is no constant.
GROWING = {"timens_offsets", "timens_spawn_args", "timens_support"}


def constants_of(header):
    """The macros with a number, and the members of enums."""
    found = re.findall(
        r"^(?:#define |\t)(TIMENS_\w+)\s+(?:= )?[\d(U]", header.read_text(), re.MULTILINE
    )
    return [name for name in found if not name.startswith("TIMENS_VERSION")]


def layouts_of(header):
    """Place and size of each member of each struct."""
    text = re.sub(r"/\*.*?\*/", "", header.read_text(), flags=re.DOTALL)
    found = []
    for name, body in re.findall(
        r"^struct (timens_\w+) \{(.*?)^\};", text, re.DOTALL | re.MULTILINE
    ):
        if name not in GROWING:
            found.append(f"sizeof(struct {name})")
        for member in re.findall(r"(\w+)(?:\[\w+\])?(?=[,;])", body):
            found += [
                f"offsetof(struct {name}, {member})",
                f"sizeof(((struct {name} *)0)->{member})",
            ]
    return found


def _values(header, expressions, folder):
    folder.mkdir(exist_ok=True)
    shutil.copy2(header, folder / "timens.h")
    lines = "".join(f"\tSHOW({expression});\n" for expression in expressions)
    (folder / "values.c").write_text(
        '#include <stddef.h>\n#include <stdio.h>\n#include "timens.h"\n'
        '#define SHOW(...) printf("%lld\\n", (long long)(__VA_ARGS__))\n'
        f"int main(void)\n{{\n{lines}\treturn 0;\n}}\n"
    )
    call("cc", "-Werror", f"-I{folder}", "-o", folder / "values", folder / "values.c")
    return dict(zip(expressions, call(folder / "values").splitlines(), strict=True))


def changed_values(names_of, then, now, folder):
    """Of what the header `then` has: what is not the same in `now`, or not there."""
    names = names_of(then)
    known = [name for name in names if name in set(names_of(now))]
    old, new = _values(then, known, folder / "then"), _values(now, known, folder / "now")
    return {name for name in names if name not in new or old[name] != new[name]}
