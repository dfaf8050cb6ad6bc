"""Adding and removing chunks: checked as a whole, sent in batches, told exactly when half done."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from racto.core.documents import Chunk
from racto.core.errors import PartialWriteError, RactoGatewayError, StoreError
from racto.core.flows import Flow, step

from .failures import is_missing
from .filters import TOKENS
from .managing import Space
from .records import RECORD, Record, key_of, record_of
from .tokens import TokenMaker
from .vectors import checked, in_bytes

# Weaviate takes 100 MB a message; less is kinder to its memory.
_BATCH_BYTES = 10_000_000
_MOST_IDS = 1000
_WORTH_A_THREAD = 500


def add(space: Space, chunks: Sequence[Chunk], batch_size: int) -> Flow[None]:
    """Store chunks.

    Args:
        space: The class.
        chunks: The chunks; of several with one id the last counts.
        batch_size: Most objects a request.
    """
    wanted = list({chunk.chunk_id: chunk for chunk in chunks}.values())
    space.link.check_open()
    if not wanted:
        return
    shape = yield from space.shape()
    # All of them before the first is sent, because some may not be storable.
    dimension = None if shape is None else shape.dimension
    records = yield from step(_records, _arecords, wanted, dimension)
    # Only now: a refused chunk must not leave an empty class behind.
    yield from space.made(len(records[0].values))
    stored: list[str] = []
    failed: dict[str, str] = {}
    broken: RactoGatewayError | None = None
    for batch in _batches(records, batch_size):
        if broken is not None:
            # Told as it is: none of these can have been stored.
            failed |= {each.chunk_id: "not sent, because a batch before failed" for each in batch}
            continue
        try:
            refused = yield from _send(space, batch)
        except RactoGatewayError as error:
            broken = error
            failed |= {each.chunk_id: error.message for each in batch}
            continue
        failed |= refused
        stored += [each.chunk_id for each in batch if each.chunk_id not in refused]
    if failed:
        raise _verdict(stored, failed, broken) from broken


def _records(chunks: Sequence[Chunk], dimension: int | None) -> list[Record]:
    """The objects of chunks, all of which can be stored."""
    first, maker = checked(chunks[0], dimension), TokenMaker()
    vectors = [checked(chunk, len(first)) for chunk in chunks]
    return [record_of(chunk, own, maker) for chunk, own in zip(chunks, vectors, strict=True)]


async def _arecords(chunks: Sequence[Chunk], dimension: int | None) -> list[Record]:
    if len(chunks) < _WORTH_A_THREAD:
        return _records(chunks, dimension)
    # Seconds for a large load, in which the loop must go on.
    return await asyncio.to_thread(_records, chunks, dimension)


def remove(space: Space, chunk_ids: Iterable[str]) -> Flow[None]:
    """Remove chunks by their ids; unknown ones are ignored.

    Args:
        space: The class.
        chunk_ids: The ids.
    """
    from weaviate.classes.query import Filter as Wanted

    space.link.check_open()
    keys = list(dict.fromkeys(key_of(chunk_id) for chunk_id in chunk_ids))
    for start in range(0, len(keys), _MOST_IDS):
        page = keys[start : start + _MOST_IDS]
        yield from _delete(space, Wanted.by_id().contains_any(page))


def clear(space: Space) -> Flow[None]:
    """Remove all chunks.

    Args:
        space: The class.
    """
    from weaviate.classes.query import Filter as Wanted

    # Every object has a number of chunks, or the mark of one that does not arrive exactly.
    everything = Wanted.any_of(
        [
            Wanted.by_property("start_char").greater_or_equal(-(2**53)),
            Wanted.by_property(TOKENS).contains_any(["*"]),
        ]
    )
    # One call removes 10,000 at most, and dropping the class would lose its owner's settings.
    while (yield from _delete(space, everything)):
        pass


def _delete(space: Space, where: Any) -> Flow[int]:
    try:
        answer = yield from space.link.call("data", "delete_many", where=where)
    except StoreError as error:
        if is_missing(error):
            return 0
        raise
    if answer.failed:
        raise StoreError(
            f"Weaviate class {space.link.name!r}: {answer.failed} of {answer.matches} objects were "
            f"not deleted; try again",
            retryable=True,
            provider="weaviate",
        )
    return int(answer.successful)


def _send(space: Space, batch: Sequence[Record]) -> Flow[dict[str, str]]:
    """Write one batch; gives what was refused, by chunk, each with the reason."""
    refused = yield from space.link.insert(_request(space, batch))
    return {batch[at].chunk_id: reason for at, reason in refused.items()}


def _request(space: Space, batch: Sequence[Record]) -> Any:
    """The message that writes a batch, made at once: the client's way takes four steps to it."""
    # The client picks the messages that fit the protobuf which is installed.
    from weaviate.proto import v1

    request = v1.batch_pb2.BatchObjectsRequest()
    name, tenant, add_to = space.link.name, space.link.tenant or "", request.objects.add
    for each in batch:
        given = add_to(
            collection=name, tenant=tenant, uuid=each.key, vector_bytes=in_bytes(each.values)
        ).properties
        fields = given.non_ref_properties.fields
        fields[RECORD].string_value = each.text
        for number, value in each.numbers.items():
            fields[number].number_value = value
        given.text_array_properties.add(prop_name=TOKENS, values=each.tokens)
    return request


def _batches(records: Sequence[Record], most: int) -> Iterator[list[Record]]:
    batch: list[Record] = []
    total = 0
    for record in records:
        if batch and (len(batch) == most or total + record.size > _BATCH_BYTES):
            yield batch
            batch, total = [], 0
        batch.append(record)
        total += record.size
    if batch:
        yield batch


def _verdict(
    stored: Sequence[str], failed: Mapping[str, str], broken: RactoGatewayError | None
) -> RactoGatewayError:
    reason = next(iter(failed.values()))
    # Nothing is half done when nothing is done: the plain error says it better.
    if not stored:
        words = f"Weaviate refused all {len(failed)} chunks: {reason:.300}"
        return broken or StoreError(words, provider="weaviate")
    return PartialWriteError(
        f"{len(stored)} of {len(stored) + len(failed)} chunks are stored; of the others the first "
        f"failed with: {reason:.300}; add the chunks named in 'failed' again",
        stored=stored,
        failed=failed,
        retryable=broken is not None and broken.retryable,
        provider="weaviate",
    )
