"""Outputs and offsets in one transaction: both are there for readers of committed data, or none."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

from racto.core.errors import ConfigurationError, RactoGatewayError
from racto.core.flows import Flow, step
from racto.core.retries import NO_RETRIES, RetryPolicy, retrying

from .clients import positions
from .consumer import KafkaConsumerClient
from .failures import translated
from .offsets import OffsetTracker
from .producer import KafkaProducerClient
from .stream_stats import StreamCounter
from .verdicts import Halt

_SECONDS = 30.0
_SECONDS_AT_ONCE = 2.0
_AGAIN = RetryPolicy(attempts=5, base=0.1, maximum=2.0)
_ID = "transactional.id"
_ENDS = ("begin_transaction", "abort_transaction", "commit_transaction")
_UNKNOWN = (
    "it is not known whether the transaction is committed: begin again with a new producer and a new "
    "consumer, which read on from the offsets that count"
)


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
        self._is_ready = self._is_open = self._is_committed = self._is_unknown = False

    def around(self, work: Callable[[], Flow[None]]) -> Flow[None]:
        """Do work in a transaction, and commit what it published with the offsets it handled.

        Raises:
            RactoGatewayError: If it could not be committed; it is aborted then, and nobody who
                reads committed data sees any of it. Retryable where doing it again may succeed.
                Where nobody can tell whether it was committed, that is said, and from then on
                every call raises it.
        """
        self._is_committed = False
        self._check()
        if not self._is_ready:
            yield from self._call("init_transactions", _SECONDS)
            self._is_ready = True
        if self._is_open:
            # Its abort failed; the client takes nothing else before that has succeeded.
            yield from self._call("abort_transaction", _SECONDS)
        yield from self._call("begin_transaction")
        try:
            yield from work()
            offsets = self._tracker.committable()
            if offsets:
                # With the generation in it, a member that was thrown out cannot commit.
                group = self._consumer.raw.consumer_group_metadata()
                taken = positions(offsets)
                yield from self._call("send_offsets_to_transaction", taken, group, _SECONDS)
        except BaseException as error:
            yield from self._abort(error)
            raise
        yield from self._commit()
        self._tracker.committed(offsets)
        self._counter.committed()

    @property
    def is_committed(self) -> bool:
        """Whether the last transaction is known to be committed."""
        return self._is_committed

    def may_redo(self, error: Exception) -> bool:
        """Whether the same work may succeed in a new transaction.

        Args:
            error: What :meth:`around` raised.
        """
        is_passing = isinstance(error, RactoGatewayError) and error.retryable
        return not self._is_unknown and (is_passing or _requires_abort(error))

    def _commit(self) -> Flow[None]:
        try:
            yield from self._call("commit_transaction", _SECONDS)
        except BaseException as error:
            if _requires_abort(error):
                yield from self._abort(error)
                raise
            self._is_unknown = not self._is_committed
            if isinstance(error, Exception):
                raise RactoGatewayError(f"{error}; {_UNKNOWN}") from error
            raise

    def _abort(self, error: BaseException) -> Flow[None]:
        # Who interrupts twice does not want to wait for a broker.
        in_order = isinstance(error, Exception)
        seconds, policy = (_SECONDS, None) if in_order else (_SECONDS_AT_ONCE, NO_RETRIES)
        try:
            yield from self._call("abort_transaction", seconds, policy=policy)
        except RactoGatewayError as refused:
            # The next transaction begins with it; else the broker does it when the time is over.
            told = error.error if isinstance(error, Halt) and error.error is not None else error
            told.add_note(f"and the transaction could not be aborted: {refused}")

    def _check(self) -> None:
        if self._is_unknown:
            raise RactoGatewayError(f"an earlier transaction has not ended; {_UNKNOWN}")

    def _call(self, name: str, *arguments: Any, policy: RetryPolicy | None = None) -> Flow[None]:
        method = getattr(self._producer.raw, name)

        def call() -> None:
            with translated(f"calling {name} of the stream's transaction"):
                method(*arguments)
            # Here, where nothing can come between the call and the note of it.
            if name in _ENDS:
                self._is_open = name == "begin_transaction"
                self._is_committed = name == "commit_transaction"

        def attempt() -> Flow[None]:
            return step(call, partial(_in_thread, call))

        # What Kafka calls retriable is the very same call once more.
        yield from retrying(attempt, policy or _AGAIN)


def _requires_abort(error: BaseException) -> bool:
    cause = error.__cause__
    while cause is not None:
        told = getattr(cause.args[0] if cause.args else None, "txn_requires_abort", None)
        if told is not None:
            return bool(told())
        cause = cause.__cause__
    return False


async def _in_thread(call: Callable[[], None]) -> None:
    task = asyncio.ensure_future(asyncio.to_thread(call))
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError as cancelled:
        # The client's call goes on, and no other may begin beside it.
        await asyncio.wait((task,))
        raise cancelled from task.exception()
