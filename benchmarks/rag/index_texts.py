"""Passages and questions for the cases of the index, the same in every environment."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from statistics import median

from text import documentation

DIMENSION = 256


def passages(count: int, length: int = 512) -> list[str]:
    """Texts of about so many characters, in the words of documentation as often as they stand there."""
    chance = random.Random(7)
    words = documentation(600_000).split()
    # Numbered words are as rare as names are in real texts.
    each = length // 7
    return [
        f"{' '.join(chance.choices(words, k=each))} name{chance.randrange(count)}"[:length]
        for _ in range(count)
    ]


def questions(texts: list[str], count: int = 300) -> list[str]:
    """Eight neighbouring words of one passage each."""
    chance = random.Random(8)
    asked = []
    for _ in range(count):
        words = chance.choice(texts).split()
        start = chance.randrange(max(1, len(words) - 8))
        asked.append(" ".join(words[start : start + 8]))
    return asked


def vectors(rows: int, seed: int = 0):  # type: ignore[no-untyped-def]
    """Unit vectors, float32, shape (rows, 256)."""
    import numpy as np

    made = np.random.default_rng(seed).standard_normal((rows, DIMENSION), dtype=np.float32)
    return made / np.linalg.norm(made, axis=1, keepdims=True)


def typical(calls: Sequence[Callable[[], object]], clock: str) -> float:
    """Seconds that the median call takes, by the processor's clock or by the wall's."""
    now = time.process_time if clock == "cpu" else time.perf_counter
    spent = []
    for call in calls:
        began = now()
        call()
        spent.append(now() - began)
    return median(spent)
