"""What became of records: a receipt for those who wait, and a list of the failures for all."""

from __future__ import annotations

import threading
import time
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
_BYTES_KEPT = 64 << 20

# An outage fails whatever is queued at once, and a hundred thousand lines help nobody.
_SECONDS_BETWEEN_LINES = 1.0

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


class Receipt(Future[KafkaProduceResult]):
    """The place of one record to come, or the error for which it was not delivered."""

    def __init__(self) -> None:
        super().__init__()
        self.is_left = False
        self.is_decided = False
        self.failed: KafkaDeliveryFailure | None = None
        # A future that runs cannot be cancelled, and librdkafka cannot be told to forget a record.
        self.set_running_or_notify_cancel()


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
        self._failures: deque[KafkaDeliveryFailure] = deque()
        self._bytes = 0
        self._untold = 0
        self._unlogged = 0
        self._logged = -_SECONDS_BETWEEN_LINES
        self._awaited = 0
        self._lock = threading.Lock()
        self.connection = ConnectionLog()

    @property
    def failures(self) -> Sequence[KafkaDeliveryFailure]:
        """The latest failures, oldest first: a thousand, or 64 MiB of values."""
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
        self._tell(_failed(error, message))

    def waiter(self) -> tuple[Report, Receipt]:
        """A report for one record, and the receipt that it fills."""
        receipt = Receipt()
        with self._lock:
            self._awaited += 1

        def report(error: Any, message: Any) -> None:
            failed = None if error is None else _failed(error, message)
            with self._lock:
                receipt.is_decided, receipt.failed = True, failed
                self._awaited -= not receipt.is_left
            if failed is None:
                receipt.set_result(_receipt(message))
                return
            if receipt.is_left:
                self._tell(failed)
            receipt.set_exception(failed.error)

        return report, receipt

    def leave(self, receipt: Receipt) -> None:
        """Nobody waits for a receipt any more: its failure is told as that of other records."""
        with self._lock:
            is_decided = receipt.is_decided
            if not (is_decided or receipt.is_left):
                receipt.is_left = True
                self._awaited -= 1
        if is_decided and receipt.failed is not None:
            self._tell(receipt.failed)

    def forget_waiter(self) -> None:
        """Nobody waits: the record did not get into the queue, and will not be reported."""
        with self._lock:
            self._awaited -= 1

    def _tell(self, failed: KafkaDeliveryFailure) -> None:
        with self._lock:
            self._keep(failed)
            self._untold += 1
            self._unlogged += 1
            now = time.monotonic()
            is_line_due = now - self._logged >= _SECONDS_BETWEEN_LINES
            if is_line_due:
                others, self._unlogged, self._logged = self._unlogged - 1, 0, now
        if is_line_due:
            more = f"; and {others} more since the last such line" if others else ""
            LOGGER.error("a record was not delivered: %s%s", failed.error, more)
        if self._metrics is not None:
            self._metrics.count(METRIC_FAILURES, 1, {"topic": failed.topic})
        if self._on_failure is not None:
            try:
                self._on_failure(failed)
            except Exception:
                # Raised out of librdkafka's poll it would stop the reports of other records.
                LOGGER.exception("on_failure raised for a record of topic %s", failed.topic)

    def _keep(self, failed: KafkaDeliveryFailure) -> None:
        failures = self._failures
        failures.append(failed)
        self._bytes += len(failed.value or b"")
        while len(failures) > _FAILURES_KEPT or (self._bytes > _BYTES_KEPT and len(failures) > 1):
            self._bytes -= len(failures.popleft().value or b"")

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
