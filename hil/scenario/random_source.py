"""Random numbers that are the same on every Python version: all drawing goes through these few methods."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import TypeVar

__all__ = ["RandomSource"]

T = TypeVar("T")


class RandomSource:
    """Seeded source; built on ``random()`` and ``getrandbits()`` of the Mersenne twister, which never change."""

    def __init__(self, *seeds: int | str) -> None:
        self._random = random.Random(" ".join(str(seed) for seed in seeds))

    def chance(self, probability: float) -> bool:
        return self._random.random() < probability

    def uniform(self, low: float, high: float) -> float:
        return low + (high - low) * self._random.random()

    def log_uniform(self, low: float, high: float) -> float:
        """Return a number between two positive bounds; each factor of ten is as likely as the next."""
        return math.exp(self.uniform(math.log(low), math.log(high)))

    def integer(self, low: int, high: int) -> int:
        """Return an integer from ``low`` to ``high``, both included."""
        return low + int(self._random.random() * (high - low + 1))

    def bits(self, count: int) -> int:
        return self._random.getrandbits(count)

    def pick(self, items: Sequence[T]) -> T:
        return items[int(self._random.random() * len(items))]

    def subset(self, items: Sequence[T], probability: float) -> list[T]:
        """Return each item with the given probability, at least one."""
        chosen = [item for item in items if self.chance(probability)]
        return chosen or [self.pick(items)]
