"""ParentRetriever: small chunks are searched, and the section that each stands in is returned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal, TypeAlias

from racto.core.documents import Chunk, RetrievalResult
from racto.core.errors import ConfigurationError
from racto.core.filters import lookup_of, matches, parse_filter
from racto.core.flows import Flow, gather
from racto.core.protocols.retrievers import Retriever

from .flow_retriever import WIDTH, Filters, FlowRetriever, Results, retrieve_all, retrieve_one
from .lookups import Surroundings, chunks_between
from .passages import joined

ParentKind: TypeAlias = Literal["section", "page", "document"]
"""What a parent is: all chunks under one heading, on one page, or of one document."""

_MOST_CHUNKS = 64


class ParentRetriever(FlowRetriever):
    """Returns, for what another retriever found, the part of the document around it.

    A parent grows from the found chunk in both directions, as long as the next chunk begins in
    the same section (page, document), satisfies the filter, stands in no better parent, and fits
    into ``max_characters``. Chunks found in the same parent count once.

    Args:
        retriever: Any retriever, over small chunks.
        surroundings: Where the other chunks are looked up: the index, or a store that can scan.
        by: What a parent is.
        max_characters: Most characters of a parent; a found chunk that is longer stays whole.
        fetch: Chunks to retrieve, at least; four times ``top_k`` when that is more, because
            several may have one parent.

    Raises:
        ConfigurationError: If ``by`` is unknown, or a number is below 1.
    """

    def __init__(
        self,
        retriever: Retriever,
        surroundings: Surroundings,
        *,
        by: ParentKind = "section",
        max_characters: int = 4000,
        fetch: int = 20,
    ) -> None:
        if by not in ("section", "page", "document"):
            raise ConfigurationError(f"by is section, page or document, not {by!r}")
        if max_characters < 1 or fetch < 1:
            raise ConfigurationError(
                f"max_characters and fetch must be at least 1, not {max_characters} and {fetch}"
            )
        self._retriever = retriever
        self._surroundings = surroundings
        self._by = by
        self._max_characters = max_characters
        self._fetch = fetch

    def flow(self, query: str, top_k: int, filters: Filters) -> Flow[Results]:
        """Retrieve small chunks and return their parents."""
        hits = yield from retrieve_one(self._retriever, query, self._depth(top_k), filters)
        return (yield from self._parents(hits, top_k, filters))

    def flow_batch(
        self, queries: Sequence[str], top_k: int, filters: Filters
    ) -> Flow[list[Results]]:
        """Retrieve for all questions at once, then find the parents."""
        found = yield from retrieve_all(self._retriever, queries, self._depth(top_k), filters)
        flows = [self._parents(hits, top_k, filters) for hits in found]
        return (yield from gather(flows, width=WIDTH))

    def _depth(self, top_k: int) -> int:
        return max(self._fetch, 4 * top_k)

    def _parents(self, hits: Results, top_k: int, filters: Filters) -> Flow[Results]:
        parents: list[RetrievalResult] = []
        taken: set[tuple[str, int]] = set()
        # In the order of the hits, so that the better one has the first choice of its chunks.
        for hit in hits:
            chunk, place = hit.chunk, (hit.chunk.doc_id, hit.chunk.metadata.chunk_index)
            is_part = bool(chunk.doc_id) and chunk.metadata.total_chunks > 1
            if is_part and place in taken:
                continue
            members = [chunk]
            if is_part:
                members = yield from self._members(chunk, taken, filters)
                taken.update((chunk.doc_id, member.metadata.chunk_index) for member in members)
            parents.append(replace(hit, chunk=joined(members), rank=len(parents) + 1))
            if len(parents) == top_k:
                break
        return parents

    def _members(
        self, chunk: Chunk, taken: set[tuple[str, int]], filters: Filters
    ) -> Flow[list[Chunk]]:
        doc_id, index = chunk.doc_id, chunk.metadata.chunk_index
        # Chunks of a document are much of a size, so this is seldom too few.
        reach = min(_MOST_CHUNKS, 1 + 2 * self._max_characters // max(len(chunk.content), 1))
        found = yield from chunks_between(self._surroundings, doc_id, index - reach, index + reach)
        tree = parse_filter(filters)
        around = [
            other
            if (doc_id, other.metadata.chunk_index) not in taken
            and self._key(other) == self._key(chunk)
            and matches(tree, lookup_of(other))
            else None
            for other in found
            if other.metadata.chunk_index != index
        ]
        before = sum(other.metadata.chunk_index < index for other in found)
        return _grown(chunk, around[:before][::-1], around[before:], self._max_characters)

    def _key(self, chunk: Chunk) -> Any:
        return None if self._by == "document" else getattr(chunk.metadata, self._by)


def _grown(
    chunk: Chunk, before: Sequence[Chunk | None], after: Sequence[Chunk | None], most: int
) -> list[Chunk]:
    """The chunk with its neighbours, taken in turns, until a side is at its end or all is full."""
    left: list[Chunk] = []
    right: list[Chunk] = []
    start, end = chunk.start, chunk.end
    # One chunk from each side in turn keeps the found one near the middle.
    sides = [(left, iter(before)), (right, iter(after))]
    while sides:
        for side in tuple(sides):
            members, others = side
            other = next(others, None)
            # The first that does not belong ends its side: a parent has no holes.
            if other is None or max(end, other.end) - min(start, other.start) > most:
                sides.remove(side)
                continue
            members.append(other)
            start, end = min(start, other.start), max(end, other.end)
    return [*reversed(left), chunk, *right]
