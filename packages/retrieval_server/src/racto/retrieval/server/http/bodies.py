"""Bodies of requests: read within a size and a time, whatever their headers promise."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from .replies import GONE, RefusedError

# What a client has announced is worth reading away, so that it sees the reply and not a reset.
_PATIENCE = 4


class Body:
    """Reads bodies.

    Args:
        most: Most bytes; a larger body is refused, before it is read where its length is known.
        timeout_s: Seconds in which it must have arrived.
    """

    def __init__(self, *, most: int, timeout_s: float) -> None:
        self._most = most
        self._timeout_s = timeout_s

    async def __call__(
        self, receive: Callable[[], Awaitable[MutableMapping[str, Any]]], length: bytes | None
    ) -> bytes:
        """Read one body.

        Args:
            receive: Where its parts come from.
            length: The header ``Content-Length``, if there was one.

        Raises:
            RefusedError: With 413 if it is too large, 408 if it takes too long, and 499 if the
                client hangs up before its end.
        """
        # What is no number promises nothing, and is counted as it comes.
        promised = int(length) if length and length.isdigit() and len(length) < 19 else 0
        if promised > self._most:
            raise self._too_large(close=promised > self._most * _PATIENCE)
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._parts(receive)
        except TimeoutError as error:
            closed = ((b"connection", b"close"),)
            raise RefusedError(
                "the body took too long to arrive", status=408, headers=closed
            ) from error

    async def _parts(self, receive: Callable[[], Awaitable[MutableMapping[str, Any]]]) -> bytes:
        parts: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise RefusedError("the client hung up", status=GONE)
            part = message.get("body", b"")
            size += len(part)
            # Counted as it comes: a chunked body promises no length.
            if size > self._most:
                raise self._too_large(close=True)
            if not message.get("more_body"):
                return b"".join((*parts, part)) if parts else part
            parts.append(part)

    def _too_large(self, *, close: bool) -> RefusedError:
        headers = ((b"connection", b"close"),) if close else ()
        return RefusedError(
            f"the body is larger than {self._most:,} bytes", status=413, headers=headers
        )
