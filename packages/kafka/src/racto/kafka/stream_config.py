"""How a stream collects, handles, retries and commits."""

from __future__ import annotations

from typing import Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, model_validator

from racto.core.retries import RetryPolicy

from .lanes import Ordering

# A year; locks cannot wait for more than some, and not for infinity.
_LONGEST_SECONDS = 31_536_000

Guarantee: TypeAlias = Literal["at_least_once", "exactly_once"]
"""Whether outputs and offsets are committed together, in a transaction."""


class KafkaStreamConfig(BaseModel):
    """Batches, parallelism, failures and commits of a :class:`~racto.kafka.KafkaStreamProcessor`.

    Attributes:
        batch_size: Most messages that a handler gets in one call.
        max_wait_ms: Longest wait for a batch's first message, in milliseconds.
        linger_ms: How long a batch that is not full waits for further messages; 0 takes what is
            there.
        poll_timeout_ms: Longest single poll of the client, in milliseconds; also how soon a
            stream that has nothing to do notices that it shall stop.
        commit_on_success: Commit what is handled; False leaves commits to the caller.
        wait_for_publish: Let ``process_once`` return when its outputs are acknowledged. Either
            way no offset is committed before the outputs of its message are.
        guarantee: ``at_least_once``, or ``exactly_once`` with a transactional producer.
        workers: Handlers that run at once.
        ordering: With several workers, what is handled in order: the messages of one ``key``, of
            one ``partition``, or ``none``.
        poll_while_handling: Keep the group's membership alive while a handler runs. Several
            workers always do; with one, handlers that may take longer than the consumer's
            ``max.poll.interval.ms`` (five minutes) need it; with ``exactly_once`` such handlers
            need a longer ``transaction.timeout.ms`` of the producer too.
        max_in_flight: Most messages that are read and not handled yet; at least ``batch_size``.
        retry: How often a message is tried, and how long to wait in between.
        dead_letter_topic: Where messages go that all attempts failed for; without it the first
            such message stops the stream.
        commit_interval_ms: Time between two commits while the stream runs; 0 commits after each
            batch.
        drain_timeout_s: Longest wait for running handlers when the stream ends, in seconds; then no
            failed message is tried again, and the deliveries and the commit take a few seconds
            more. Choose it below what the process is given before it is killed. A handler that runs
            in the loop itself, as with one worker, is waited for however long it takes.
        revoke_timeout_s: Longest wait for running handlers when a partition is taken away.
        handle_signals: Let SIGTERM and SIGINT end ``run`` in order.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    batch_size: int = Field(default=32, ge=1)
    max_wait_ms: int = Field(default=250, ge=0)
    linger_ms: int = Field(default=0, ge=0)
    poll_timeout_ms: int = Field(default=200, ge=1)
    commit_on_success: bool = True
    wait_for_publish: bool = True
    guarantee: Guarantee = "at_least_once"
    workers: int = Field(default=1, ge=1, le=1000)
    ordering: Ordering = "key"
    poll_while_handling: bool = False
    max_in_flight: int = Field(default=1000, ge=1)
    retry: RetryPolicy = RetryPolicy()
    dead_letter_topic: str | None = Field(default=None, min_length=1)
    commit_interval_ms: int = Field(default=500, ge=0)
    drain_timeout_s: float = Field(default=30.0, ge=0, le=_LONGEST_SECONDS)
    revoke_timeout_s: float = Field(default=10.0, ge=0, le=_LONGEST_SECONDS)
    handle_signals: bool = True

    @model_validator(mode="after")
    def _check(self) -> KafkaStreamConfig:
        if self.max_in_flight < self.batch_size:
            raise ValueError(
                f"max_in_flight ({self.max_in_flight}) must be at least batch_size "
                f"({self.batch_size}), or no batch would ever be full"
            )
        return self

    @property
    def in_background(self) -> bool:
        """Whether handlers run beside the loop that polls."""
        return self.workers > 1 or self.poll_while_handling
