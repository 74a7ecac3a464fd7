# SPDX-License-Identifier: MIT
"""timens points: the table of rollovers."""

import json

import pytest
from conftest import assert_fails, timens


def points_json(*words):
    return json.loads(timens("points", "--json", *words, check=True).stdout)


def test_table():
    head, *lines = timens("points", check=True).stdout.splitlines()
    assert head.split() == ["POINT", "UPTIME", "WHAT", "ROLLS", "OVER"]
    assert [line.split()[0] for line in lines] == [point["name"] for point in points_json()]
    column = head.index("WHAT")
    assert all(line[column - 1] == " " and line[column] != " " for line in lines)
    (line,) = [line for line in lines if line.startswith("u32-ms")]
    assert "49d17h2m47.296s" in line
    assert max(map(len, lines)) <= 80


def test_json():
    points = points_json()
    readings = [(p["reading"]["sec"], p["reading"]["nsec"]) for p in points]
    assert len(points) >= 11
    assert readings == sorted(readings)
    (point,) = [p for p in points if p["name"] == "u32-ms"]
    assert point["reading"] == {"sec": 4294967, "nsec": 296000000}
    assert set(point) == {"name", "reading", "counter", "effect", "reported"}


def test_one_point():
    text = timens("points", "u32-ms", "@fresh", check=True).stdout
    assert "u32-ms: 49d17h2m47.296s" in text
    assert "starts again at 0" in text
    assert "fresh: 0s" in text
    assert [p["name"] for p in points_json("@u32-ms", "fresh")] == ["u32-ms", "fresh"]


@pytest.mark.parametrize("words", [[], ["--json"]])
def test_unknown_point(words):
    done = timens("points", *words, "u32-ms", "u32-sm")
    assert_fails(done, 125, "timens points: unknown point 'u32-sm'", "did you mean u32-")
    assert done.stdout == "" or not words
