"""Retrievers: whatever finds chunks for a question given in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from racto.core.documents import Chunk, RetrievalResult


@runtime_checkable
class Retriever(Protocol):
    """Finds chunks by vectors, keywords, or both."""

    def retrieve(
        self, query: str, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[RetrievalResult]:
        """Find the best chunks for a question.

        Args:
            query: The question; every character of it is data, never an operator.
            top_k: Most results, at least 1.
            filters: Metadata filter, applied before the best are chosen.

        Returns:
            Best first, ranks from 1, no chunk twice.

        Raises:
            FilterError: If the filter is malformed.
            ValueError: If ``top_k`` is below 1.
        """
        ...

    async def aretrieve(
        self, query: str, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[RetrievalResult]:
        """Async twin of :meth:`retrieve`."""
        ...


@runtime_checkable
class BatchRetriever(Protocol):
    """The power to answer many questions in one pass."""

    def retrieve_batch(
        self, queries: Sequence[str], top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[list[RetrievalResult]]:
        """One result list a question, in order."""
        ...

    async def aretrieve_batch(
        self, queries: Sequence[str], top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[list[RetrievalResult]]:
        """Async twin of :meth:`retrieve_batch`."""
        ...


@runtime_checkable
class KeywordIndex(Protocol):
    """A retriever that keeps its own index of chunk texts, such as BM25."""

    def add(self, chunks: Sequence[Chunk]) -> None:
        """Index chunks; one whose id is known replaces the old one."""
        ...

    async def aadd(self, chunks: Sequence[Chunk]) -> None:
        """Async twin of :meth:`add`."""
        ...

    def delete(self, chunk_ids: Sequence[str]) -> None:
        """Remove chunks; ids that are not there are ignored."""
        ...

    async def adelete(self, chunk_ids: Sequence[str]) -> None:
        """Async twin of :meth:`delete`."""
        ...

    def search(
        self, query: str, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[RetrievalResult]:
        """Find the best chunks for these words; best first, ranks from 1."""
        ...

    async def asearch(
        self, query: str, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[RetrievalResult]:
        """Async twin of :meth:`search`."""
        ...
