"""Writing to the collection: in batches, all checked first, and exact about what went wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from racto.core.documents import Chunk
from racto.core.errors import FilterError, NotFoundError, PartialWriteError, RactoGatewayError
from racto.core.filters import lookup_of, matches, parse_filter
from racto.core.flows import Flow, step

from .filters import sieve
from .records import chunk_of, document_of, record_id, record_of
from .shelf import Shelf
from .tokens import TokenBook
from .vectors import embedding_of, embeddings_of

if TYPE_CHECKING:
    from .vectors import Row

# A server takes 40 MB a call unless it is told otherwise; a float takes some 20 bytes of JSON.
_MOST_BYTES = 16 << 20
_BYTES_A_VALUE = 20
# SQLite takes some 32,000 parameters a statement.
_IDS_A_CALL = 1000
# Fewer are checked faster than a thread is asked.
_WORTH_A_THREAD = 500

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
    # Everything that may be wrong with a chunk is found before the first is sent.
    rows, records = yield from step(_checked, _achecked, wanted, dimension)
    yield from shelf.ensure(dimension)
    sent = 0
    for batch in _batches(wanted, rows, records, batch_size):
        try:
            yield from _upsert(shelf, batch, dimension)
        except RactoGatewayError as error:
            # With nothing stored before, the plain error says more.
            if not sent:
                raise
            raise _partial(wanted, sent, error) from error
        sent += len(batch["ids"])


def _checked(chunks: Sequence[Chunk], dimension: int) -> tuple[Sequence[Row], list[str]]:
    return embeddings_of(chunks, dimension), [record_of(chunk) for chunk in chunks]


async def _achecked(chunks: Sequence[Chunk], dimension: int) -> tuple[Sequence[Row], list[str]]:
    if len(chunks) < _WORTH_A_THREAD:
        return _checked(chunks, dimension)
    # Seconds for a large load, in which the loop must go on.
    return await asyncio.to_thread(_checked, chunks, dimension)


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


def _upsert(shelf: Shelf, batch: dict[str, list[Any]], dimension: int) -> Flow[None]:
    try:
        yield from shelf.link.ask("upsert", "writing to", **batch)
    except NotFoundError:
        # Somebody dropped it since it was looked at.
        shelf.forget()
        yield from shelf.ensure(dimension)
        yield from shelf.link.ask("upsert", "writing to", **batch)


def _batches(
    chunks: Sequence[Chunk], rows: Sequence[Row], records: Sequence[str], most: int
) -> Iterator[dict[str, list[Any]]]:
    """The arguments of each call that writes."""
    book = TokenBook()
    begin = end = size = 0
    for row, record, chunk in zip(rows, records, chunks, strict=True):
        # The text of most languages takes one to three bytes a character.
        weight = _BYTES_A_VALUE * len(row) + len(record) + 3 * len(chunk.content)
        if end > begin and (end - begin >= most or size + weight > _MOST_BYTES):
            yield _batch(chunks[begin:end], rows[begin:end], records[begin:end], book)
            begin, size = end, 0
        end += 1
        size += weight
    yield _batch(chunks[begin:end], rows[begin:end], records[begin:end], book)


def _batch(
    chunks: Sequence[Chunk], rows: Sequence[Row], records: Sequence[str], book: TokenBook
) -> dict[str, list[Any]]:
    return {
        "ids": [record_id(chunk.chunk_id) for chunk in chunks],
        "embeddings": [*rows],
        "metadatas": [
            {"record": record, **book.facts_of(chunk)}
            for record, chunk in zip(records, chunks, strict=True)
        ],
        "documents": [document_of(chunk) for chunk in chunks],
    }


def _partial(chunks: Sequence[Chunk], sent: int, error: RactoGatewayError) -> PartialWriteError:
    reason = f"{type(error).__name__}: {error}"
    return PartialWriteError(
        f"Chroma stored {sent} of {len(chunks)} chunks, then failed: {error.message}; add "
        f"those in `failed` again, which is safe even where a lost answer hid a success",
        stored=[chunk.chunk_id for chunk in chunks[:sent]],
        failed={chunk.chunk_id: reason for chunk in chunks[sent:]},
        retryable=error.retryable,
        provider=error.provider,
        status_code=error.status_code,
    )
