"""The vectors and texts that all sides search, the same in every environment."""

from __future__ import annotations

import random

WORDS = ("vector", "index", "query", "chunk", "store", "page", "token", "answer", "source", "rank")


def matrix(rows: int, dimension: int, seed: int = 0):  # type: ignore[no-untyped-def]
    """Unit vectors, float32, shape (rows, dimension)."""
    import numpy as np

    vectors = np.random.default_rng(seed).standard_normal((rows, dimension), dtype=np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def lists(rows: int, dimension: int, seed: int = 0) -> list[list[float]]:
    """The same kind of vectors without numpy, for a peer that has none."""
    chance = random.Random(seed)
    return [[chance.gauss(0.0, 1.0) for _ in range(dimension)] for _ in range(rows)]


def text(number: int, length: int = 512) -> str:
    """A text of so many characters, a string of its own; made without garbage beside it."""
    start = number * 7 % 4093
    return _BOOK[start : start + length]


_BOOK = " ".join(WORDS) * 100
