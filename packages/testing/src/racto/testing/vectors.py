"""Embeddings without a model: texts that share words are near each other, and all else is chance."""

from __future__ import annotations

import hashlib
import math
import re
from functools import lru_cache

_WORD = re.compile(r"\w+")
# Places of a vector that each word touches: enough to tell words apart in small vectors too.
_TOUCHED = 8


def vector(text: str, size: int) -> list[float]:
    """The embedding of a text: of length 1, and the same on every machine.

    Args:
        text: The text; words count, their order and case do not.
        size: Number of dimensions.
    """
    found = [0.0] * size
    for word in _WORD.findall(text.lower()) or [text]:
        for place, sign in _places(word, size):
            found[place] += sign
    length = math.sqrt(sum(value * value for value in found))
    if not length:
        # The words cancelled each other out.
        found[0], length = 1.0, 1.0
    return [value / length for value in found]


def tokens(text: str) -> int:
    """Roughly how many tokens a text has, at least 1."""
    return max(1, math.ceil(len(text.encode("utf-8", "surrogatepass")) / 4))


@lru_cache(maxsize=4096)
def _places(word: str, size: int) -> tuple[tuple[int, float], ...]:
    data = word.encode("utf-8", "surrogatepass")
    digest = hashlib.blake2b(data, digest_size=4 * _TOUCHED).digest()
    numbers = (int.from_bytes(digest[at : at + 4], "big") for at in range(0, len(digest), 4))
    return tuple((number // 2 % size, 1.0 if number % 2 else -1.0) for number in numbers)
