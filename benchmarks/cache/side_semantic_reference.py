"""The reference package's semantic cache, with vectors as lists of floats."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import count

from ractogateway import LLMResponse, SemanticCache

ASKED = 4


def hit(rows: int, dimension: int) -> Callable[[], None]:
    """``get`` of a question that is near another."""
    chance = random.Random(0)
    vectors = [[chance.gauss(0, 1) for _ in range(dimension)] for _ in range(rows)]
    questions = [[value * 1.01 for value in vector] for vector in vectors[:ASKED]]
    cache = _filled(vectors, questions)
    turn = count()

    def once() -> None:
        if cache.get(f"asked {next(turn) % ASKED}") is None:
            raise AssertionError("missed")

    return once


def put(rows: int, dimension: int) -> Callable[[], None]:
    """``put`` into a full cache."""
    chance = random.Random(0)
    vectors = [[chance.gauss(0, 1) for _ in range(dimension)] for _ in range(rows)]
    cache = _filled(vectors, vectors)
    turn = count()

    def once() -> None:
        number = next(turn)
        cache.put(f"new{number} {number % rows}", _reply())

    return once


def _filled(vectors: list[list[float]], questions: list[list[float]]) -> SemanticCache:
    def embed(text: str) -> list[float]:
        kind, _, number = text.partition(" ")
        return (questions if kind == "asked" else vectors)[int(number)]

    cache = SemanticCache(embed, 0.9, max_size=len(vectors))
    for number in range(len(vectors)):
        cache.put(f"known {number}", _reply())
    return cache


def _reply() -> LLMResponse:
    return LLMResponse(content="a" * 100)
