# SPDX-License-Identifier: MIT
"""Times as text, by the vectors that all languages share."""

import errno
import random

import pytest
import timens
from helpers import fails, vectors
from timens import _timens


def parse(text: str) -> list[int]:
    sec, nsec, is_reading = _timens.parse(text.encode())
    assert is_reading == ("@" in text)
    return [sec, nsec]


def test_vectors() -> None:
    lists = vectors("durations.json")
    assert lists["ok"] and lists["bad"] and lists["format"]
    assert lists["readings"]
    for row in lists["ok"] + lists["readings"]:
        assert parse(row["text"]) == [row["sec"], row["nsec"]], row
    for row in lists["bad"]:
        says = f"column {row['column']}: {row.get('says', '')}"
        with fails("parse", getattr(errno, row["errno"]), says):
            parse(row["text"])
    for row in lists["format"]:
        assert _timens.format(row["sec"], row["nsec"]) == row["text"], row
    for nsec in (10**9, -1):
        with pytest.raises(timens.InputError, match="nsec"):
            _timens.format(0, nsec)


def test_format_reads_back() -> None:
    edges = [0, 1, -1, 2**63 - 1, -(2**63), -(2**63) + 1]
    # Any numbers will do, as long as they are the same each time.
    numbers = random.Random(20200301)
    wide = [numbers.randrange(-(2**63), 2**63) >> numbers.randrange(60) for _ in range(2000)]
    for sec in edges + wide:
        for nsec in (0, 1, 10, 500000000, 123456789, 999999999):
            assert parse(_timens.format(sec, nsec)) == [sec, nsec]
