"""copy_store: all chunks of one store into another, page by page, and read back."""

from __future__ import annotations

import math
import operator
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from racto.core.documents import Chunk
from racto.core.errors import ConfigurationError
from racto.core.flows import Flow, arun, run, step
from racto.core.protocols.stores import ChunkLookup, ChunkScan, VectorStore
from racto.core.vectors import Vector

from .report import CopyProgress, CopyReport, ProgressCallback

# Stores that normalise or quantise give back another length and, in the last digits, direction.
_NEAR = 0.999
_MOST_NAMED = 100


@runtime_checkable
class ScannableStore(ChunkScan, VectorStore, Protocol):
    """A store that can be gone through."""


def copy_store(
    source: ScannableStore,
    target: VectorStore,
    *,
    page_size: int = 1000,
    filters: Mapping[str, Any] | None = None,
    verify: bool = True,
    progress: ProgressCallback | None = None,
) -> CopyReport:
    """Copy chunks with their vectors from one store into another.

    Adding is an upsert by id, so a copy that was interrupted is gone on with by running it
    again: what is in the target already, and the same, is not written twice where the target can
    look up ids. Nothing is taken out of the target.

    Args:
        source: Where from; must not change meanwhile.
        target: Where to.
        page_size: Chunks that are read and written at a time.
        filters: Metadata filter of the chunks to copy; None copies all.
        verify: Whether to read everything back and compare it.
        progress: Told after each page.

    Returns:
        What was done. Its ``differing`` names chunks whose text or metadata came back changed, or
        whose vector points in another direction.

    Raises:
        ConfigurationError: If both are the same object, or ``page_size`` is below 1.
        MissingEmbeddingError: If a chunk of the source has no vector.
        StoreError: The stores' own; what was copied before stays.
    """
    return run(_copy(source, target, page_size, filters, verify, progress))


async def acopy_store(
    source: ScannableStore,
    target: VectorStore,
    *,
    page_size: int = 1000,
    filters: Mapping[str, Any] | None = None,
    verify: bool = True,
    progress: ProgressCallback | None = None,
) -> CopyReport:
    """Async twin of :func:`copy_store`."""
    return await arun(_copy(source, target, page_size, filters, verify, progress))


@dataclass(slots=True)
class _Tally:
    copied: int = 0
    skipped: int = 0
    verified: int = 0
    met: int = 0
    differing: list[str] = field(default_factory=list)


def _copy(
    source: ScannableStore,
    target: VectorStore,
    page_size: int,
    filters: Mapping[str, Any] | None,
    verify: bool,
    progress: ProgressCallback | None,
) -> Flow[CopyReport]:
    if source is target:
        raise ConfigurationError("source and target are the same store")
    if page_size < 1:
        raise ConfigurationError(f"page_size must be at least 1, not {page_size}")
    began = time.perf_counter()
    tally = _Tally()
    total = (yield from step(source.count, source.acount)) if filters is None else None
    tell = progress or (lambda _: None)
    pages = _Pages(source, page_size, filters)
    try:
        while page := (yield from step(pages.next, pages.anext)):
            yield from _write(target, page, tally)
            tell(CopyProgress(phase="copy", done=tally.met, total=total))
    finally:
        yield from step(pages.close, pages.aclose)
    if verify and isinstance(target, ChunkLookup):
        yield from _verify(_Pages(source, page_size, filters), target, tally, tell, total)
    held = yield from step(target.count, target.acount)
    return CopyReport(
        copied=tally.copied,
        skipped=tally.skipped,
        verified=tally.verified,
        differing=tuple(tally.differing[:_MOST_NAMED]),
        source_count=tally.met,
        target_count=held,
        seconds=time.perf_counter() - began,
    )


def _write(target: VectorStore, page: Sequence[Chunk], tally: _Tally) -> Flow[None]:
    wanted = list(page)
    if isinstance(target, ChunkLookup):
        ids = [chunk.chunk_id for chunk in page]
        known = yield from step(target.get, target.aget, ids)
        wanted = [
            chunk for chunk, held in zip(page, known, strict=True) if not _is_same(chunk, held)
        ]
    if wanted:
        yield from step(target.add, target.aadd, wanted)
    tally.copied += len(wanted)
    tally.skipped += len(page) - len(wanted)
    tally.met += len(page)


def _verify(
    pages: _Pages,
    target: ChunkLookup,
    tally: _Tally,
    tell: ProgressCallback,
    total: int | None,
) -> Flow[None]:
    try:
        while page := (yield from step(pages.next, pages.anext)):
            ids = [chunk.chunk_id for chunk in page]
            held = yield from step(target.get, target.aget, ids)
            for chunk, found in zip(page, held, strict=True):
                if not _is_same(chunk, found):
                    tally.differing.append(chunk.chunk_id)
            tally.verified += len(page)
            tell(CopyProgress(phase="verify", done=tally.verified, total=total))
    finally:
        yield from step(pages.close, pages.aclose)


def _is_same(chunk: Chunk, held: Chunk | None) -> bool:
    # Chunks compare without their vectors.
    if held is None or held != chunk or chunk.embedding is None or held.embedding is None:
        return False
    return _points_alike(chunk.embedding, held.embedding)


def _points_alike(one: Vector, two: Vector) -> bool:
    first, second = [float(value) for value in one], [float(value) for value in two]
    if len(first) != len(second):
        return False
    norms = math.hypot(*first) * math.hypot(*second)
    if not norms:
        return first == second
    cosine: float = sum(map(operator.mul, first, second)) / norms
    return cosine > _NEAR


class _Pages:
    """The pages of a scan in both voices; none is asked for before the first one is wanted."""

    def __init__(self, store: ChunkScan, page_size: int, filters: Mapping[str, Any] | None) -> None:
        self._store = store
        self._asked = (page_size, filters)
        self._pages: Iterator[list[Chunk]] | None = None
        self._apages: AsyncIterator[list[Chunk]] | None = None

    def next(self) -> list[Chunk]:
        if self._pages is None:
            self._pages = iter(self._store.scan(*self._asked))
        return next(self._pages, [])

    async def anext(self) -> list[Chunk]:
        if self._apages is None:
            self._apages = aiter(self._store.ascan(*self._asked))
        return await anext(self._apages, [])

    def close(self) -> None:
        # A scan that is left half-way may hold a cursor or a connection.
        if close := getattr(self._pages, "close", None):
            close()

    async def aclose(self) -> None:
        if aclose := getattr(self._apages, "aclose", None):
            await aclose()
