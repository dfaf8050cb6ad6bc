"""How much a passage says about a question: the rare words count most."""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping, Set as AbstractSet

from racto.core.embeddings import Vector
from racto.rag.index.words import STOP_WORDS, content_words

from .stems import folded, stem


class Question:
    """A question's words with their weights.

    Args:
        text: The question.
        counts: In how many chunks each word occurs; all words weigh the same without.
        total: How many chunks there are.
    """

    def __init__(
        self, text: str, *, counts: Mapping[str, int] | None = None, total: int = 0
    ) -> None:
        self._weights: dict[str, float] = {}
        # A question of nothing but frequent words has no evidence: they are in any passage.
        for word in (word for word in content_words(text) if word not in STOP_WORDS):
            # BM25's own measure of rarity. A word that occurs nowhere weighs as much as one that
            # occurs once: the documents may say the same in other words.
            count = max(1, (counts or {}).get(word, 0))
            weight = math.log(1 + (total - count + 0.5) / (count + 0.5)) if counts else 1.0
            key = stem(folded(word))
            self._weights[key] = max(weight, self._weights.get(key, 0.0))
        self._total = sum(self._weights.values())

    def coverage(self, stems: AbstractSet[str], context: AbstractSet[str] = frozenset()) -> float:
        """The share of the question that the stems cover, 0.0 to 1.0.

        Args:
            stems: Stems of a passage.
            context: Stems of the headings above it, which count half.
        """
        if not self._total:
            return 0.0
        covered = sum(
            weight * (1.0 if word in stems else 0.5 if word in context else 0.0)
            for word, weight in self._weights.items()
        )
        return covered / self._total


def cosine(one: Vector, two: Vector) -> float:
    """Cosine similarity of two vectors; 0.0 when one of them is zero."""
    first, second = _floats(one), _floats(two)
    norms = math.hypot(*first) * math.hypot(*second)
    return sum(map(operator.mul, first, second)) / norms if norms else 0.0


def _floats(vector: Vector) -> list[float]:
    # Arrays hand out their elements one by one ten times slower than a list does.
    tolist = getattr(vector, "tolist", None)
    return list(vector) if tolist is None else tolist()
