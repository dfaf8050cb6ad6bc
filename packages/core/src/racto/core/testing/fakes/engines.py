"""A retrieval engine that counts shared words and has all four powers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from racto.core.engines import Engine
from racto.core.protocols.engines import Scores

from .retrievers import overlap

DOCUMENTS = {
    "bees": "Honey bees dance to show where flowers bloom.",
    "hives": "Bees keep their hives warm in winter.",
    "bread": "Bread does rise because yeast makes gas.",
    "ovens": "Bread is baked in hot ovens.",
}
"""What an engine holds that is given nothing else."""


class WordEngine(Engine):
    """Searches, scores, fuses and decomposes by words.

    Args:
        name: Name under which it is served.
        documents: Texts by id; :data:`DOCUMENTS` when None.
    """

    def __init__(self, name: str = "words", documents: Mapping[str, str] | None = None) -> None:
        super().__init__(name)
        self._documents = dict(DOCUMENTS if documents is None else documents)

    def search_batch(
        self,
        queries: Sequence[str],
        limit: int | Sequence[int] = 20,
        subsets: Sequence[str | None] | None = None,
        **options: Any,
    ) -> list[Scores]:
        """The documents that share a word with each query; subsets are not known here."""
        return [
            _best({key: overlap(query, text) for key, text in self._documents.items()}, most)
            for query, most in zip(queries, _each(limit, len(queries)), strict=True)
        ]

    def score_batch(
        self,
        queries: Sequence[str],
        passages: Sequence[str],
        candidate_length: Sequence[int] | None = None,
        **options: Any,
    ) -> list[list[float]]:
        """Fraction of each query's words that each of its passages holds."""
        found, start = [], 0
        for query, length in zip(queries, candidate_length or [len(passages)], strict=True):
            found.append([overlap(query, text) for text in passages[start : start + length]])
            start += length
        return found

    def fuse_batch(
        self, queries: Sequence[str], batch_scores: Sequence[Sequence[Scores]], **options: Any
    ) -> list[Scores]:
        """Reciprocal rank fusion with k = 60 of each query's rankings."""
        return [_fused(rankings) for rankings in batch_scores]

    def decompose_query_batch(
        self, queries: Sequence[str], limit: int | Sequence[int] = 10, **options: Any
    ) -> list[list[str]]:
        """The parts of each query between ``and``, commas and question marks."""
        limits = _each(limit, len(queries))
        return [_parts(query)[:most] for query, most in zip(queries, limits, strict=True)]


def _each(limit: int | Sequence[int], count: int) -> Sequence[int]:
    return [limit] * count if isinstance(limit, int) else limit


def _best(scores: Mapping[str, float], limit: int | None = None) -> Scores:
    ranked = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
    return {key: score for key, score in ranked[:limit] if score}


def _fused(rankings: Sequence[Scores]) -> Scores:
    total: dict[str, float] = {}
    for ranking in rankings:
        for rank, key in enumerate(ranking, start=1):
            # 60 is the constant of the method's paper (Cormack et al., 2009).
            total[key] = total.get(key, 0.0) + 1.0 / (60 + rank)
    return _best(total)


def _parts(query: str) -> list[str]:
    parts = [part.strip() for part in re.split(r"\band\b|[,;?]", query)]
    return [part for part in parts if part] or [query]
