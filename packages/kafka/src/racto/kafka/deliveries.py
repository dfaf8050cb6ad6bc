"""What became of records: a receipt for those who wait, and a list of the failures for all."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeAlias

from racto.core.errors import RactoGatewayError, RactoGatewayTimeoutError
from racto.core.protocols.metrics import Metrics

from .clients import LOGGER
from .connections import ConnectionLog
from .failures import PROVIDER, failure
from .messages import KafkaProduceResult
from .statistics import METRIC_FAILURES

_FAILURES_KEPT = 1000

SIZE_HINT = "; send less, or raise message.max.bytes here and on the broker"
"""What to do about a record that is too large."""

Report: TypeAlias = Callable[[Any, Any], None]
"""Takes librdkafka's report of one record: an error or None, and the record."""


@dataclass(frozen=True, kw_only=True, slots=True)
class KafkaDeliveryFailure:
    """A record that was not delivered; librdkafka's report of it does not bring its headers.

    Attributes:
        error: Why not.
        topic: Where it should have gone.
        partition: The partition, when one was chosen.
        key: Its key in bytes; None when it has none.
        value: Its value in bytes; None for a tombstone.
    """

    error: RactoGatewayError
    topic: str
    partition: int | None
    key: bytes | None
    value: bytes | None


class Deliveries:
    """Takes librdkafka's delivery reports, on whichever thread polls.

    Attributes:
        connection: What the client says about its connections, to go into errors of records.

    Args:
        on_failure: Called with each record that was not delivered and that nobody waits for.
        metrics: Told of each such record.
    """

    def __init__(
        self,
        on_failure: Callable[[KafkaDeliveryFailure], None] | None = None,
        metrics: Metrics | None = None,
    ) -> None:
        self._on_failure = on_failure
        self._metrics = metrics
        self._failures: deque[KafkaDeliveryFailure] = deque(maxlen=_FAILURES_KEPT)
        self._untold = 0
        self._awaited = 0
        self._lock = threading.Lock()
        self.connection = ConnectionLog()

    @property
    def failures(self) -> Sequence[KafkaDeliveryFailure]:
        """The latest thousand failures, oldest first."""
        with self._lock:
            return tuple(self._failures)

    def take_untold(self) -> int:
        """How many records failed since this was last asked."""
        with self._lock:
            count, self._untold = self._untold, 0
            return count

    def is_awaited(self) -> bool:
        """Whether somebody waits for a receipt."""
        return self._awaited > 0

    def report(self, error: Any, message: Any) -> None:
        """The report of a record for which nobody waits."""
        # Once a record; the way of success must stay this short.
        if error is None:
            return
        failed = _failed(error, message)
        with self._lock:
            self._failures.append(failed)
            self._untold += 1
        LOGGER.error("a record was not delivered: %s", failed.error)
        if self._metrics is not None:
            self._metrics.count(METRIC_FAILURES, 1, {"topic": failed.topic})
        if self._on_failure is not None:
            try:
                self._on_failure(failed)
            except Exception:
                # Raised out of librdkafka's poll it would stop the reports of other records.
                LOGGER.exception("on_failure raised for a record of topic %s", failed.topic)

    def waiter(self) -> tuple[Report, Future[KafkaProduceResult]]:
        """A report for one record, and the receipt that it fills."""
        future: Future[KafkaProduceResult] = Future()
        # A future that runs cannot be cancelled, and librdkafka cannot be told to forget a record.
        future.set_running_or_notify_cancel()
        with self._lock:
            self._awaited += 1

        def report(error: Any, message: Any) -> None:
            with self._lock:
                self._awaited -= 1
            if error is None:
                future.set_result(_receipt(message))
            else:
                future.set_exception(_failed(error, message).error)

        return report, future

    def forget_waiter(self) -> None:
        """Nobody waits: the record did not get into the queue, and will not be reported."""
        with self._lock:
            self._awaited -= 1

    def loss(self, queued: int, failed: int) -> RactoGatewayError:
        """The error for a producer that is closed before all was delivered."""
        if failed:
            latest = self.failures[-1].error
            return type(latest)(
                f"the producer is closed, and {failed} records were not delivered, {queued} more "
                f"were still queued; the latest failure: {latest}",
                provider=PROVIDER,
            )
        return RactoGatewayTimeoutError(
            f"the producer is closed, and {queued} records were still queued{self.connection.because()}; "
            "give close() a longer timeout, or flush() first",
            provider=PROVIDER,
        )


def _receipt(message: Any) -> KafkaProduceResult:
    kind, time = message.timestamp()
    return KafkaProduceResult(
        topic=message.topic(),
        partition=message.partition(),
        offset=message.offset(),
        timestamp_ms=time if kind else None,
    )


def _failed(error: Any, message: Any) -> KafkaDeliveryFailure:
    topic, partition = message.topic(), message.partition()
    is_chosen = partition is not None and partition >= 0
    place = f"partition {partition} of topic {topic!r}" if is_chosen else f"topic {topic!r}"
    hint = SIZE_HINT if error.name() in ("MSG_SIZE_TOO_LARGE", "RECORD_LIST_TOO_LARGE") else ""
    return KafkaDeliveryFailure(
        error=failure(error, f"delivering a record to {place}", hint=hint),
        topic=topic,
        partition=partition if is_chosen else None,
        key=message.key(),
        value=message.value(),
    )
