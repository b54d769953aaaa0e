"""Repeatable chance.

Only `random.Random.random()` is promised to give the same numbers in every Python version, so every draw here is built
on it. A draw never depends on how many draws were made elsewhere: each company and each day has its own source.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Chance:
    """A source of repeatable draws, keyed by the seed and any number of words."""

    __slots__ = ("_draw",)

    def __init__(self, seed: int, *keys: object) -> None:
        self._draw = Random("|".join([str(seed), *map(str, keys)])).random

    def below(self, bound: int) -> int:
        """A whole number from 0 up to but not including `bound`."""
        return int(self._draw() * bound)

    def between(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return low + int(self._draw() * (high - low + 1))

    def happens(self, permille: int) -> bool:
        return self._draw() * 1000 < permille

    def pick(self, options: Sequence[T]) -> T:
        return options[int(self._draw() * len(options))]

    def sample(self, options: Sequence[T], count: int) -> list[T]:
        """`count` different options, in the order drawn."""
        pool = list(options)
        return [pool.pop(self.below(len(pool))) for _ in range(min(count, len(pool)))]

    def around(self, mean_cents: int, spread_permille: int) -> int:
        """An amount near `mean_cents`, skewed as invoices are: many smaller, a few large; never below one unit."""
        swing = self.below(1001) + self.below(1001) - 1000
        skewed = swing if swing < 0 else swing * 3 // 2
        cents = mean_cents + mean_cents * skewed * spread_permille // 1_000_000
        return max(100, cents + self.between(-49, 50))

    def arrivals(self, thousandths: int) -> int:
        """How many of something happen today, when `thousandths` / 1000 happen on an average day."""
        whole, rest = divmod(thousandths, 1000)
        count = whole + self.happens(rest)
        if count and self.happens(250):
            return count - 1
        return count + 1 if count and self.happens(250) else count
