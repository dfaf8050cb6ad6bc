"""The events of an open response, read as they arrive; closing hangs up."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from enum import Enum
from typing import Any

from racto.core.retries import Deadline
from racto.providers.kits.events import EventDecoder, LineDecoder

from .bounds import reads_end
from .failures import Translator, request_id_of

_DRAIN_SECONDS = 0.25


class Framing(Enum):
    """How events are told apart in a streamed body."""

    SSE = "server-sent events"
    NDJSON = "one JSON value a line"


def _decoder(framing: Framing) -> EventDecoder | LineDecoder:
    return EventDecoder() if framing is Framing.SSE else LineDecoder()


class ResponseEvents:
    """Events of a synchronous response.

    Args:
        response: Open response of httpx2.
        translator: Makes the errors.
        deadline: When reads end, until whoever reads lifts it.
        framing: How events are told apart.
    """

    def __init__(
        self,
        response: Any,
        translator: Translator,
        *,
        deadline: Deadline,
        framing: Framing = Framing.SSE,
    ) -> None:
        self._response = response
        self._translator = translator
        self.deadline = deadline
        self._decoder = _decoder(framing)
        self._pieces = response.iter_bytes()
        self._ready: deque[str] = deque()
        self._is_over = False

    @property
    def request_id(self) -> str | None:
        """The provider's id of the request."""
        return request_id_of(self._response.headers)

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        while not self._ready:
            if self._is_over:
                raise StopIteration
            try:
                with reads_end(self.deadline):
                    piece = next(self._pieces, None)
            except Exception as error:
                raise self._translator.translated(error) from self._translator.cause(error)
            self._is_over = piece is None
            # Servers may end without a blank line after the last event.
            feed = self._decoder.finish() if piece is None else self._decoder.feed(piece)
            self._ready.extend(feed)
        return self._ready.popleft()

    def close(self, *, drain: bool = False) -> None:
        """Hang up; ``drain`` first reads the few bytes after the terminal event.

        Without them the connection could not be used again.
        """
        try:
            if drain and not self._is_over:
                self._drain()
        finally:
            self._pieces.close()
            self._response.close()

    def _drain(self) -> None:
        # The reply is whole already; a connection that breaks now harms nobody.
        with suppress(Exception), reads_end(Deadline.after(_DRAIN_SECONDS)):
            while not self._is_over:
                self._is_over = next(self._pieces, None) is None


class AsyncResponseEvents:
    """Async twin of :class:`ResponseEvents`.

    Args:
        response: Open response of httpx2.
        translator: Makes the errors.
        deadline: When reads end, until whoever reads lifts it.
        framing: How events are told apart.
    """

    def __init__(
        self,
        response: Any,
        translator: Translator,
        *,
        deadline: Deadline,
        framing: Framing = Framing.SSE,
    ) -> None:
        self._response = response
        self._translator = translator
        self.deadline = deadline
        self._decoder = _decoder(framing)
        self._pieces = response.aiter_bytes()
        self._ready: deque[str] = deque()
        self._is_over = False

    @property
    def request_id(self) -> str | None:
        """The provider's id of the request."""
        return request_id_of(self._response.headers)

    def __aiter__(self) -> AsyncIterator[str]:
        return self

    async def __anext__(self) -> str:
        while not self._ready:
            import asyncio

            if self._is_over:
                raise StopAsyncIteration
            try:
                async with asyncio.timeout(self.deadline.timeout()):
                    piece = await anext(self._pieces, None)
            except Exception as error:
                raise self._translator.translated(error) from self._translator.cause(error)
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
