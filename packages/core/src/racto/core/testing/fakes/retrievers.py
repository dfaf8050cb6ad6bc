"""A retriever that counts shared words: small enough to predict by hand."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from racto.core.documents import Chunk, RetrievalResult
from racto.core.filters import lookup_of, matches, parse_filter
from racto.core.flows import threaded

_WORD = re.compile(r"\w+")


def words_of(text: str) -> frozenset[str]:
    """The distinct words of a text, in lower case."""
    return frozenset(_WORD.findall(text.lower()))


def overlap(query: str, text: str) -> float:
    """Fraction of the query's distinct words that occur in the text, 0.0 to 1.0."""
    asked = words_of(query)
    return len(asked & words_of(text)) / len(asked) if asked else 0.0


class WordRetriever:
    """Finds the chunks that hold most of the question's words; ties go by chunk id.

    Args:
        chunks: What it searches in.
    """

    def __init__(self, chunks: Sequence[Chunk]) -> None:
        self._chunks = tuple(chunks)

    def retrieve(
        self, query: str, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[RetrievalResult]:
        """The best chunks that share a word with the question and satisfy the filter.

        Raises:
            ValueError: If ``top_k`` is below 1.
            FilterError: If the filter is malformed.
        """
        if top_k < 1:
            raise ValueError(f"top_k must be at least 1, not {top_k}")
        tree = parse_filter(filters)
        found = [chunk for chunk in self._chunks if matches(tree, lookup_of(chunk))]
        scored = [(overlap(query, chunk.content), chunk) for chunk in found]
        # By id, so that the same question gives the same order on every machine.
        scored = sorted(scored, key=lambda pair: (-pair[0], pair[1].chunk_id))
        return [
            RetrievalResult(chunk=chunk, score=score, rank=rank)
            for rank, (score, chunk) in enumerate(scored[:top_k], start=1)
            if score
        ]

    aretrieve = threaded(retrieve)

    def retrieve_batch(
        self, queries: Sequence[str], top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[list[RetrievalResult]]:
        """One result list a question, in order."""
        return [self.retrieve(query, top_k, filters) for query in queries]

    aretrieve_batch = threaded(retrieve_batch)
