"""Telemetry of streams: the trace of whoever sent a message goes on in its handler."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Protocol, runtime_checkable

from racto.core.errors import RactoGatewayError
from racto.core.protocols.tracing import Tracer
from racto.core.telemetry.conventions import RACTO_ATTEMPT

from .handlers import StreamHandler, is_request
from .messages import KafkaMessage, KafkaPublishRequest

_MOST_HEADERS = 64
_LONGEST_HEADER = 8192


@runtime_checkable
class ContextCarrier(Protocol):
    """The power of a tracer to carry its context from one process to another."""

    def carry(self) -> Mapping[str, str]:
        """Headers that say which span is current here; empty without one."""
        ...

    def carried(self, headers: Mapping[str, str]) -> AbstractContextManager[Any]:
        """Make the span that headers tell of the parent of those opened in the block."""
        ...


class TracedHandler:
    """A handler whose calls are spans, under the span of whoever sent the messages.

    The context needs a tracer with the power of a :class:`ContextCarrier`; its headers are read
    from the messages, and put on the outputs. With another tracer, and for a batch whose messages
    come from several traces, a call's span begins a trace of its own.

    Args:
        handler: What is called.
        tracer: Opens the spans.
        group: The consumer's group, for the spans.
    """

    def __init__(self, handler: StreamHandler, tracer: Tracer, *, group: str | None) -> None:
        self._handler = handler
        self._tracer = tracer
        self._group = group
        self.topic = handler.topic
        self.one_at_a_time = handler.one_at_a_time

    def call(self, messages: list[KafkaMessage], attempt: int = 1) -> Sequence[Any]:
        """Handle messages in a span; returns what to publish, with the span's context."""
        with self._opened(messages, attempt):
            return self._labelled(self._handler.call(messages, attempt))

    async def acall(self, messages: list[KafkaMessage], attempt: int = 1) -> Sequence[Any]:
        """Async twin of :meth:`call`."""
        with self._opened(messages, attempt):
            return self._labelled(await self._handler.acall(messages, attempt))

    def close(self) -> None:
        """Let go what the handler holds."""
        self._handler.close()

    @contextmanager
    def _opened(self, messages: list[KafkaMessage], attempt: int) -> Iterator[None]:
        first = messages[0]
        facts: dict[str, Any] = {
            "messaging.system": "kafka",
            "messaging.operation.type": "process",
            "messaging.destination.name": first.topic,
            "messaging.consumer.group.name": self._group,
            RACTO_ATTEMPT: attempt,
        }
        if len(messages) == 1:
            facts["messaging.destination.partition.id"] = str(first.partition)
            facts["messaging.kafka.offset"] = first.offset
        else:
            facts["messaging.batch.message_count"] = len(messages)
        with (
            self._context(messages),
            self._tracer.span(f"process {first.topic}", kind="consumer", attributes=facts),
        ):
            yield

    def _context(self, messages: list[KafkaMessage]) -> AbstractContextManager[Any]:
        if not isinstance(self._tracer, ContextCarrier):
            return nullcontext()
        sent = _safe(messages[0])
        is_shared = all(_safe(message) == sent for message in messages[1:])
        return self._tracer.carried(sent if is_shared else {})

    def _labelled(self, outputs: Sequence[Any]) -> Sequence[Any]:
        if not outputs or not isinstance(self._tracer, ContextCarrier):
            return outputs
        labels = dict(self._tracer.carry())
        return [self._request(output, labels) for output in outputs] if labels else outputs

    def _request(self, output: Any, labels: dict[str, str]) -> KafkaPublishRequest:
        if not is_request(output):
            return KafkaPublishRequest(topic=self.topic or "", value=output, headers=labels)
        own = output.headers or ()
        pairs = list(own.items() if isinstance(own, Mapping) else own)
        # A reply that repeats its request's headers goes on from here, not from there.
        kept = [pair for pair in pairs if pair[0] not in labels]
        labelled: KafkaPublishRequest = output.model_copy(
            update={"headers": [*kept, *labels.items()]}
        )
        return labelled


def _safe(message: KafkaMessage) -> dict[str, str]:
    """Short texts only: headers come from whoever can write to the topic."""
    try:
        headers = message.headers[:_MOST_HEADERS]
    except RactoGatewayError:
        # It has some that cannot be read, which is the handler's to complain of.
        return {}
    found: dict[str, str] = {}
    for name, value in headers:
        if value is not None and len(value) <= _LONGEST_HEADER and value.isascii():
            found[name] = value if isinstance(value, str) else value.decode()
    return found
