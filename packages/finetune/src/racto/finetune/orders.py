"""Orders and splits that come out the same for the same seed, on every machine."""

from __future__ import annotations

import random
from array import array
from collections.abc import Iterator

from racto.core.errors import ConfigurationError


def shuffled_order(count: int, seed: int | None) -> array[int]:
    """The numbers from 0 to ``count - 1`` in a random order, eight bytes each.

    Args:
        count: How many there are.
        seed: Decides the order; None draws a new one each time.
    """
    # Fisher and Yates by ``random()``, the one method whose numbers Python promises to keep.
    draw = random.Random(seed).random  # noqa: S311 - an order, not a secret
    order = array("Q", range(count))
    for last in range(count - 1, 0, -1):
        other = int(draw() * (last + 1))
        order[last], order[other] = order[other], order[last]
    return order


def sides(count: int, train_ratio: float, seed: int | None) -> Iterator[bool]:
    """Whether each of ``count`` things belongs to the training side; their order is kept.

    Exactly as many as the ratio says are chosen, and nothing is held in memory.
    Source: D. E. Knuth, The Art of Computer Programming 2, algorithm 3.4.2 S.

    Args:
        count: How many there are.
        train_ratio: The share of the training side, between 0 and 1.
        seed: Decides the choice; None draws a new one each time.
    """
    draw = random.Random(seed).random  # noqa: S311 - a sample, not a secret
    wanted = train_count(count, train_ratio)
    for left in range(count, 0, -1):
        chosen = draw() * left < wanted
        wanted -= chosen
        yield chosen


def train_count(count: int, train_ratio: float) -> int:
    """How many of ``count`` are the training side's: at least one on each side where two are.

    Raises:
        ConfigurationError: If the ratio is not between 0 and 1.
    """
    if not 0 <= train_ratio <= 1:
        raise ConfigurationError(f"train_ratio must be between 0 and 1, not {train_ratio}")
    wanted = round(count * train_ratio)
    if count > 1 and 0 < train_ratio < 1:
        return min(max(wanted, 1), count - 1)
    return wanted


def side_of(key: int, train_ratio: float, seed: int | None) -> bool:
    """Whether everything with this key belongs to the training side.

    Args:
        key: What is kept together, as a number of 64 bits.
        train_ratio: The share of the training side; met on average and not exactly.
        seed: Decides the choice; None counts as 0.

    Raises:
        ConfigurationError: If the ratio is not between 0 and 1.
    """
    if not 0 <= train_ratio <= 1:
        raise ConfigurationError(f"train_ratio must be between 0 and 1, not {train_ratio}")
    # One draw a key, so that it does not matter where in the file it stands.
    return random.Random((seed or 0) * 2**64 + key).random() < train_ratio  # noqa: S311
