"""Writing to the collection: in batches, all checked first, and exact about what went wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from racto.core.documents import Chunk
from racto.core.errors import FilterError, NotFoundError, PartialWriteError, RactoGatewayError
from racto.core.filters import lookup_of, matches, parse_filter
from racto.core.flows import Flow

from .filters import sieve
from .records import Record, chunk_of, record_id, record_of
from .shelf import Shelf
from .vectors import embedding_of

# A server takes 40 MB a call unless it is told otherwise; a float takes some 20 bytes of JSON.
_MOST_BYTES = 16 << 20
_BYTES_A_VALUE = 20
# SQLite takes some 32,000 parameters a statement.
_IDS_A_CALL = 1000

ALL: dict[str, Any] = {"record": {"$ne": ""}}
"""What every record of racto satisfies: Chroma deletes nothing without a condition."""


def add(shelf: Shelf, chunks: Sequence[Chunk], batch_size: int) -> Flow[None]:
    """Store chunks; one whose id is known replaces the old one."""
    shelf.link.check_open()
    # Of several chunks with one id the last counts.
    wanted = list({chunk.chunk_id: chunk for chunk in chunks}.values())
    if not wanted:
        return
    known = (yield from shelf.dimension()) or shelf.given
    dimension = known or len(embedding_of(wanted[0]))
    # All records are made before the first is sent: making them is what checks them.
    records = [record_of(chunk, dimension) for chunk in wanted]
    yield from shelf.ensure(dimension)
    stored: list[str] = []
    for batch in _batches(records, batch_size):
        try:
            yield from _upsert(shelf, batch, dimension)
        except RactoGatewayError as error:
            # With nothing stored before, the plain error says more.
            if not stored:
                raise
            raise _partial(records, stored, error) from error
        stored += [record.chunk_id for record in batch]


def delete(shelf: Shelf, chunk_ids: Sequence[str]) -> Flow[None]:
    """Remove chunks; ids that are not there are ignored."""
    shelf.link.check_open()
    ids = list(dict.fromkeys(map(record_id, chunk_ids)))
    for at in range(0, len(ids), _IDS_A_CALL):
        try:
            yield from shelf.link.ask("delete", "deleting from", ids=ids[at : at + _IDS_A_CALL])
        except NotFoundError:
            shelf.forget()
            return


def delete_where(shelf: Shelf, filters: Mapping[str, Any]) -> Flow[int]:
    """Remove all chunks that satisfy the filter and return how many there were."""
    tree = parse_filter(filters)
    if tree is None:
        raise FilterError("delete_where needs a filter; use clear() to remove everything")
    shelf.link.check_open()
    where = sieve(tree)
    removed = 0
    if where is False:
        return removed
    asked = None if where is True else where
    try:
        told = yield from shelf.link.ask("get", "searching", where=asked, include=[])
        for at in range(0, len(told["ids"]), _IDS_A_CALL):
            ids = told["ids"][at : at + _IDS_A_CALL]
            found = yield from shelf.link.ask("get", "reading", ids=ids, include=["metadatas"])
            gone = [
                each
                for each, metadata in zip(found["ids"], found["metadatas"], strict=True)
                if matches(tree, lookup_of(chunk_of(metadata, None, None)))
            ]
            if gone:
                yield from shelf.link.ask("delete", "deleting from", ids=gone)
                removed += len(gone)
    except NotFoundError:
        shelf.forget()
    return removed


def clear(shelf: Shelf) -> Flow[None]:
    """Remove all chunks; the collection and its settings stay."""
    shelf.link.check_open()
    try:
        yield from shelf.link.ask("delete", "clearing", where=ALL)
    except NotFoundError:
        shelf.forget()


def _upsert(shelf: Shelf, batch: Sequence[Record], dimension: int) -> Flow[None]:
    arguments = {
        "ids": [record.id for record in batch],
        "embeddings": [record.vector for record in batch],
        "metadatas": [record.metadata for record in batch],
        "documents": [record.document for record in batch],
    }
    try:
        yield from shelf.link.ask("upsert", "writing to", **arguments)
    except NotFoundError:
        # Somebody dropped it since it was looked at.
        shelf.forget()
        yield from shelf.ensure(dimension)
        yield from shelf.link.ask("upsert", "writing to", **arguments)


def _batches(records: Sequence[Record], most: int) -> Iterator[list[Record]]:
    batch: list[Record] = []
    size = 0
    for record in records:
        weight = _BYTES_A_VALUE * len(record.vector) + len(record.metadata["record"])
        # The text of most languages takes one to three bytes a character.
        weight += 3 * len(record.document)
        if batch and (len(batch) >= most or size + weight > _MOST_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(record)
        size += weight
    yield batch


def _partial(
    records: Sequence[Record], stored: Sequence[str], error: RactoGatewayError
) -> PartialWriteError:
    done = frozenset(stored)
    reason = f"{type(error).__name__}: {error}"
    failed = {each.chunk_id: reason for each in records if each.chunk_id not in done}
    return PartialWriteError(
        f"Chroma stored {len(stored)} of {len(records)} chunks, then failed: {error.message}; add "
        f"those in `failed` again, which is safe even where a lost answer hid a success",
        stored=stored,
        failed=failed,
        retryable=error.retryable,
        provider=error.provider,
        status_code=error.status_code,
    )
