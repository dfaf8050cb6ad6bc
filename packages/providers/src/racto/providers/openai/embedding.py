"""Texts embedded in batches: several at once, in order, each retried alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from racto.core.errors import EmbeddingError
from racto.core.flows import Flow, gather, step
from racto.core.retries import Deadline, RetryPolicy, retrying
from racto.providers.arrays import length
from racto.providers.kits.wires import WireRequest

from .embedding_wire import EmbeddedBatch, decode_vectors, encode_texts
from .failures import Translator
from .transport import OpenAITransport

BATCHES_AT_ONCE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddingCall:
    """How texts are to be embedded.

    Attributes:
        model: Embedding model.
        dimensions: Length of the vectors, where the model can shorten them.
        batch_size: Most texts of one request.
        extra: Further fields, sent as they are.
        retry: How often to call again after a passing error.
        timeout: Seconds for all batches together; None for no limit.
    """

    model: str
    dimensions: int | None = None
    batch_size: int = 256
    extra: Mapping[str, Any] = field(default_factory=dict)
    retry: RetryPolicy = RetryPolicy()  # noqa: RUF009 - frozen
    timeout: float | None = 600.0


def embedded(
    texts: Sequence[str],
    call: EmbeddingCall,
    *,
    transport: OpenAITransport,
    translator: Translator,
) -> Flow[list[EmbeddedBatch]]:
    """Embed texts; a batch that fails is sent again without the others.

    Args:
        texts: Any number of texts.
        call: How to embed them.
        transport: Carries the requests.
        translator: Makes the errors.
    """
    deadline = Deadline.after(call.timeout)
    batches = [
        texts[start : start + call.batch_size] for start in range(0, len(texts), call.batch_size)
    ]

    def one(batch: Sequence[str]) -> Flow[EmbeddedBatch]:
        request = encode_texts(batch, call.model, dimensions=call.dimensions, extra=call.extra)

        def attempt() -> Flow[EmbeddedBatch]:
            return _attempt(request, len(batch), deadline, transport, translator)

        done = yield from retrying(attempt, call.retry, deadline=deadline)
        return done

    found = yield from gather([one(batch) for batch in batches], width=BATCHES_AT_ONCE)
    # One server behind a balancer may run another model than the rest.
    lengths = {length(batch.rows[0]) for batch in found}
    if len(lengths) > 1:
        raise EmbeddingError(f"{call.model} made vectors of several lengths: {sorted(lengths)}")
    return found


def _attempt(
    request: WireRequest,
    count: int,
    deadline: Deadline,
    transport: OpenAITransport,
    translator: Translator,
) -> Flow[EmbeddedBatch]:
    reply = yield from step(transport.send, transport.asend, request, deadline)
    return decode_vectors(reply, count=count, translator=translator)
