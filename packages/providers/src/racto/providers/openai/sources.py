"""The events of an open response, read as they arrive; closing hangs up."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from typing import Any

from racto.providers.kits.events import EventDecoder

from .failures import Translator

_DRAIN_SECONDS = 0.25


class ResponseEvents:
    """Events of a synchronous response.

    Args:
        response: Open response of the SDK's HTTP library.
        translator: Makes the errors.
    """

    def __init__(self, response: Any, translator: Translator) -> None:
        self._response = response
        self._translator = translator
        self._decoder = EventDecoder()
        self._pieces = response.iter_bytes()
        self._ready: deque[str] = deque()
        self._is_over = False

    @property
    def request_id(self) -> str | None:
        """The provider's id of the request."""
        found: str | None = self._response.headers.get("x-request-id")
        return found

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        while not self._ready:
            if self._is_over:
                raise StopIteration
            try:
                piece = next(self._pieces, None)
            except Exception as error:
                raise self._translator.translated(error) from error
            self._is_over = piece is None
            # Servers may end without a blank line after the last event.
            feed = self._decoder.finish() if piece is None else self._decoder.feed(piece)
            self._ready.extend(feed)
        return self._ready.popleft()

    def close(self, *, drain: bool = False) -> None:
        """Hang up; ``drain`` first reads the few bytes after the terminal event.

        Without them the connection could not be used again.
        """
        until = time.monotonic() + _DRAIN_SECONDS
        try:
            # The reply is whole already; a connection that breaks now harms nobody.
            with suppress(Exception):
                while drain and not self._is_over and time.monotonic() < until:
                    self._is_over = next(self._pieces, None) is None
        finally:
            self._pieces.close()
            self._response.close()


class AsyncResponseEvents:
    """Async twin of :class:`ResponseEvents`.

    Args:
        response: Open response of the SDK's HTTP library.
        translator: Makes the errors.
    """

    def __init__(self, response: Any, translator: Translator) -> None:
        self._response = response
        self._translator = translator
        self._decoder = EventDecoder()
        self._pieces = response.aiter_bytes()
        self._ready: deque[str] = deque()
        self._is_over = False

    @property
    def request_id(self) -> str | None:
        """The provider's id of the request."""
        found: str | None = self._response.headers.get("x-request-id")
        return found

    def __aiter__(self) -> AsyncIterator[str]:
        return self

    async def __anext__(self) -> str:
        while not self._ready:
            if self._is_over:
                raise StopAsyncIteration
            try:
                piece = await anext(self._pieces, None)
            except Exception as error:
                raise self._translator.translated(error) from error
            self._is_over = piece is None
            feed = self._decoder.finish() if piece is None else self._decoder.feed(piece)
            self._ready.extend(feed)
        return self._ready.popleft()

    async def aclose(self, *, drain: bool = False) -> None:
        """Async twin of :meth:`ResponseEvents.close`."""
        import asyncio

        try:
            with suppress(Exception):
                async with asyncio.timeout(_DRAIN_SECONDS):
                    while drain and not self._is_over:
                        self._is_over = await anext(self._pieces, None) is None
        finally:
            await self._pieces.aclose()
            await self._response.aclose()
