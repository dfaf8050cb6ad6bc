"""Texts embedded in batches: several at once, in order, each retried alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from racto.core.errors import ConfigurationError, EmbeddingError, RactoGatewayError
from racto.core.flows import Flow, gather, step
from racto.core.retries import Deadline, retrying
from racto.providers.arrays import length, matrix
from racto.providers.connections.connection import Connection
from racto.providers.kits.wires import WireRequest

from .wires import EmbeddedBatch, EmbeddingCall, EmbeddingWire


def embedded(
    texts: Sequence[str],
    call: EmbeddingCall,
    *,
    wire: EmbeddingWire,
    connection: Connection,
    shape: Callable[[Sequence[Any], int], Any] = matrix,
) -> Flow[list[EmbeddedBatch]]:
    """Embed texts; a batch that fails is sent again without the others.

    Args:
        texts: Any number of texts.
        call: How to embed them.
        wire: Shapes requests and replies.
        connection: Carries them.
        shape: Makes the rows of each result, of the rows as they came and their length.

    Returns:
        The batches in the order of the texts, all their vectors of one length.

    Raises:
        EmbeddingError: If another number of vectors came back for a batch, vectors of several
            lengths, or vectors that are none; the batch is named.
        RactoGatewayError: What the server answered; a note names the batch.
    """
    if isinstance(texts, str):
        raise ConfigurationError("texts is one string; put it into a list")
    deadline = Deadline.after(call.timeout)
    places = list(_places(texts, call))

    def one(place: range) -> Flow[EmbeddedBatch]:
        request = wire.encode(texts[place.start : place.stop], call)
        where = f"texts {place.start} to {place.stop - 1} of {len(texts)}"

        def attempt() -> Flow[EmbeddedBatch]:
            return _attempt(request, len(place), wire, connection, deadline)

        try:
            batch = yield from retrying(attempt, call.retry, deadline=deadline)
        except RactoGatewayError as error:
            error.add_note(f"while embedding {where}")
            raise
        return checked(batch, len(place), where, shape)

    found = yield from gather([one(place) for place in places], width=call.at_once)
    # One server behind a balancer may run another model than the rest.
    lengths = {len(batch.rows[0]) for batch in found}
    if len(lengths) > 1:
        raise EmbeddingError(f"{call.model} made vectors of several lengths: {sorted(lengths)}")
    return found


def _attempt(
    request: WireRequest,
    count: int,
    wire: EmbeddingWire,
    connection: Connection,
    deadline: Deadline,
) -> Flow[EmbeddedBatch]:
    transport = connection.transport
    reply = yield from step(transport.send, transport.asend, request, deadline)
    return wire.decode(reply, count)


def checked(
    batch: EmbeddedBatch, count: int, where: str, shape: Callable[[Sequence[Any], int], Any]
) -> EmbeddedBatch:
    """The batch with its rows in shape.

    Args:
        batch: What came back.
        count: Number of texts that were sent.
        where: Which texts those were, for the error.
        shape: Makes the rows of the result, of the rows as they came and their length.

    Raises:
        EmbeddingError: If they are not that many vectors of one length.
    """
    try:
        lengths = {length(row) for row in batch.rows}
        if len(batch.rows) != count or len(lengths) != 1 or 0 in lengths:
            raise ValueError(f"{len(batch.rows)} vectors of length {sorted(lengths)} came back")
        return replace(batch, rows=shape(batch.rows, *lengths))
    except (TypeError, ValueError) as error:
        raise EmbeddingError(
            f"{where}: {count} texts were sent, and no vector for each came back ({error}); "
            "nothing was kept",
            request_id=batch.request_id,
        ) from error


def _places(texts: Sequence[str], call: EmbeddingCall) -> Iterator[range]:
    """Where each batch begins and ends."""
    start, held = 0, 0
    for number, text in enumerate(texts):
        size = _bytes(text) if call.batch_bytes is not None else 0
        is_full = number - start == call.batch_size
        is_heavy = call.batch_bytes is not None and held + size > call.batch_bytes
        if number > start and (is_full or is_heavy):
            yield range(start, number)
            start, held = number, 0
        held += size
    if texts:
        yield range(start, len(texts))


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "replace"))
