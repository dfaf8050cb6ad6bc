"""Replies on Redis: what is sent to read, keep and drop one, and what its bytes are worth."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from typing import Any, TypeAlias

from racto.cache.fitness import is_fit
from racto.cache.replies import COMPRESS_ABOVE, packed
from racto.cache.shelf import checked
from racto.core.errors import ConfigurationError, InvalidResponseError
from racto.core.responses import LLMResponse

from .gates import RedisGate
from .keys import key as key_of, pattern
from .readings import Readings

Work: TypeAlias = Callable[[Any], Any]
"""A call on a client of either voice, which returns the reply, or what awaits it."""

KIND, LEAD_KIND = "reply", "lead"

# Bytes whose JSON takes longer to read or write than a thread takes to start.
_INLINE_BYTES = 200_000

# Thousands of years; above it, the server refuses the number.
_LONGEST_MS = 2**48


class RedisShelf:
    """The replies of one prefix.

    Args:
        gate: The Redis.
        prefix: Namespace of the keys.
        ttl_seconds: Seconds to keep a reply; None for no end.
        keep_tool_calls: Whether replies that ask for tools are kept.
        compress_above: Bytes of JSON from which on a reply is compressed.

    Raises:
        ConfigurationError: If the prefix is empty or the time is not above 0.
    """

    def __init__(
        self,
        gate: RedisGate,
        *,
        prefix: str,
        ttl_seconds: float | None = None,
        keep_tool_calls: bool = False,
        compress_above: int = COMPRESS_ABOVE,
    ) -> None:
        if not prefix:
            raise ConfigurationError("key_prefix must not be empty")
        self._gate, self._prefix = gate, prefix
        self._ttl_seconds = None if ttl_seconds is None else checked(ttl_seconds)
        self._keep_tool_calls, self._compress_above = keep_tool_calls, compress_above
        self._readings = Readings()
        # Digests need no quoting; most of the cost of a key is saved.
        self._before = key_of(prefix, KIND, "x").removesuffix(b"x}")
        self.pattern = pattern(prefix, KIND)

    def key(self, digest: str) -> bytes:
        """Where the reply to a request lies."""
        return b"%s%s}" % (self._before, digest.encode())

    def lead_key(self, digest: str) -> bytes:
        """Where the process that fetches the reply is noted; in the same slot."""
        return key_of(self._prefix, LEAD_KIND, digest)

    def reading(self, digest: str) -> Work:
        """What fetches a reply's bytes."""
        key = self.key(digest)
        # Less Python between here and the socket than by client.get().
        return lambda client: client.execute_command("GET", key)

    def writing(
        self, digest: str, response: LLMResponse, ttl_seconds: float | None = None
    ) -> Work | None:
        """What keeps a reply; None if it is not fit to be kept.

        Raises:
            ConfigurationError: If ``ttl_seconds`` is not above 0.
        """
        seconds = self._ttl_seconds if ttl_seconds is None else checked(ttl_seconds)
        if not is_fit(response, keep_tool_calls=self._keep_tool_calls):
            return None
        try:
            data = packed(response, compress_above=self._compress_above)
        except InvalidResponseError as error:
            self._gate.note(error.message, type(error).__name__)
            return None
        key, end = self.key(digest), None
        if seconds is not None and not math.isinf(seconds):
            # Below a millisecond is the least that there is, not "no end".
            end = min(max(1, round(seconds * 1000)), _LONGEST_MS)
        return lambda client: client.set(key, data, px=end)

    async def awriting(
        self, digest: str, response: LLMResponse, ttl_seconds: float | None = None
    ) -> Work | None:
        """Async twin of :meth:`writing`; a long reply is packed in a thread."""
        if len(response.content or "") < _INLINE_BYTES:
            return self.writing(digest, response, ttl_seconds)
        return await asyncio.to_thread(self.writing, digest, response, ttl_seconds)

    def dropping(self, digest: str) -> Work:
        """What drops a reply and says how many there were."""
        key = self.key(digest)
        return lambda client: client.unlink(key)

    def opened(self, data: bytes | None) -> LLMResponse | None:
        """The reply in what was found, with ``cached=True``; None for nothing, or for damage."""
        if data is None:
            return None
        try:
            return self._readings.response(data)
        except InvalidResponseError as error:
            self._gate.note(f"under {self._prefix!r}: {error.message}", type(error).__name__)
            return None

    async def aopened(self, data: bytes | None) -> LLMResponse | None:
        """Async twin of :meth:`opened`; a long reply is read in a thread."""
        if data is None or len(data) < _INLINE_BYTES:
            return self.opened(data)
        return await asyncio.to_thread(self.opened, data)
