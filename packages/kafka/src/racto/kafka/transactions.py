"""Outputs and offsets in one transaction: both are there for readers of committed data, or none."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Callable
from typing import Any

from racto.core.errors import ConfigurationError, RactoGatewayError
from racto.core.flows import Flow, step
from racto.core.retries import RetryPolicy, retrying

from .clients import positions
from .consumer import KafkaConsumerClient
from .failures import translated
from .offsets import OffsetTracker
from .producer import KafkaProducerClient
from .stream_stats import StreamCounter

_SECONDS = 30.0
_AGAIN = RetryPolicy(attempts=5, base=0.1, maximum=2.0)
_ID = "transactional.id"


class Transactions:
    """Runs work inside transactions of one producer.

    Args:
        consumer: Whose offsets are committed with the outputs.
        producer: Publishes; its config sets ``transactional.id``.
        tracker: Knows which offsets the work has handled.
        counter: Counts the commits.

    Raises:
        ConfigurationError: If there is no producer, or it has no transactional id.
    """

    def __init__(
        self,
        consumer: KafkaConsumerClient,
        producer: KafkaProducerClient | None,
        *,
        tracker: OffsetTracker,
        counter: StreamCounter,
    ) -> None:
        if producer is None or _ID not in producer.config.extra:
            raise ConfigurationError(
                "guarantee='exactly_once' needs a producer of its own with "
                f"KafkaProducerConfig(extra={{'{_ID}': ...}}), a name that each instance of the "
                "stream keeps over restarts"
            )
        self._consumer = consumer
        self._producer = producer
        self._tracker = tracker
        self._counter = counter
        self._is_ready = False

    def around(self, work: Callable[[], Flow[None]]) -> Flow[None]:
        """Do work in a transaction, and commit what it published with the offsets it handled.

        Raises:
            RactoGatewayError: If it could not be committed; it is aborted then, and nobody who
                reads committed data sees any of it. Retryable where doing it again may succeed.
        """
        # Once a producer, and again after an abort that failed: it ends what is left over.
        if not self._is_ready:
            yield from self._call("init_transactions", _SECONDS)
            self._is_ready = True
        yield from self._call("begin_transaction")
        try:
            yield from work()
            offsets = self._tracker.committable()
            if offsets:
                # With the generation in it, a member that was thrown out cannot commit.
                group = self._consumer.raw.consumer_group_metadata()
                taken = positions(offsets)
                yield from self._call("send_offsets_to_transaction", taken, group, _SECONDS)
            yield from self._call("commit_transaction", _SECONDS)
        except BaseException as error:
            yield from self._abort(error)
            raise
        self._tracker.committed(offsets)
        self._counter.committed()

    def may_redo(self, error: Exception) -> bool:
        """Whether the same work may succeed in a new transaction.

        Args:
            error: What :meth:`around` raised.
        """
        told = getattr(error.__cause__, "args", ()) or (None,)
        requires_abort = getattr(told[0], "txn_requires_abort", None)
        is_aborted = requires_abort is not None and bool(requires_abort())
        return is_aborted or (isinstance(error, RactoGatewayError) and error.retryable)

    def _abort(self, error: BaseException) -> Flow[None]:
        try:
            yield from self._call("abort_transaction", _SECONDS)
        except RactoGatewayError as refused:
            # The broker aborts it by itself when its time is over, or when the next one begins.
            self._is_ready = False
            error.add_note(f"and the transaction could not be aborted: {refused}")

    def _call(self, name: str, *arguments: Any) -> Flow[None]:
        method = getattr(self._producer.raw, name)

        def call() -> None:
            with translated(f"calling {name} of the stream's transaction"):
                method(*arguments)

        def attempt() -> Flow[None]:
            return step(call, lambda: to_thread(call))

        # What Kafka calls retriable is the very same call once more.
        yield from retrying(attempt, _AGAIN)
