"""FlowRetriever: the four voices of a retriever whose work is written once, as a flow."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from racto.core.documents import RetrievalResult
from racto.core.filters import parse_filter
from racto.core.flows import Flow, arun, gather, run, step
from racto.core.protocols.retrievers import BatchRetriever, Retriever

Filters: TypeAlias = Mapping[str, Any] | None
"""A metadata filter as :mod:`racto.core.filters` defines it."""

Results: TypeAlias = list[RetrievalResult]
"""What one question found."""

WIDTH = 8
"""Questions of a batch that are worked on at the same time."""

RETRIEVED = "retrieved"
"""Key in ``RetrievalResult.scores`` of the score that a result had before it was ranked anew."""


class FlowRetriever(ABC):
    """Keeps ``Retriever`` and ``BatchRetriever`` of core; a subclass writes :meth:`flow`.

    Mistakes of the caller are found before anything is paid for: an impossible ``top_k`` and a
    malformed filter reach no embedder, kit or store.
    """

    def retrieve(self, query: str, top_k: int = 5, filters: Filters = None) -> Results:
        """Find the best chunks for a question.

        Args:
            query: The question.
            top_k: Most results, at least 1.
            filters: Metadata filter, applied before the best are chosen.

        Returns:
            Best first, ranks from 1, no chunk twice.

        Raises:
            FilterError: If the filter is malformed.
            ValueError: If ``top_k`` is below 1.
        """
        # Here and not in the flow, which other flows run with what was checked before.
        check_request(top_k, filters)
        return run(self.flow(query, top_k, filters))

    async def aretrieve(self, query: str, top_k: int = 5, filters: Filters = None) -> Results:
        """Async twin of :meth:`retrieve`."""
        check_request(top_k, filters)
        return await arun(self.flow(query, top_k, filters))

    def retrieve_batch(
        self, queries: Sequence[str], top_k: int = 5, filters: Filters = None
    ) -> list[Results]:
        """Find the best chunks for each of many questions; one result list a question, in order.

        Raises:
            FilterError: If the filter is malformed.
            ValueError: If ``top_k`` is below 1.
        """
        check_request(top_k, filters)
        return run(self.flow_batch(queries, top_k, filters)) if queries else []

    async def aretrieve_batch(
        self, queries: Sequence[str], top_k: int = 5, filters: Filters = None
    ) -> list[Results]:
        """Async twin of :meth:`retrieve_batch`."""
        check_request(top_k, filters)
        return await arun(self.flow_batch(queries, top_k, filters)) if queries else []

    @abstractmethod
    def flow(self, query: str, top_k: int, filters: Filters) -> Flow[Results]:
        """The steps of one retrieval, whose arguments were checked."""

    def flow_batch(
        self, queries: Sequence[str], top_k: int, filters: Filters
    ) -> Flow[list[Results]]:
        """The steps of many retrievals; several at a time unless a subclass knows better."""
        return gather([self.flow(query, top_k, filters) for query in queries], width=WIDTH)


def check_request(top_k: int, filters: Filters) -> None:
    """Refuse what no retriever can do.

    Raises:
        FilterError: If the filter is malformed.
        ValueError: If ``top_k`` is below 1.
    """
    if top_k < 1:
        raise ValueError(f"top_k must be at least 1, not {top_k}")
    parse_filter(filters)


def retrieve_one(retriever: Retriever, query: str, top_k: int, filters: Filters) -> Flow[Results]:
    """The step that asks any retriever one question."""
    return step(retriever.retrieve, retriever.aretrieve, query, top_k, filters)


def retrieve_all(
    retriever: Retriever, queries: Sequence[str], top_k: int = 5, filters: Filters = None
) -> Flow[list[Results]]:
    """The steps that ask any retriever many questions.

    Args:
        retriever: Asked once for all when it is a ``BatchRetriever``, else several at a time.
        queries: The questions.
        top_k: Most results a question.
        filters: Metadata filter of all of them.

    Returns:
        One result list a question, in order.
    """
    if not queries:
        return []
    # One pass of a store or a model is worth more than any number of callers at once.
    if isinstance(retriever, BatchRetriever):
        return (
            yield from step(
                retriever.retrieve_batch, retriever.aretrieve_batch, queries, top_k, filters
            )
        )
    return (
        yield from gather(
            [retrieve_one(retriever, query, top_k, filters) for query in queries], width=WIDTH
        )
    )
