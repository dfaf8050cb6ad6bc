"""Finding the chunks beside a chunk: by a document's id and the positions within it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Protocol, TypeAlias, runtime_checkable

from racto.core.documents import Chunk
from racto.core.flows import Flow, step
from racto.core.protocols.stores import ChunkScan


@runtime_checkable
class ChunkRange(Protocol):
    """The power to give the chunks of one document by their positions.

    :class:`~racto.rag.DocumentIndex` and :class:`~racto.rag.BM25Index` have it.
    """

    def chunks_of(self, doc_id: str, first: int, last: int) -> list[Chunk]:
        """The chunks of a document from one position to another.

        Args:
            doc_id: Id of the document.
            first: Least ``chunk_index``, at least 0.
            last: Greatest ``chunk_index``; it is part of the range.

        Returns:
            Those that are there, in the order of their positions.
        """
        ...

    async def achunks_of(self, doc_id: str, first: int, last: int) -> list[Chunk]:
        """Async twin of :meth:`chunks_of`."""
        ...


Surroundings: TypeAlias = ChunkRange | ChunkScan
"""Where neighbours are looked up: an index of racto-rag, or any store that can scan by filter."""


def chunks_between(where: Surroundings, doc_id: str, first: int, last: int) -> Flow[list[Chunk]]:
    """The steps of looking up a document's chunks from ``first`` to ``last``, both included."""
    first = max(first, 0)
    found: Sequence[Chunk]
    if isinstance(where, ChunkRange):
        found = yield from step(where.chunks_of, where.achunks_of, doc_id, first, last)
    else:
        found = yield from _scanned(where, doc_id, first, last)
    # A store keeps no order, and may hold several chunks of one position.
    return sorted(found, key=lambda chunk: chunk.metadata.chunk_index)


def _scanned(store: ChunkScan, doc_id: str, first: int, last: int) -> Flow[Sequence[Chunk]]:
    wanted = {"doc_id": doc_id, "chunk_index": {"$gte": first, "$lte": last}}
    most = last - first + 1

    def scan() -> list[Chunk]:
        pages = store.scan(most, wanted)
        try:
            return list(islice((chunk for page in pages for chunk in page), most))
        finally:
            # A scan that is left half-way may hold a cursor or a connection.
            if close := getattr(pages, "close", None):
                close()

    async def ascan() -> list[Chunk]:
        found: list[Chunk] = []
        pages = store.ascan(most, wanted)
        try:
            async for page in pages:
                found.extend(page)
                # More than were asked for have one position twice.
                if len(found) >= most:
                    break
        finally:
            if aclose := getattr(pages, "aclose", None):
                await aclose()
        return found[:most]

    return step(scan, ascan)
