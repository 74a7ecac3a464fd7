# SPDX-License-Identifier: MIT
"""The rollover points: the table of all languages."""

import timens
from helpers import vectors


def test_the_shared_table() -> None:
    rows = vectors("durations.json")["points"]
    assert rows
    shown = [(p.name, p.reading.sec, p.reading.nsec) for p in timens.points]
    assert shown == [(row["name"], row["sec"], row["nsec"]) for row in rows]


def test_ascending_and_described() -> None:
    readings = [(p.reading.sec, p.reading.nsec) for p in timens.points]
    assert readings == sorted(readings)
    assert all(p.counter and p.effect for p in timens.points)
    assert str(timens.points[0]) == "fresh"
