# SPDX-License-Identifier: MIT
"""Whether what was built is hardened as cmake/flags.cmake asks: hardening.py FILE...

It looks at the files themselves, where a flag that was lost on the way shows.
"""

import re
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path


@cache
def output(*words: str) -> str:
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def headers(file: str) -> str:
    return output("readelf", "-hlW", file)


def dynamic(file: str) -> str:
    return output("readelf", "-dW", file)


def code(file: str) -> str:
    return output("objdump", "-d", "--no-show-raw-insn", "--section=.text", file)


def is_arm(file: str) -> bool:
    return "AArch64" in headers(file)


def is_static(file: str) -> bool:
    """As the quick half of the command is, with musl: which has no fortified functions, and whose
    own code is as Debian has built it."""
    return "INTERP" not in headers(file) and "NEEDED" not in dynamic(file)


def symbols(file: str) -> list[str]:
    """Those that the dynamic linker sees."""
    return output("readelf", "--dyn-syms", "-W", file).splitlines()


def is_position_independent(file: str) -> bool:
    is_program = "INTERP" in headers(file)
    return bool(re.search(r"Type:\s+DYN", headers(file))) and (
        not is_program or bool(re.search(r"FLAGS_1.*PIE", dynamic(file)))
    )


def has_no_executable_data(file: str) -> bool:
    stack = re.search(r"GNU_STACK(?:\s+0x\w+){5}\s+(\S+)", headers(file))
    return stack is not None and "E" not in stack[1] and not re.search(r"LOAD.*RWE", headers(file))


def is_read_only_after_relocation(file: str) -> bool:
    return "GNU_RELRO" in headers(file) and "BIND_NOW" in dynamic(file)


def looks_nowhere_else(file: str) -> bool:
    return not re.search(r"TEXTREL|RPATH|RUNPATH", dynamic(file))


def has_stack_protector(file: str) -> bool:
    return "__stack_chk_fail" in output("readelf", "-sW", file)


def is_fortified(file: str) -> bool:
    return is_static(file) or any(re.search(r"UND __\w+_chk\b", line) for line in symbols(file))


def entries(file: str) -> list[str]:
    """The first instruction of each function that others call."""
    called = {
        line.split()[7].partition("@")[0]
        for line in symbols(file)
        if re.search(r"FUNC\s+GLOBAL\s+DEFAULT\s+\d+\s", line)
    } or {"main"}
    pattern = r"^[0-9a-f]+ <(\w+)(?:@@\w+)?>:\n\s+[0-9a-f]+:\s+(.*)$"
    return [
        first for name, first in re.findall(pattern, code(file), re.MULTILINE) if name in called
    ]


def has_branch_targets(file: str) -> bool:
    marks = ("bti", "paciasp") if is_arm(file) else ("endbr64",)
    return bool(entries(file)) and all(first.startswith(marks) for first in entries(file))


def has_stack_clash_protection(file: str) -> bool:
    """No function takes more than a page of stack at once, without touching it on the way."""
    if is_static(file):
        return True
    taken = r"sub\s+sp, sp, #0x([0-9a-f]+)" if is_arm(file) else r"sub\s+\$0x([0-9a-f]+),%rsp"
    most = 0x10000 if is_arm(file) else 0x1000
    steps = [int(size, 16) for size in re.findall(taken, code(file))]
    # What is past 31 bits is an addition.
    return bool(steps) and all(size <= most or size >> 31 for size in steps)


def exported(file: str) -> list[str]:
    pattern = r"(?:FUNC|OBJECT)\s+GLOBAL\s+DEFAULT\s+\d+\s+(\w+)"
    return [found[1] for line in symbols(file) if (found := re.search(pattern, line))]


def keeps_the_library_to_itself(file: str) -> bool:
    """A module of an interpreter: it has one function, which the interpreter calls."""
    names = exported(file)
    is_module = any(re.match(r"PyInit_|luaopen_", name) for name in names)
    return not is_module or len(names) == 1


CHECKS: dict[str, Callable[[str], bool]] = {
    "position independent": is_position_independent,
    "no executable stack or data": has_no_executable_data,
    "full RELRO": is_read_only_after_relocation,
    "no text relocations, no search path": looks_nowhere_else,
    "stack protector": has_stack_protector,
    "fortified": is_fortified,
    "branch protection": has_branch_targets,
    "stack clash protection": has_stack_clash_protection,
    "nothing of the library handed out": keeps_the_library_to_itself,
}


def main() -> int:
    missing = 0
    for file in sys.argv[1:]:
        lacks = [name for name, check in CHECKS.items() if not check(file)]
        print(f"hardening: {Path(file).name}: {'lacks ' + ', '.join(lacks) if lacks else 'all'}")
        missing += len(lacks)
    return missing > 0


if __name__ == "__main__":
    sys.exit(main())
