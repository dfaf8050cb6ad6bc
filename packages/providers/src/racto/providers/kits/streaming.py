"""Streamed replies: opened with retries, handed out chunk by chunk, closed when left."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator
from dataclasses import replace
from typing import Any

from racto.core.errors import (
    APIConnectionError,
    RactoGatewayError,
    RactoGatewayTimeoutError,
    StreamTruncatedError,
)
from racto.core.flows import Flow, step
from racto.core.responses import FinishReason, LLMResponse
from racto.core.retries import NO_DEADLINE, retrying
from racto.core.stream import StreamChunk

from .conversation import Conversation
from .readings import unreadable
from .wires import Assembler, AsyncEventSource, EventSource, WireRequest


class _Stream:
    """What both voices of an open stream share: the assembler, and how errors are told."""

    def __init__(self, assembler: Assembler, provider: str) -> None:
        self._assembler = assembler
        self._provider = provider
        self._begun = False
        # The chunk that was made last; the first one waits here until it is asked for.
        self._last = StreamChunk()

    def arrived(self) -> LLMResponse:
        """The reply as far as it has come."""
        partial: LLMResponse = self._cut("the stream was left").partial
        return partial

    def _told(self, error: Exception) -> tuple[RactoGatewayError, BaseException | None]:
        """The error to raise, and its cause; between the two, what had arrived is kept."""
        if isinstance(error, RactoGatewayError):
            ours, cause = error, error.__cause__
        else:
            ours, cause = unreadable(error, self._provider), error
        if not self._begun:
            # Nothing was handed out, so a stream that broke here may be opened again.
            if isinstance(ours, StreamTruncatedError):
                ours.retryable = True
        elif isinstance(ours, (APIConnectionError, RactoGatewayTimeoutError)):
            return self._cut(f"the stream broke off: {ours.message}"), ours
        elif not isinstance(ours, StreamTruncatedError):
            ours.retryable = False
            ours.partial = self._cut("the provider reported an error in mid-stream").partial
        return ours, cause

    def _cut(self, why: str) -> StreamTruncatedError:
        try:
            return self._assembler.cut(why)
        except Exception as error:
            # Something that came is no part of any reply; the words that were shown are.
            last = self._last
            partial = LLMResponse(
                content=last.accumulated_text or None,
                thinking=last.accumulated_thinking or None,
                finish_reason=FinishReason.ERROR,
                provider=self._provider,
            )
            cut = StreamTruncatedError(
                f"{self._provider}: {why}; the text so far is in .partial, the rest is unreadable",
                partial=partial,
                provider=self._provider,
            )
            cut.__cause__ = error
            return cut


class LiveStream(_Stream):
    """An open stream whose first chunk has been read already.

    Reading the first chunk belongs to opening: a provider that is overloaded says so in the
    first event of a successful answer, and until a chunk is handed out a retry harms nobody.

    Args:
        source: The open connection.
        assembler: Makes the chunks.
        provider: Who answers, for errors.
    """

    def __init__(self, source: EventSource, assembler: Assembler, *, provider: str) -> None:
        super().__init__(assembler, provider)
        self._source = source
        self._chunks = self._read()
        try:
            next(self._chunks)
        except BaseException:
            source.close()
            raise
        # The time until now was the request's; how long the model speaks is its own affair.
        source.deadline = NO_DEADLINE

    def __iter__(self) -> Iterator[StreamChunk]:
        return self

    def __next__(self) -> StreamChunk:
        if self._begun:
            return next(self._chunks)
        self._begun = True
        return self._last

    def close(self) -> None:
        """Hang up; a stream that was read to its end gives its connection back."""
        self._chunks.close()
        self._source.close(drain=self._assembler.is_done)

    def _read(self) -> Generator[StreamChunk, None, None]:
        push = self._assembler.push
        try:
            for event in self._source:
                for chunk in push(event):
                    self._last = chunk
                    yield chunk
                if self._assembler.is_done:
                    break
            self._last = self._assembler.final()
            yield self._last
        except Exception as error:
            told, cause = self._told(error)
            raise told from cause


class AsyncLiveStream(_Stream):
    """Async twin of :class:`LiveStream`.

    Args:
        source: The open connection.
        assembler: Makes the chunks.
        provider: Who answers, for errors.
    """

    def __init__(self, source: AsyncEventSource, assembler: Assembler, *, provider: str) -> None:
        super().__init__(assembler, provider)
        self._source = source
        # One generator and no more: an inner one would be left to the garbage collector when
        # the caller stops early, and would hang up in another task, or too late.
        self._chunks = self._read()

    async def _prime(self) -> AsyncLiveStream:
        try:
            await anext(self._chunks)
        except BaseException:
            await self._source.aclose()
            raise
        self._source.deadline = NO_DEADLINE
        return self

    def __aiter__(self) -> AsyncIterator[StreamChunk]:
        return self

    async def __anext__(self) -> StreamChunk:
        if self._begun:
            return await anext(self._chunks)
        self._begun = True
        return self._last

    async def aclose(self) -> None:
        """Hang up; a stream that was read to its end gives its connection back."""
        await self._chunks.aclose()
        await self._source.aclose(drain=self._assembler.is_done)

    async def _read(self) -> AsyncGenerator[StreamChunk, None]:
        push = self._assembler.push
        try:
            async for event in self._source:
                for chunk in push(event):
                    self._last = chunk
                    yield chunk
                if self._assembler.is_done:
                    break
            self._last = self._assembler.final()
            yield self._last
        except Exception as error:
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
    conversation.arriving = live.arrived
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
    wire = conversation.wire
    source = conversation.transport.open(request, conversation.deadline)
    assembler = wire.assembler(request, source.request_id)
    return LiveStream(source, assembler, provider=wire.provider)


async def _aopen(conversation: Conversation, request: WireRequest) -> Any:
    wire = conversation.wire
    source = await conversation.transport.aopen(request, conversation.deadline)
    assembler = wire.assembler(request, source.request_id)
    return await AsyncLiveStream(source, assembler, provider=wire.provider)._prime()
