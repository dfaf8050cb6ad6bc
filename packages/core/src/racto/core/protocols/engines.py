"""Retrieval engines: search, score, fuse and decompose, each over a whole batch.

Methods may be plain or ``async``; a server runs plain ones in a thread of their own. An engine
has those of the four powers whose method it has; :class:`~racto.core.Engine` is a base class
that adds configuration and single-query forms.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from typing import Any, Protocol, TypeAlias, runtime_checkable

Scores: TypeAlias = Mapping[str, float]
"""Scores by document id, higher being better; insertion order is rank order."""


@runtime_checkable
class SearchEngine(Protocol):
    """Finds documents for queries."""

    def search_batch(
        self,
        queries: Sequence[str],
        limit: int | Sequence[int] = 20,
        subsets: Sequence[str | None] | None = None,
        **options: Any,
    ) -> Sequence[Scores] | Awaitable[Sequence[Scores]]:
        """One result a query.

        Args:
            queries: The queries.
            limit: Most documents a query; one number for all, or one each.
            subsets: Part of the collection to search in, one each.
            **options: Engine-specific options, equal for the whole batch.
        """
        ...


@runtime_checkable
class ScoreEngine(Protocol):
    """Scores passages against queries."""

    def score_batch(
        self,
        queries: Sequence[str],
        passages: Sequence[Any],
        candidate_length: Sequence[int] | None = None,
        **options: Any,
    ) -> Sequence[Sequence[float]] | Awaitable[Sequence[Sequence[float]]]:
        """One list of scores a query, in passage order.

        Args:
            queries: n queries.
            passages: All passages one after the other: texts, or what the view holds for an engine
                whose attribute ``accepts_view_kind`` is ``bytes`` (images, sounds).
            candidate_length: How many passages belong to each query; None when all belong to
                a single query.
            **options: Engine-specific options, equal for the whole batch.
        """
        ...


@runtime_checkable
class FuseEngine(Protocol):
    """Merges several rankings into one."""

    def fuse_batch(
        self, queries: Sequence[str], batch_scores: Sequence[Sequence[Scores]], **options: Any
    ) -> Sequence[Scores] | Awaitable[Sequence[Scores]]:
        """One merged ranking a query, from that query's rankings."""
        ...


@runtime_checkable
class DecomposeEngine(Protocol):
    """Splits queries into sub-queries."""

    def decompose_query_batch(
        self, queries: Sequence[str], limit: int | Sequence[int] = 10, **options: Any
    ) -> Sequence[Sequence[str]] | Awaitable[Sequence[Sequence[str]]]:
        """At most ``limit`` sub-queries a query."""
        ...
