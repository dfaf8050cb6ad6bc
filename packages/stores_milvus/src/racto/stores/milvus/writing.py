"""Adding chunks: all are checked first, then sent in batches, and a failure says what is stored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from racto.core.documents import Chunk
from racto.core.errors import PartialWriteError, RactoGatewayError
from racto.core.flows import Flow

from .records import bytes_of, row_of
from .settings import MilvusSettings
from .shelf import Shelf
from .vectors import checked_chunks


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
    vectors = checked_chunks(wanted, there or shelf.settings.dimension)
    rows = [row_of(chunk, vector) for chunk, vector in zip(wanted, vectors, strict=True)]
    if there is None:
        yield from shelf.create(len(vectors[0]))
    stored = 0
    for batch in batches(rows, shelf.settings):
        try:
            yield from shelf.ask("upsert", data=batch)
        except RactoGatewayError as error:
            if not stored:
                raise
            raise _halfway([chunk.chunk_id for chunk in wanted], stored, error) from error
        shelf.written()
        stored += len(batch)


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
