"""Streamed replies: opened with retries, handed out chunk by chunk, closed when left."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator
from dataclasses import replace
from typing import Any

from racto.core.errors import (
    APIConnectionError,
    RactoGatewayAPIError,
    RactoGatewayError,
    RactoGatewayTimeoutError,
    StreamTruncatedError,
)
from racto.core.flows import Flow, step
from racto.core.retries import retrying
from racto.core.stream import StreamChunk

from .conversation import Conversation
from .wires import Assembler, AsyncEventSource, EventSource, WireRequest


class _Stream:
    """What both voices of an open stream share: the assembler, and how errors are told."""

    def __init__(self, assembler: Assembler) -> None:
        self._assembler = assembler
        self._begun = False

    def _told(self, error: RactoGatewayError) -> tuple[BaseException, BaseException | None]:
        """The error to raise, and its cause; between the two, what had arrived is kept."""
        if not self._begun:
            # Nothing was handed out, so a stream that broke here may be opened again.
            if isinstance(error, StreamTruncatedError):
                error.retryable = True
            return error, error.__cause__
        if isinstance(error, StreamTruncatedError):
            return error, error.__cause__
        if isinstance(error, (APIConnectionError, RactoGatewayTimeoutError)):
            return self._assembler.cut(f"the stream broke off: {error.message}"), error
        error.retryable = False
        cut = self._assembler.cut("the provider reported an error in mid-stream")
        if isinstance(error, RactoGatewayAPIError):
            error.partial = cut.partial
            return error, error.__cause__
        # A key that is refused in mid-stream: the error has no place for a reply, its cause has.
        return error, cut


class LiveStream(_Stream):
    """An open stream whose first chunk has been read already.

    Reading the first chunk belongs to opening: a provider that is overloaded says so in the
    first event of a successful answer, and until a chunk is handed out a retry harms nobody.

    Args:
        source: The open connection.
        assembler: Makes the chunks.
    """

    def __init__(self, source: EventSource, assembler: Assembler) -> None:
        super().__init__(assembler)
        self._source = source
        self._chunks = self._read()
        try:
            self._first = next(self._chunks)
        except BaseException:
            source.close()
            raise

    def __iter__(self) -> Iterator[StreamChunk]:
        return self

    def __next__(self) -> StreamChunk:
        if self._begun:
            return next(self._chunks)
        self._begun = True
        return self._first

    def close(self) -> None:
        """Hang up; a stream that was read to its end gives its connection back."""
        self._chunks.close()
        self._source.close(drain=self._assembler.is_done)

    def _read(self) -> Generator[StreamChunk, None, None]:
        push = self._assembler.push
        try:
            for event in self._source:
                yield from push(event)
                if self._assembler.is_done:
                    break
            yield self._assembler.final()
        except RactoGatewayError as error:
            told, cause = self._told(error)
            raise told from cause


class AsyncLiveStream(_Stream):
    """Async twin of :class:`LiveStream`.

    Args:
        source: The open connection.
        assembler: Makes the chunks.
    """

    def __init__(self, source: AsyncEventSource, assembler: Assembler) -> None:
        super().__init__(assembler)
        self._source = source
        # One generator and no more: an inner one would be left to the garbage collector when
        # the caller stops early, and would hang up in another task, or too late.
        self._chunks = self._read()
        self._first = StreamChunk()

    async def _prime(self) -> AsyncLiveStream:
        try:
            self._first = await anext(self._chunks)
        except BaseException:
            await self._source.aclose()
            raise
        return self

    def __aiter__(self) -> AsyncIterator[StreamChunk]:
        return self

    async def __anext__(self) -> StreamChunk:
        if self._begun:
            return await anext(self._chunks)
        self._begun = True
        return self._first

    async def aclose(self) -> None:
        """Hang up; a stream that was read to its end gives its connection back."""
        await self._chunks.aclose()
        await self._source.aclose(drain=self._assembler.is_done)

    async def _read(self) -> AsyncGenerator[StreamChunk, None]:
        push = self._assembler.push
        try:
            async for event in self._source:
                for chunk in push(event):
                    yield chunk
                if self._assembler.is_done:
                    break
            yield self._assembler.final()
        except RactoGatewayError as error:
            told, cause = self._told(error)
            raise told from cause


def opening(conversation: Conversation) -> Flow[Any]:
    """Open the next streamed call of a conversation, again after passing errors.

    Returns:
        A :class:`LiveStream`, or an :class:`AsyncLiveStream` under the async driver.
    """
    request = conversation.encoded(stream=True)
    live = yield from retrying(
        lambda: _attempt(conversation, request),
        conversation.retry,
        deadline=conversation.deadline,
        on_retry=conversation.retried,
    )
    conversation.observation.first_chunk()
    return live


def goes_on(conversation: Conversation, final: StreamChunk) -> Flow[bool]:
    """Take a streamed reply in, run its tools, and tell whether the model is called again."""
    if final.response is None:
        return False
    again = yield from conversation.goes_on(final.response, may_repair=False)
    return again


def concluded(conversation: Conversation, final: StreamChunk) -> StreamChunk:
    """The final chunk with the usage and the parsed reply of the whole conversation."""
    if final.response is None:
        return final
    response = conversation.concluded(final.response)
    conversation.observation.answered(response)
    return replace(final, response=response, usage=response.usage, parsed=response.parsed)


def _attempt(conversation: Conversation, request: WireRequest) -> Flow[Any]:
    conversation.attempts += 1
    live: Any = yield from step(_open, _aopen, conversation, request)
    return live


def _open(conversation: Conversation, request: WireRequest) -> Any:
    source = conversation.transport.open(request, conversation.deadline)
    return LiveStream(source, conversation.wire.assembler(request, source.request_id))


async def _aopen(conversation: Conversation, request: WireRequest) -> Any:
    source = await conversation.transport.aopen(request, conversation.deadline)
    stream = AsyncLiveStream(source, conversation.wire.assembler(request, source.request_id))
    return await stream._prime()
