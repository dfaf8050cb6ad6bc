"""Writing to the collection: in batches, all checked first, and exact about what went wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from racto.core.documents import Chunk
from racto.core.errors import FilterError, NotFoundError, PartialWriteError, RactoGatewayError
from racto.core.filters import lookup_of, matches, parse_filter
from racto.core.flows import Flow, step

from . import wire
from .facts import FactBook
from .filters import sieve
from .records import chunk_of, payload_of, point_id, record_of
from .shelf import Shelf
from .vectors import embedding_of, embeddings_of

if TYPE_CHECKING:
    from .vectors import Row

# A server takes 32 MiB a call unless it is told otherwise; a float takes some 20 bytes of JSON.
_MOST_BYTES = 16 << 20
_BYTES_A_VALUE = 20
# Ids are 40 bytes each; a server is busy with a thousand for a few milliseconds.
_IDS_A_CALL = 1000
# Fewer are checked faster than a thread is asked.
_WORTH_A_THREAD = 500


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
        sent += len(batch)


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
    ids = list(dict.fromkeys(map(point_id, chunk_ids)))
    for at in range(0, len(ids), _IDS_A_CALL):
        try:
            yield from _write(shelf, "delete", points_selector=ids[at : at + _IDS_A_CALL])
        except NotFoundError:
            shelf.forget()
            return


def delete_where(shelf: Shelf, filters: Mapping[str, Any]) -> Flow[int]:
    """Remove all chunks that satisfy the filter and return how many there were."""
    tree = parse_filter(filters)
    if tree is None:
        raise FilterError("delete_where needs a filter; use clear() to remove everything")
    shelf.link.check_open()
    asked = wire.filter_of(sieve(tree))
    removed = 0
    place: Any = None
    while True:
        try:
            points, place = yield from shelf.link.ask(
                "scroll",
                f"deleting by filter from {shelf.plan.name!r}",
                collection_name=shelf.plan.name,
                scroll_filter=asked,
                limit=_IDS_A_CALL,
                offset=place,
                # The texts are no part of any filter.
                with_payload=["record"],
                with_vectors=False,
            )
        except NotFoundError:
            shelf.forget()
            return removed
        ids = [p.id for p in points if matches(tree, lookup_of(chunk_of(p.payload, None)))]
        if ids:
            yield from _write(shelf, "delete", points_selector=ids)
            removed += len(ids)
        if place is None:
            return removed


def clear(shelf: Shelf) -> Flow[None]:
    """Remove all chunks; the collection and its settings stay."""
    shelf.link.check_open()
    try:
        yield from _write(shelf, "delete", points_selector=wire.everything())
    except NotFoundError:
        shelf.forget()


def _upsert(shelf: Shelf, batch: Sequence[wire.Item], dimension: int) -> Flow[None]:
    points = wire.points_of(batch, shelf.plan, shelf.link.address.is_local)
    try:
        yield from _write(shelf, "upsert", points=points)
    except NotFoundError:
        # Somebody dropped it since it was looked at.
        shelf.forget()
        yield from shelf.ensure(dimension)
        yield from _write(shelf, "upsert", points=points)


def _write(shelf: Shelf, method: str, **arguments: Any) -> Flow[Any]:
    doing = f"{'writing to' if method == 'upsert' else 'deleting from'} {shelf.plan.name!r}"
    # Waited for, so that what was acknowledged is there for the next search.
    return shelf.link.ask(method, doing, collection_name=shelf.plan.name, wait=True, **arguments)


def _batches(
    chunks: Sequence[Chunk], rows: Sequence[Row], records: Sequence[str], most: int
) -> Iterator[list[wire.Item]]:
    book = FactBook()
    batch: list[wire.Item] = []
    size = 0
    for chunk, row, record in zip(chunks, rows, records, strict=True):
        text = chunk.content
        # A character takes up to six bytes of JSON, and the text of most languages one to three.
        weight = _BYTES_A_VALUE * len(row) + len(record) + 3 * len(text)
        if batch and (len(batch) >= most or size + weight > _MOST_BYTES):
            yield batch
            batch, size = [], 0
        payload = payload_of(chunk, record, book)
        batch.append(wire.Item(point_id(chunk.chunk_id), row, payload, text))
        size += weight
    yield batch


def _partial(chunks: Sequence[Chunk], sent: int, error: RactoGatewayError) -> PartialWriteError:
    reason = f"{type(error).__name__}: {error}"
    return PartialWriteError(
        f"Qdrant stored {sent} of {len(chunks)} chunks, then failed: {error.message}; add "
        f"those in `failed` again, which is safe even where a lost answer hid a success",
        stored=[chunk.chunk_id for chunk in chunks[:sent]],
        failed={chunk.chunk_id: reason for chunk in chunks[sent:]},
        retryable=error.retryable,
        provider=error.provider,
        status_code=error.status_code,
    )
