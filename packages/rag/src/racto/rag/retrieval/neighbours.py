"""NeighbourRetriever: small chunks find the place, and the chunks around them complete it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from racto.core.documents import Chunk, RetrievalResult
from racto.core.errors import ConfigurationError
from racto.core.filters import Filter, lookup_of, matches, parse_filter
from racto.core.flows import Flow, gather
from racto.core.protocols.retrievers import Retriever

from .flow_retriever import WIDTH, Filters, FlowRetriever, Results, retrieve_all, retrieve_one
from .lookups import Surroundings, chunks_between
from .passages import joined


@dataclass(frozen=True, slots=True, kw_only=True)
class _Span:
    """A stretch of one document and the results that lie in it."""

    first: int
    last: int
    hits: tuple[RetrievalResult, ...]


class NeighbourRetriever(FlowRetriever):
    """Widens what another retriever found by the chunks before and after it.

    Windows that overlap or touch become one result, so there may be fewer than ``top_k``, and no
    text comes twice. A neighbour that does not satisfy the filter ends the window: what a filter
    hides stays hidden. See :func:`~racto.rag.retrieval.passages.joined` for the text.

    Args:
        retriever: Any retriever.
        surroundings: Where the neighbours are looked up: the index, or a store that can scan.
        window: Chunks to take on each side; 0 takes none.

    Raises:
        ConfigurationError: If ``window`` is negative.
    """

    def __init__(
        self, retriever: Retriever, surroundings: Surroundings, *, window: int = 1
    ) -> None:
        if window < 0:
            raise ConfigurationError(f"window must be 0 or more, not {window}")
        self._retriever = retriever
        self._surroundings = surroundings
        self._window = window

    def flow(self, query: str, top_k: int, filters: Filters) -> Flow[Results]:
        """Retrieve, look up the neighbours, and join them."""
        hits = yield from retrieve_one(self._retriever, query, top_k, filters)
        return (yield from self._widened(hits, filters))

    def flow_batch(
        self, queries: Sequence[str], top_k: int, filters: Filters
    ) -> Flow[list[Results]]:
        """Retrieve for all questions at once, then widen."""
        found = yield from retrieve_all(self._retriever, queries, top_k, filters)
        return (yield from gather([self._widened(hits, filters) for hits in found], width=WIDTH))

    def _widened(self, hits: Results, filters: Filters) -> Flow[Results]:
        # Again, because neighbours were never before the retriever that filters.
        tree = parse_filter(filters)
        passages: list[RetrievalResult] = []
        for span in _spans(hits, self._window):
            if span.first == span.last:
                passages.extend(span.hits)
                continue
            doc_id = span.hits[0].chunk.doc_id
            around = yield from chunks_between(self._surroundings, doc_id, span.first, span.last)
            passages.extend(_runs(span, around, tree))
        # Still the ranks of the hits: each passage stands where its best one stood.
        passages.sort(key=lambda result: result.rank)
        return [result.at_rank(rank) for rank, result in enumerate(passages, start=1)]


def _spans(hits: Results, window: int) -> Iterator[_Span]:
    """The windows around the hits, those that meet put together."""
    by_document: dict[str, dict[int, RetrievalResult]] = {}
    for hit in hits:
        facts = hit.chunk.metadata
        held = by_document.setdefault(hit.chunk.doc_id, {})
        # A chunk that was not cut from a document has no neighbours, nor a place of its own.
        if not hit.chunk.doc_id or facts.total_chunks < 2 or facts.chunk_index in held:
            yield _Span(first=0, last=0, hits=(hit,))
        else:
            held[facts.chunk_index] = hit
    for held in by_document.values():
        waiting: _Span | None = None
        for index, hit in sorted(held.items()):
            first, last = max(index - window, 0), index + window
            # Windows that only touch go on where the other ends, and read better as one.
            if waiting is not None and first <= waiting.last + 1:
                waiting = replace(waiting, last=last, hits=(*waiting.hits, hit))
                continue
            if waiting is not None:
                yield waiting
            waiting = _Span(first=first, last=last, hits=(hit,))
        if waiting is not None:
            yield waiting


def _runs(span: _Span, around: Sequence[Chunk], tree: Filter | None) -> Iterator[RetrievalResult]:
    """The passages of a span: one, unless the filter parts it."""
    hits = {hit.chunk.metadata.chunk_index: hit for hit in span.hits}
    chunks = {chunk.metadata.chunk_index: chunk for chunk in around}
    # The hits themselves: the index may be older or newer than what was searched.
    chunks |= {index: hit.chunk for index, hit in hits.items()}
    run: list[int] = []
    for index in (*sorted(chunks), None):
        if index is not None and (index in hits or matches(tree, lookup_of(chunks[index]))):
            run.append(index)
            continue
        inside = [hits[place] for place in run if place in hits]
        if inside:
            best = min(inside, key=lambda hit: hit.rank)
            yield replace(best, chunk=joined([chunks[place] for place in run]))
        run = []
