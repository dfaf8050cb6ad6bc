"""Keeps a record of who asked what and got which answer, in Kafka; the request does not wait."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import threading
import weakref
from collections.abc import Callable, Mapping
from copy import deepcopy
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from pydantic import SecretStr

from racto.core.errors import (
    APIConnectionError,
    BadRequestError,
    ConfigurationError,
    OverloadedError,
)
from racto.core.flows import threaded
from racto.core.protocols.metrics import Metrics

from .backlogs import Backlog, MemoryBacklog, OnFull
from .chain import AuditChain, Link, chain_key
from .courier import Courier
from .encoding import check_texts, encoded, facts_of, key_of, now_utc
from .event import KafkaAuditEvent
from .recovery import AuditRecovery
from .spill import AuditSpillConfig, Spill

if TYPE_CHECKING:
    from racto.kafka import KafkaProducerClient

LOGGER = logging.getLogger("racto.kafka.audit")

_BUFFER_BYTES = 64 << 20


class KafkaAuditLogger:
    """Logs exchanges to a topic of their own, keyed by the user.

    ``log`` writes the event down and returns; a thread delivers it. With ``spill`` it is written
    to a file, which outlives the process and a broker that is away; without, to memory. Events are
    delivered at least once and, of one user, in order; ``event_id`` tells copies apart. Close it,
    or use it as a context manager. The producer is not closed.

    Args:
        producer: Delivers the events; it must not be used for transactions.
        topic: The audit topic.
        spill: A directory of this logger's own, or its settings. What an earlier process left
            there is delivered first.
        redact: Called with each event before it is written down anywhere; returns the event to
            keep. When it raises, so does ``log``, and nothing is kept.
        chain: Whether each event carries the digest of the one before, so that changed, missing
            and moved events show; ``racto-kafka audit verify`` checks it.
        chain_key: A secret that makes the digests unforgeable; it switches the chain on.
        on_full: What happens beyond ``max_buffered`` events in memory: ``raise`` in ``log``, or
            ``drop_oldest_counted``. A spill has limits of its own.
        max_buffered: Most events in memory, without a spill.
        max_event_bytes: Most bytes of one event; more is refused in ``log``.
        close_timeout_s: Seconds that ``close`` gives the delivery.
        metrics: Told of events logged, delivered, refused, dropped and pending.

    Raises:
        ConfigurationError: If the producer is of another kind, a limit or key is out of range, or
            the directory is open to other users.
        IndexLockedError: If another logger uses the directory.
        StoreError: If the directory cannot be used.
    """

    def __init__(
        self,
        producer: KafkaProducerClient,
        *,
        topic: str = "racto.audit",
        spill: AuditSpillConfig | str | Path | None = None,
        redact: Callable[[KafkaAuditEvent], KafkaAuditEvent] | None = None,
        chain: bool = False,
        chain_key: SecretStr | str | bytes | None = None,
        on_full: OnFull = "raise",
        max_buffered: int = 10_000,
        max_event_bytes: int = 900_000,
        close_timeout_s: float = 10.0,
        metrics: Metrics | None = None,
    ) -> None:
        _check(topic=topic, max_buffered=max_buffered, max_event_bytes=max_event_bytes)
        self._topic, self._redact, self._metrics = topic, redact, metrics
        self._most, self._close_timeout = max_event_bytes, close_timeout_s
        self._prefix, self._numbers = secrets.token_hex(8), count(1)
        self._chain = _chain(self._prefix, chain, chain_key)
        self._client = _client_of(producer)
        # The directory is seized last: what fails above leaves nothing locked.
        self._backlog: Backlog
        if spill is None:
            self._backlog = MemoryBacklog(
                max_events=max_buffered, max_bytes=_BUFFER_BYTES, on_full=on_full
            )
        else:
            self._backlog = Spill(_settings(spill))
        self._courier = Courier(self._backlog, self._client, topic=topic, metrics=metrics)
        self._is_waiting_for_disk = isinstance(spill, AuditSpillConfig) and spill.sync == "always"
        self._lock = threading.Lock()
        # Neither threads nor librdkafka's clients survive a fork.
        self._pid = os.getpid()
        self._is_closed = False
        # Whoever forgets to close it, or ends by an exception, loses nothing that can be delivered.
        self._goodbye = weakref.finalize(self, _let_go, self._courier, self._pid, close_timeout_s)
        self._courier.wake()

    @property
    def topic(self) -> str:
        """The audit topic."""
        return self._topic

    @property
    def pending(self) -> int:
        """Events that are written down and not acknowledged by a broker yet."""
        return self._backlog.pending

    @property
    def dropped(self) -> int:
        """Events that were given up for want of room, with ``drop_oldest_counted``."""
        return self._backlog.dropped

    @property
    def refused(self) -> int:
        """Events that the broker refused for good, such as ones too large for it."""
        return self._courier.refused

    @property
    def delivered(self) -> int:
        """Events that a broker acknowledged, those of an earlier process included."""
        return self._courier.delivered

    @property
    def last_error(self) -> str:
        """Why events wait; empty while the delivery works."""
        return self._courier.last_error

    @property
    def recovery(self) -> AuditRecovery:
        """What an earlier process had left in the spill's directory."""
        return self._backlog.recovery if isinstance(self._backlog, Spill) else AuditRecovery()

    @property
    def chain_head(self) -> Link | None:
        """The chain's last link; note it elsewhere, and a cut at the end shows too."""
        with self._lock:
            return self._chain.head if self._chain is not None else None

    def log(
        self,
        *,
        user_id: str,
        model: str,
        prompt: str,
        response: str,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        """Record one exchange.

        Args:
            user_id: Who asked, empty when unknown; events of one user keep their order.
            model: Which model answered.
            prompt: What was asked.
            response: What was answered, or the error's message.
            metadata: Further facts, JSON-serialisable.

        Raises:
            BadRequestError: If a field is of another type, metadata is no JSON, or the event is
                larger than ``max_event_bytes``.
            OverloadedError: If there is no room for it and nothing may be dropped.
            StoreError: If the disk does not take it.
            ConfigurationError: If the logger is closed, or was made before this process forked.
        """
        event: dict[str, Any] = {
            "user_id": user_id,
            "model": model,
            "prompt": prompt,
            "response": response,
            "timestamp_utc": now_utc(),
            "metadata": facts_of(metadata),
            "event_id": f"{self._prefix}-{next(self._numbers)}",
        }
        check_texts(event)
        if self._redact is not None:
            event = _redacted(self._redact, event)
        self._keep(key_of(event["user_id"]), encoded(event))
        self._courier.wake()
        if self._metrics is not None:
            self._metrics.count("racto.kafka.audit.logged")

    async def alog(
        self,
        *,
        user_id: str,
        model: str,
        prompt: str,
        response: str,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        """Async twin of :meth:`log`; it leaves the loop only when the spill waits for the disk."""
        facts: dict[str, Any] = {"user_id": user_id, "model": model, "metadata": metadata}
        if self._is_waiting_for_disk:
            await asyncio.to_thread(self.log, prompt=prompt, response=response, **facts)
        else:
            self.log(prompt=prompt, response=response, **facts)

    def flush(self, timeout: float | None = None) -> int:
        """Wait until all is delivered; how many events are not yet, after ``timeout`` seconds."""
        return self._courier.wait(timeout)

    aflush = threaded(flush)

    def close(self) -> None:
        """Deliver what can be delivered in ``close_timeout_s`` seconds; twice is fine.

        With a spill what is left stays in its directory for the next logger.

        Raises:
            APIConnectionError: If events were not delivered and there is no spill to keep them.
        """
        # What a forked child inherits is still its parent's, and the lock may be held for ever.
        if os.getpid() != self._pid:
            return
        with self._lock:
            if self._is_closed:
                return
            self._is_closed = True
        self._goodbye.detach()
        left = self._courier.close(self._close_timeout)
        if left:
            _tell(left, self._backlog, self._courier.last_error)

    aclose = threaded(close)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    def _keep(self, key: bytes, event: bytes) -> None:
        # Before the lock, which another thread may have held when the process was forked.
        if os.getpid() != self._pid:
            raise _unusable(self._pid)
        with self._lock:
            if self._is_closed:
                raise _unusable(self._pid)
            chain = self._chain
            if chain is None:
                self._append(key, event)
                return
            head = chain.head
            try:
                self._append(key, chain.seal(event))
            except BaseException:
                # The next event must follow the last one that was kept.
                chain.back(head)
                raise

    def _append(self, key: bytes, event: bytes) -> None:
        if len(event) > self._most:
            raise BadRequestError(
                f"an audit event of {len(event)} bytes is larger than max_event_bytes="
                f"{self._most}; shorten prompt, response or metadata, or raise the limit here, "
                "the producer's message.max.bytes and the topic's max.message.bytes"
            )
        dropped = self._backlog.dropped
        try:
            self._backlog.append(key, event)
        except OverloadedError as error:
            raise _with_cause(error, self._courier.last_error) from error
        if self._metrics is not None and self._backlog.dropped > dropped:
            self._metrics.count("racto.kafka.audit.dropped", self._backlog.dropped - dropped)


def _check(*, topic: str, max_buffered: int, max_event_bytes: int) -> None:
    if not topic:
        raise ConfigurationError("topic: is empty; name the audit topic")
    if max_buffered < 1:
        raise ConfigurationError(f"max_buffered: must be 1 or more, not {max_buffered}")
    if max_event_bytes < 1:
        raise ConfigurationError(f"max_event_bytes: must be 1 or more, not {max_event_bytes}")


def _chain(chain_id: str, wanted: bool, key: SecretStr | str | bytes | None) -> AuditChain | None:
    secret = chain_key(key)
    return AuditChain(chain_id, key=secret) if wanted or secret is not None else None


def _settings(spill: AuditSpillConfig | str | Path) -> AuditSpillConfig:
    if isinstance(spill, AuditSpillConfig):
        return spill
    # An empty text, such as an unset variable, would mean the current directory.
    if not str(spill):
        raise ConfigurationError("spill: is empty; name a directory of the logger's own")
    return AuditSpillConfig(directory=Path(spill))


def _client_of(producer: Any) -> Any:
    client = getattr(producer, "raw", None)
    if not callable(getattr(client, "produce", None)):
        raise ConfigurationError(
            f"producer is a {type(producer).__name__}; give a racto.kafka.KafkaProducerClient"
        )
    return client


def _redacted(
    redact: Callable[[KafkaAuditEvent], KafkaAuditEvent], event: Mapping[str, Any]
) -> dict[str, Any]:
    # A copy, so that the hook cannot change what the caller goes on using.
    facts = {**event, "metadata": deepcopy(dict(event["metadata"]))}
    changed = redact(KafkaAuditEvent(**facts))
    if not isinstance(changed, KafkaAuditEvent):
        raise ConfigurationError(
            f"redact returned {type(changed).__name__}; it must return a KafkaAuditEvent, such as "
            "event.model_copy(update={'prompt': '...'})"
        )
    fields = {name: getattr(changed, name) for name in event}
    # A copy with an update is not validated.
    check_texts(fields)
    return fields


def _unusable(pid: int) -> ConfigurationError:
    if os.getpid() != pid:
        return ConfigurationError(
            f"the audit logger was made in process {pid}, and this is {os.getpid()}; make one in "
            "each process, after the fork"
        )
    return ConfigurationError("the audit logger is closed")


def _with_cause(error: OverloadedError, cause: str) -> OverloadedError:
    return OverloadedError(f"{error.message}{f'; the last delivery failed: {cause}' * bool(cause)}")


def _tell(left: int, backlog: Backlog, cause: str) -> None:
    because = f" ({cause})" if cause else ""
    if not backlog.is_durable:
        raise APIConnectionError(
            f"{left} audit events were not delivered and are lost with this process{because}; "
            "give spill= a directory to keep them",
            provider="kafka",
        )
    LOGGER.warning("%d audit events wait in the spill for the next logger%s", left, because)


def _let_go(courier: Courier, pid: int, timeout: float) -> None:
    # A forked child has neither the thread nor the right to the files.
    if os.getpid() != pid:
        return
    if courier.is_here:
        # Collected on the very thread that delivers, which would wait for itself.
        threading.Thread(
            target=_let_go, args=(courier, pid, timeout), name="racto-audit-end"
        ).start()
        return
    if left := courier.close(timeout):
        LOGGER.error("%d audit events were not delivered before the end", left)
