"""Rerankers: whatever reorders results by looking at question and text together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from racto.core.documents import RetrievalResult


@runtime_checkable
class Reranker(Protocol):
    """Scores each result against the question anew."""

    def rerank(
        self, query: str, results: Sequence[RetrievalResult], *, top_k: int | None = None
    ) -> list[RetrievalResult]:
        """Reorder results.

        Args:
            query: The question.
            results: Candidates, in any order.
            top_k: How many to keep; None keeps all.

        Returns:
            Best first, ranks from 1, the reranker's scores.

        Raises:
            ValueError: If ``top_k`` is below 1.
        """
        ...

    async def arerank(
        self, query: str, results: Sequence[RetrievalResult], *, top_k: int | None = None
    ) -> list[RetrievalResult]:
        """Async twin of :meth:`rerank`."""
        ...
