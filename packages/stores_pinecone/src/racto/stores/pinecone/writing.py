"""Adding and removing chunks: checked as a whole, sent in batches, told exactly when half done."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from racto.core.documents import Chunk
from racto.core.errors import PartialWriteError, RactoGatewayError
from racto.core.flows import Flow, gather, step

from . import freshness
from .fields import FieldMaker
from .records import DIGEST, OWNER, WRITTEN, Record, key_of, part_vectors, record_of
from .space import DEFAULT, MOST_IDS, Space, pages
from .vectors import checked_all, listed

T = TypeVar("T")

GRACE_SECONDS = 3600.0
"""How long the parts of a replaced text stay, for the sake of writers and readers at work."""

# Pinecone takes 2 MB; the rest is for the frame around the vectors.
_BATCH_BYTES = 1_900_000
# Batches under way at once: enough to hide the way to Pinecone, few enough for its limits.
_WIDTH = 4
# The longest text of a double, with its comma.
_NUMBER_BYTES = 25
_WORTH_A_THREAD = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    """What became of a batch: its chunks, its place in the log, or why it is not stored."""

    ids: Sequence[str]
    lsn: int | None = None
    reason: str | None = None


def add(space: Space, chunks: Sequence[Chunk], batch_size: int, fresh: float | None) -> Flow[None]:
    """Store chunks.

    Args:
        space: The namespace.
        chunks: The chunks; of several with one id the last counts.
        batch_size: Most records a request.
        fresh: Seconds to wait until reads see them; None does not wait.
    """
    wanted = list({chunk.chunk_id: chunk for chunk in chunks}.values())
    if not wanted:
        space.link.check_open()
        return
    shape = yield from space.shape()
    # All of them before the first is sent, because some may not be storable.
    records = yield from step(_records, _arecords, wanted, shape.dimension)
    errors: list[RactoGatewayError] = []
    flows = [
        _outcome(space, batch, batch_size, errors)
        for batch in _batches(records, shape.dimension, batch_size)
    ]
    outcomes = yield from gather(flows, width=_WIDTH)
    if errors:
        raise _verdict(outcomes, errors[0]) from errors[0]
    if fresh is not None:
        lsn = max((each.lsn for each in outcomes if each.lsn is not None), default=None)
        yield from freshness.wait_for_write(space, [each.key for each in records], lsn, fresh)


def _records(chunks: Sequence[Chunk], dimension: int) -> list[Record]:
    """The records of chunks, all of which can be stored."""
    vectors, maker = checked_all(chunks, dimension), FieldMaker()
    return [record_of(chunk, own, maker) for chunk, own in zip(chunks, vectors, strict=True)]


async def _arecords(chunks: Sequence[Chunk], dimension: int) -> list[Record]:
    if len(chunks) < _WORTH_A_THREAD:
        return _records(chunks, dimension)
    # Seconds for a large load, in which the loop must go on.
    return await asyncio.to_thread(_records, chunks, dimension)


def remove(space: Space, chunk_ids: Iterable[str], fresh: float | None) -> Flow[None]:
    """Remove chunks by their ids.

    Args:
        space: The namespace.
        chunk_ids: The ids; unknown ones are ignored.
        fresh: Seconds to wait until reads no longer see them; None does not wait.
    """
    keys = list(dict.fromkeys(key_of(chunk_id) for chunk_id in chunk_ids))
    if not keys:
        space.link.check_open()
        return
    shape = yield from space.shape()
    for page in pages(keys, MOST_IDS):
        yield from space.remove(ids=page)
        if shape.has_parts:
            yield from space.remove(parts=True, filter={OWNER: {"$in": page}})
    if fresh is not None:
        yield from freshness.wait_for_removal(space, keys, fresh)


def clear(space: Space, fresh: float | None) -> Flow[None]:
    """Remove all chunks.

    Args:
        space: The namespace.
        fresh: Seconds to wait until it counts nothing; None does not wait.
    """
    shape = yield from space.shape()
    yield from space.remove(delete_all=True)
    if shape.has_parts:
        yield from space.remove(parts=True, delete_all=True)
    if fresh is not None:
        yield from freshness.wait_for_emptiness(space, lambda: count(space), fresh)


def count(space: Space) -> Flow[int]:
    """How many chunks Pinecone counts in the namespace."""
    stats = yield from space.stats()
    summary = stats.namespaces.get(space.namespace or DEFAULT)
    return 0 if summary is None else int(summary.vector_count)


def _send(space: Space, batch: Sequence[Record], batch_size: int) -> Flow[int | None]:
    """Write one batch: parts before the records that name them; gives its place in the log."""
    shape = yield from space.shape()
    long = [record for record in batch if record.parts]
    for part in _part_batches(long, shape.dimension, batch_size):
        space.mark_parts()
        yield from space.link.call("upsert", vectors=part, namespace=space.parts)
    vectors = _vectors(batch)
    answer = yield from space.link.call("upsert", vectors=vectors, namespace=space.namespace)
    if shape.has_parts or long:
        # What older versions of these chunks left behind. Not what is young: another writer may
        # be about to write, or have written, the record that names it.
        stale: list[dict[str, Any]] = [
            {OWNER: {"$in": [record.key for record in batch]}},
            {WRITTEN: {"$lt": time.time() - GRACE_SECONDS}},
        ]
        if long:
            stale.append({DIGEST: {"$nin": [record.digest for record in long]}})
        yield from space.remove(parts=True, filter={"$and": stale})
    info = answer.response_info
    return None if info is None else info.lsn_committed


def _vectors(batch: Sequence[Record]) -> list[Any]:
    from pinecone import Vector

    # The client's own model, which it takes as it is: dictionaries it checks and copies.
    return [Vector(each.key, listed(each.values), None, each.metadata) for each in batch]


def _batches(records: Sequence[Record], dimension: int, most: int) -> Iterator[list[Record]]:
    sized = ((record, record.size + _NUMBER_BYTES * dimension) for record in records)
    return _filled(sized, most)


def _part_batches(
    records: Sequence[Record], dimension: int, most: int
) -> Iterator[list[dict[str, Any]]]:
    return _filled((pair for record in records for pair in part_vectors(record, dimension)), most)


def _filled(sized: Iterable[tuple[T, int]], most: int) -> Iterator[list[T]]:
    """Lists of at most ``most`` items and of as many bytes as a request may have."""
    batch: list[T] = []
    total = 0
    for item, size in sized:
        if batch and (len(batch) == most or total + size > _BATCH_BYTES):
            yield batch
            batch, total = [], 0
        batch.append(item)
        total += size
    if batch:
        yield batch


def _outcome(
    space: Space, batch: Sequence[Record], batch_size: int, errors: list[RactoGatewayError]
) -> Flow[_Outcome]:
    """Write one batch, unless another one has failed."""
    ids = [record.chunk_id for record in batch]
    if errors:
        return _Outcome(ids=ids, reason="not sent, because another batch had failed")
    try:
        lsn = yield from _send(space, batch, batch_size)
    except RactoGatewayError as error:
        errors.append(error)
        return _Outcome(ids=ids, reason=error.message)
    return _Outcome(ids=ids, lsn=lsn)


def _verdict(outcomes: Sequence[_Outcome], error: RactoGatewayError) -> RactoGatewayError:
    stored = [chunk_id for each in outcomes if each.reason is None for chunk_id in each.ids]
    failed = {chunk_id: each.reason for each in outcomes if each.reason for chunk_id in each.ids}
    # Nothing is half done when nothing is done: the plain error says it better.
    if not stored:
        return error
    return PartialWriteError(
        f"{len(stored)} of {len(stored) + len(failed)} chunks are stored, and a batch failed: "
        f"{error.message}; add the chunks named in 'failed' again",
        stored=stored,
        failed=failed,
        retryable=error.retryable,
        retry_after=error.retry_after,
        status_code=error.status_code,
        provider="pinecone",
    )
