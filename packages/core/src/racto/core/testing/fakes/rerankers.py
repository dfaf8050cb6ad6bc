"""A reranker that counts shared words."""

from __future__ import annotations

from collections.abc import Sequence

from racto.core.documents import RetrievalResult
from racto.core.flows import threaded

from .retrievers import overlap


class WordReranker:
    """Orders results by the fraction of the question's words that they hold."""

    def rerank(
        self, query: str, results: Sequence[RetrievalResult], *, top_k: int | None = None
    ) -> list[RetrievalResult]:
        """Reorder results, best first; ties keep their order.

        Args:
            query: The question.
            results: Candidates, in any order.
            top_k: How many to keep; None keeps all.

        Raises:
            ValueError: If ``top_k`` is below 1.
        """
        if top_k is not None and top_k < 1:
            raise ValueError(f"top_k must be at least 1, not {top_k}")
        scored = [(overlap(query, result.chunk.content), result) for result in results]
        scored.sort(key=lambda pair: -pair[0])
        return [
            RetrievalResult(chunk=old.chunk, score=score, rank=rank, scores=old.scores)
            for rank, (score, old) in enumerate(scored[:top_k], start=1)
        ]

    arerank = threaded(rerank)
