"""Adding chunks: all are checked first, then sent in batches, and a failure says what is stored."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any

from racto.core.documents import Chunk
from racto.core.errors import PartialWriteError, RactoGatewayError
from racto.core.flows import Flow, step

from .records import bytes_of, row_of
from .settings import MilvusSettings
from .shelf import Shelf
from .vectors import checked_chunks, listed

_WORTH_A_THREAD = 500


def adding(shelf: Shelf, chunks: Sequence[Chunk]) -> Flow[None]:
    """Store chunks, each in place of the one that has its id.

    Args:
        shelf: Where to.
        chunks: Chunks with embeddings; of several with one id the last counts.

    Raises:
        StoreError: If a chunk cannot be stored; nothing is.
        PartialWriteError: If Milvus failed after some batches.
    """
    wanted = list({chunk.chunk_id: chunk for chunk in chunks}.values())
    there = yield from shelf.dimension()
    if not wanted:
        return
    rows = yield from step(_rows, _arows, wanted, there or shelf.settings.dimension)
    if there is None:
        yield from shelf.create(len(rows[0]["vector"]))
    stored = 0
    for batch in batches(rows, shelf.settings):
        try:
            # Lists only now: a vector takes eight times the memory of its array.
            data = [{**row, "vector": listed(row["vector"])} for row in batch]
            yield from shelf.ask("upsert", data=data)
        except RactoGatewayError as error:
            if not stored:
                raise
            raise _halfway([chunk.chunk_id for chunk in wanted], stored, error) from error
        shelf.written()
        stored += len(batch)


def _rows(chunks: Sequence[Chunk], dimension: int | None) -> list[dict[str, Any]]:
    """The rows of chunks, all of which can be stored."""
    vectors = checked_chunks(chunks, dimension)
    return [row_of(chunk, vector) for chunk, vector in zip(chunks, vectors, strict=True)]


async def _arows(chunks: Sequence[Chunk], dimension: int | None) -> list[dict[str, Any]]:
    if len(chunks) < _WORTH_A_THREAD:
        return _rows(chunks, dimension)
    # Seconds for a large load, in which the loop must go on.
    return await asyncio.to_thread(_rows, chunks, dimension)


def batches(rows: Sequence[dict[str, Any]], settings: MilvusSettings) -> Iterator[list[Any]]:
    """Rows in requests of at most so many, and of about so many bytes.

    Args:
        rows: All rows.
        settings: ``batch_size`` and ``batch_bytes``.
    """
    batch: list[dict[str, Any]] = []
    taken = 0
    for row in rows:
        size = bytes_of(row)
        if batch and (len(batch) == settings.batch_size or taken + size > settings.batch_bytes):
            yield batch
            batch, taken = [], 0
        batch.append(row)
        taken += size
    if batch:
        yield batch


def _halfway(ids: Sequence[str], stored: int, error: RactoGatewayError) -> PartialWriteError:
    return PartialWriteError(
        f"{stored} of {len(ids)} chunks are stored, the others are not or not surely: {error}",
        stored=ids[:stored],
        failed=dict.fromkeys(ids[stored:], str(error)),
        provider="milvus",
        retryable=error.retryable,
    )
