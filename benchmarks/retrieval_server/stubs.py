"""What both sides are given: rankings, documents and requests, the same to the last digit."""

from __future__ import annotations

import random
from collections.abc import Iterator

AT_ONCE = 32


def ranking(count: int) -> dict[str, float]:
    """Scores of ``count`` documents, best first."""
    return {f"doc-{place:05d}": 1.0 - place / (count + 1) for place in range(count)}


def rankings(is_sorted: bool) -> list[dict[str, float]]:
    """Four rankings of 1,000 documents out of 2,000, best first or in no order."""
    draw = random.Random(7)
    found = []
    for _ in range(4):
        places = draw.sample(range(2000), 1000)
        values = sorted((draw.random() for _ in places), reverse=True)
        pairs = [(f"doc-{place:05d}", value) for place, value in zip(places, values, strict=True)]
        if not is_sorted:
            draw.shuffle(pairs)
        found.append(dict(pairs))
    return found


def queries() -> Iterator[str]:
    """Queries that never come again, so that no cache and no neighbour answers them."""
    number = 0
    while True:
        number += 1
        yield f"which tea is the query number {number}"
