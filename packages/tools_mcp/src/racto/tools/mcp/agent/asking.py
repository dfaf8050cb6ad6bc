"""Asks a kit once, whole or streamed, within the time that the run has left."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

from racto.core.chat import ChatConfig
from racto.core.deadlines import Deadline
from racto.core.errors import DeadlineExceededError, InvalidResponseError
from racto.core.flows import step
from racto.core.protocols.chat import ChatKit
from racto.core.responses import FinishReason, LLMResponse
from racto.core.stream import StreamChunk

from .drivers import AgentFlow
from .events import TextDelta, ThinkingDelta


def asked(kit: ChatKit, config: ChatConfig) -> AgentFlow[LLMResponse]:
    """The kit's whole reply."""
    return step(kit.chat, kit.achat, config)


def streamed(
    kit: ChatKit, config: ChatConfig, deadline: Deadline, *, turn: int
) -> AgentFlow[LLMResponse]:
    """The kit's reply, told of piece by piece; leaving it hangs up.

    Kits watch the time until the first piece only, so the time of the others is watched here.
    Between two pieces a blocking stream cannot be interrupted: there the kit's own limit on
    silence counts.

    Args:
        kit: Who is asked.
        config: What.
        deadline: When the run must be over.
        turn: Number of the turn, for the events.

    Raises:
        DeadlineExceededError: If the time is up; ``partial`` holds what had come.
        InvalidResponseError: If the stream has no final chunk.
    """
    chunks: Any = yield from step(kit.stream, _opened(kit), config)
    last, final = StreamChunk(), None
    try:
        # To its very end and not only to the final chunk: then the kit knows that all went well.
        while (chunk := (yield from step(_next, _anext, chunks, deadline))) is not None:
            last, delta = chunk, chunk.delta
            if chunk.is_final:
                final = chunk.response
            if delta.thinking:
                yield ThinkingDelta(turn=turn, text=delta.thinking)
            if delta.text:
                yield TextDelta(turn=turn, text=delta.text)
            if final is None and deadline.expired:
                raise DeadlineExceededError("the time of the run was up")
    except DeadlineExceededError as error:
        partial = _partial(last, kit, config)
        if error.partial is None and (partial.content or partial.thinking):
            error.partial = partial
        raise
    finally:
        yield from step(_hung_up, _ahung_up, chunks)
    if final is None:
        raise InvalidResponseError(
            f"{kit.provider}: the stream ended without a final chunk", provider=kit.provider
        )
    return final


def _opened(kit: ChatKit) -> Any:
    async def astream(config: ChatConfig) -> AsyncIterator[StreamChunk]:
        return kit.astream(config)

    return astream


def _next(chunks: Iterator[StreamChunk], _deadline: Deadline) -> StreamChunk | None:
    return next(chunks, None)


async def _anext(chunks: AsyncIterator[StreamChunk], deadline: Deadline) -> StreamChunk | None:
    left = deadline.timeout()
    if left is None:
        return await anext(chunks, None)
    try:
        async with asyncio.timeout(left) as limit:
            return await anext(chunks, None)
    except TimeoutError as error:
        # A kit's own timeout has more to tell and goes on as it is.
        if not limit.expired():
            raise
        raise DeadlineExceededError("the time of the run was up") from error


def _hung_up(chunks: Any) -> None:
    # Kits stream by generators; another iterator may have nothing to close.
    if hasattr(chunks, "close"):
        chunks.close()


async def _ahung_up(chunks: Any) -> None:
    if hasattr(chunks, "aclose"):
        await chunks.aclose()


def _partial(last: StreamChunk, kit: ChatKit, config: ChatConfig) -> LLMResponse:
    return LLMResponse(
        content=last.accumulated_text or None,
        thinking=last.accumulated_thinking or None,
        finish_reason=FinishReason.CANCELLED,
        provider=kit.provider,
        model=config.model or kit.model,
    )
