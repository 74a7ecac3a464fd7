# SPDX-License-Identifier: MIT
"""Each function measures one thing, its cases in turns, and returns sections of the report.

A section is a title, what its columns are, and rows: by case, then by column, the figures.
"""

from pathlib import Path
from typing import Any

import clocks
import methods
import parallel
import shapes
from measure import results, take_turns

Section = dict[str, Any]


def section(title: str, unit: str, base: str, columns: list[str], rows: dict) -> Section:
    return {"title": title, "unit": unit, "base": base, "columns": columns, "rows": rows}


def by_method(build: Path, program: str, rounds: int) -> list[Section]:
    """All languages in one run."""
    groups = methods.groups(build, program)
    cases = {group.title: group.cases() for group in groups}
    take_turns([case for group in cases.values() for case in group], rounds)
    for worker in {group.worker for group in groups}:
        worker.end()
    return [
        section(
            group.title,
            "µs",
            f"the row {group.base}",
            list(group.columns),
            results(cases[group.title], group.columns, group.base),
        )
        for group in groups
    ]


def by_shape(shape: shapes.Shape, build: Path, program: str, rounds: int) -> list[Section]:
    workers = {value: shape.worker(build, program, value) for value in shape.values}
    cases = {method: shape.cases(method, workers) for method in shape.methods}
    take_turns([case for of_one in cases.values() for case in of_one], rounds)
    for worker in workers.values():
        worker.end()
    base = str(shape.values[0])
    figures = {method: results(c, ("call", "life"), base) for method, c in cases.items()}
    columns = [str(value) for value in shape.values]
    return [
        section(
            shape.title,
            f"µs, the {what}",
            f"{base} of them",
            columns,
            {method: {v: f[v][what] for v in columns} for method, f in figures.items()},
        )
        | {"shape": shape.name}
        for what in ("call", "life")
    ]


def by_threads(build: Path, program: str, rounds: int) -> Section:
    worker = parallel.worker(build, program)
    cases = {threads: parallel.cases(worker, threads) for threads in parallel.THREADS}
    take_turns([case for of_one in cases.values() for case in of_one], rounds)
    worker.end()
    rows: dict[str, dict] = {}
    for threads, of_one in cases.items():
        for method, figures in results(of_one, ("starts",), "posix_spawn").items():
            rows.setdefault(method, {})[str(threads)] = figures["starts"]
    columns = [str(threads) for threads in parallel.THREADS]
    return section("threads that start programs", "starts/s", "posix_spawn", columns, rows)


def of_clocks(build: Path, rounds: int) -> list[Section]:
    reads, sleeps = clocks.read_cases(build), clocks.sleep_cases(build)
    take_turns([*reads, *sleeps], rounds)
    base = clocks.AS_IT_IS
    return [
        section(title, unit, base, list(columns), results(cases, columns, base))
        for title, unit, columns, cases in (
            ("Reads of a clock", "ns", clocks.CLOCKS, reads),
            (f"sleep {clocks.SLEEP}", "ms", ("seen from outside",), sleeps),
        )
    ]


def all_sections(build: Path, program: str, rounds: int) -> tuple[list[Section], list[str]]:
    found = by_method(build, program, rounds)
    kinds, notes = shapes.shapes(rounds)
    for shape in kinds:
        found += by_shape(shape, build, program, rounds)
    found.append(by_threads(build, program, rounds))
    return found + of_clocks(build, rounds), notes
