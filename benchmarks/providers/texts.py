"""The sentences that embedders are given, the same on all sides."""

from __future__ import annotations

import random

_WORDS = [
    "the",
    "river",
    "carries",
    "cold",
    "water",
    "from",
    "high",
    "mountains",
    "down",
    "to",
    "green",
    "fields",
    "where",
    "farmers",
    "grow",
    "wheat",
    "and",
    "corn",
    "while",
    "small",
    "boats",
    "bring",
    "goods",
    "to",
    "old",
    "towns",
    "along",
    "its",
    "winding",
    "banks",
]


def sentences(count: int) -> list[str]:
    """Sentences of 24 words each."""
    chance = random.Random(7)
    return [" ".join(chance.choices(_WORDS, k=24)) for _ in range(count)]
