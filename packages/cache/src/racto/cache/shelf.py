"""Replies and refusals by key, of which only what is fit to be served again is kept."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

from pydantic import ValidationError

from racto.core.errors import ConfigurationError, InvalidResponseError, RactoGatewayError
from racto.core.protocols.metrics import Metrics
from racto.core.responses import LLMResponse
from racto.core.stats import CacheStats

from .config import LONGEST, CacheConfig
from .counts import Counts
from .entries import Entries
from .faults import bare, common_fault
from .fitness import is_fit
from .replies import Snapshot

# A refusal is a few strings.
_REFUSAL_BYTES = 2_000


class ReplyShelf:
    """The entries of an exact cache, and what may become one.

    Args:
        config: Limits and times.
        clock: Tells the time in seconds.
        metrics: Told of hits, misses, evictions and errors.

    Attributes:
        replies: The entries; their hits and those of ``counts`` are all hits.
        counts: What else is counted.
    """

    def __init__(
        self, config: CacheConfig, *, clock: Callable[[], float], metrics: Metrics | None
    ) -> None:
        self.config = config
        self._ttl, self._stale = config.ttl_seconds, config.stale_seconds or 0.0
        self._weighs, self._keeps_calls = config.max_bytes is not None, config.keep_tool_calls
        self.counts = Counts("exact", metrics)
        self.replies: Entries[Snapshot] = Entries(
            max_size=config.max_size, max_bytes=config.max_bytes, clock=clock
        )
        self._refusals: Entries[RactoGatewayError] = Entries(
            max_size=config.max_size, max_bytes=config.max_bytes, clock=clock
        )

    def refusal(self, key: str) -> RactoGatewayError | None:
        """The failure that is remembered for a key."""
        if self.config.negative_ttl_seconds is None:
            return None
        entry = self._refusals.get(key)
        return None if entry is None else entry.value

    def keep(
        self, key: str, response: LLMResponse, *, ttl_seconds: float | None = None
    ) -> Snapshot | None:
        """Keep a reply if it is fit; what it is now, or None when that cannot be told.

        Args:
            key: Its key.
            response: The reply.
            ttl_seconds: Seconds to keep it; None for the setting.
        """
        seconds = self._ttl if ttl_seconds is None else checked(ttl_seconds)
        reply = self.copy(response)
        if reply is not None and is_fit(response, keep_tool_calls=self._keeps_calls):
            size = reply.size + len(key) if self._weighs else 0
            gone = self.replies.put(
                key, reply, ttl_seconds=seconds, stale_seconds=self._stale, size=size
            )
            if gone:
                self.counts.evicted(gone)
        return reply

    def copy(self, response: LLMResponse) -> Snapshot | None:
        """What a reply is now, or None when it holds what cannot be copied."""
        try:
            return Snapshot(response)
        except InvalidResponseError as error:
            self.counts.failed(error)
            return None

    def refuse(self, key: str, error: BaseException | None) -> RactoGatewayError | None:
        """The error if all who ask would meet it; it is remembered when that is set.

        Args:
            key: What was asked.
            error: What came of it.
        """
        fault = common_fault(error)
        if fault is not None and self.config.negative_ttl_seconds is not None:
            seconds = self.config.negative_ttl_seconds
            self._refusals.put(key, bare(fault), ttl_seconds=seconds, size=_REFUSAL_BYTES)
        return fault

    def drop(self, key: str) -> bool:
        """Drop a reply, and a refusal with it; whether a reply was there."""
        self._refusals.pop(key)
        return self.replies.pop(key)

    def clear(self) -> None:
        """Drop everything, and begin to count anew."""
        self.replies.clear()
        self._refusals.clear()
        self.counts.reset()
        self.replies.hits = 0

    def stats(self) -> CacheStats:
        """Hits, misses and size so far."""
        return self.counts.stats(len(self.replies), hits=self.replies.hits)


def checked(seconds: float) -> float:
    """Seconds to live, above 0.

    Raises:
        ConfigurationError: If they are not, or no number.
    """
    if not seconds > 0.0 or math.isnan(seconds):
        raise ConfigurationError(f"ttl_seconds must be above 0, or None for no end, not {seconds}")
    return seconds


def check_life(seconds: float | None) -> None:
    """See that an entry's time to live is one, before anything is paid for.

    Raises:
        ConfigurationError: If it is neither None nor above 0.
    """
    if seconds is not None:
        checked(seconds)


def check_wait(name: str, seconds: float, *, least: float = 0.0) -> None:
    """See that a time to wait is one.

    Raises:
        ConfigurationError: If it is no number from ``least`` to ten years.
    """
    if not least <= seconds <= LONGEST:
        raise ConfigurationError(
            f"{name} must be {least:g} to {LONGEST:.0f} seconds, not {seconds}"
        )


def settings_of(**given: Any) -> CacheConfig:
    """Settings from single values.

    Args:
        **given: Fields of :class:`CacheConfig`.

    Raises:
        ConfigurationError: If one is out of range.
    """
    try:
        return CacheConfig(**given)
    except ValidationError as error:
        wrong = "; ".join(f"{each['loc'][0]}: {each['msg']}" for each in error.errors())
        raise ConfigurationError(f"the settings of the cache do not fit: {wrong}") from None


monotonic = time.monotonic
"""The clock of caches: seconds that never go back."""
