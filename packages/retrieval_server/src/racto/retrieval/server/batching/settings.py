"""The settings of a batcher: how large batches are, how long they wait, how many may queue."""

from __future__ import annotations

from dataclasses import dataclass

from racto.core.errors import ConfigurationError


@dataclass(frozen=True, kw_only=True, slots=True)
class BatchSettings:
    """How requests become batches.

    Args:
        batch_size: Most requests in one batch.
        max_work: Most work in one batch, in the units of the requests (passages, tokens); a
            single request above it runs alone. None sets no such limit.
        max_wait_time: Longest time in seconds that a request waits for a fuller batch. With 0 a
            batch starts as soon as the engine is idle; what comes meanwhile is the next batch.
        max_queue: Most requests that may wait; further ones are refused.
        in_flight: How many batches may run at once.
        isolation_s: How long, in seconds, a failed batch may be divided and run again to find
            the requests that made it fail; 0 fails all of them at once.

    Raises:
        ConfigurationError: If a value is out of range; the message names it.
    """

    batch_size: int = 32
    max_work: float | None = None
    max_wait_time: float = 0.0
    max_queue: int = 1024
    in_flight: int = 1
    isolation_s: float = 5.0

    def __post_init__(self) -> None:
        for name in ("batch_size", "max_queue", "in_flight"):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise ConfigurationError(f"{name} must be a whole number of at least 1: {value!r}")
        for name in ("max_wait_time", "isolation_s"):
            # The negation refuses NaN too, which every comparison answers with no.
            if not 0 <= getattr(self, name) < float("inf"):
                raise ConfigurationError(
                    f"{name} must be a number of seconds, 0 or more: {getattr(self, name)!r}"
                )
        if self.max_work is not None and not self.max_work > 0:
            raise ConfigurationError(f"max_work must be above 0, or None: {self.max_work!r}")
