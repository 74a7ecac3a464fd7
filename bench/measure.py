# SPDX-License-Identifier: MIT
"""Takes the samples of several cases in turns, and says what they come to."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

# Samples that a case takes at a time; fewer of those that take long. On a busy machine a process
# that has just been woken is not alike one that runs.
TURN, SHORT_TURN = 20, 5
RESAMPLES = 1000


@dataclass
class Case:
    """`take(n)` takes n samples: a list each of what is measured."""

    name: str
    take: Callable[[int], list[tuple[float, ...]]]
    share: float = 1.0  # of the rounds, for cases that take long
    samples: list[tuple[float, ...]] = field(default_factory=list)

    def turns(self, rounds: int) -> list[tuple[float, int]]:
        """Moments, spread evenly over the run and at random in the parts of it; and sizes."""
        wanted = max(SHORT_TURN, round(rounds * self.share))
        size = TURN if wanted >= 5 * TURN else SHORT_TURN
        count = -(-wanted // size)
        return [((i + random.random()) / count, size) for i in range(count)]


def take_turns(cases: Sequence[Case], rounds: int) -> None:
    """In random order, and none only early or late: a machine that slows down meets all alike."""
    turns = [(moment, size, case) for case in cases for moment, size in case.turns(rounds)]
    for _, size, case in sorted(turns, key=lambda turn: turn[0]):
        case.samples += case.take(size)


def summary(values: np.ndarray) -> dict[str, float]:
    low, middle, high = np.percentile(values, [25, 50, 75])
    return {"median": round(middle, 2), "q1": round(low, 2), "q3": round(high, 2)}


def medians_of_resamples(values: np.ndarray, random_source: np.random.Generator) -> np.ndarray:
    picks = random_source.integers(0, len(values), (RESAMPLES, len(values)))
    return np.median(values[picks], axis=1)


def ratio(values: np.ndarray, base: np.ndarray) -> dict[str, float | list[float]]:
    """Of the medians, with the interval that 95 % of bootstrap resamples are in."""
    source = np.random.default_rng(1)
    resampled = medians_of_resamples(values, source) / medians_of_resamples(base, source)
    low, high = np.percentile(resampled, [2.5, 97.5])
    return {
        "ratio": round(float(np.median(values) / np.median(base)), 3),
        "interval": [round(float(low), 3), round(float(high), 3)],
    }


def results(cases: Sequence[Case], columns: Sequence[str], base: str) -> dict[str, dict]:
    """For each case and column: median, quartiles, and the ratio to the case `base`."""
    arrays = {case.name: np.array(case.samples) for case in cases}
    return {
        name: {"samples": len(values)}
        | {
            column: summary(values[:, i]) | ratio(values[:, i], arrays[base][:, i])
            for i, column in enumerate(columns)
        }
        for name, values in arrays.items()
    }
