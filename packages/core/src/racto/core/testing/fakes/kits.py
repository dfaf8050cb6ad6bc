"""A chat kit that speaks from a script: for tests and demonstrations without any provider."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from itertools import cycle
from typing import TypeAlias, cast

from racto.core.chat import ChatConfig
from racto.core.content import ReasoningPart, RefusalPart, TextPart, ToolCallPart
from racto.core.embeddings import EmbeddingConfig, EmbeddingResponse, EmbeddingVector
from racto.core.errors import ConfigurationError, StreamTruncatedError
from racto.core.flows import threaded
from racto.core.responses import LLMResponse
from racto.core.stream import StreamBuilder, StreamChunk, StreamDelta
from racto.core.usage import Usage, UsageState

from .embedders import HashEmbedder

Reply: TypeAlias = str | LLMResponse | Exception
"""One line of a script: text, a whole reply, or an error to raise.

A :class:`~racto.core.StreamTruncatedError` with a partial response streams that part first.
"""

_PIECES = re.compile(r"\s*\S+\s*|\s+")


class ScriptedKit:
    """Answers requests with the next replies of a script, and remembers what it was asked.

    It assembles replies with :class:`~racto.core.StreamBuilder` as real kits do, streams them
    word by word, embeds with :class:`~racto.core.testing.HashEmbedder` and counts words as tokens.

    Args:
        replies: The script, or a function that answers each request.
        repeat: Begin again when the script is over, instead of raising.
        provider: What the kit calls its provider.
        model: What it calls its model.

    Attributes:
        requests: All requests so far, oldest first.
        is_closed: Whether ``close`` was called.
    """

    def __init__(
        self,
        replies: Iterable[Reply] | Callable[[ChatConfig], Reply] = (),
        *,
        repeat: bool = False,
        provider: str = "scripted",
        model: str = "script-1",
    ) -> None:
        self.requests: list[ChatConfig] = []
        self.is_closed = False
        self._provider = provider
        self._model = model
        self._lock = threading.Lock()
        self._embedder = HashEmbedder()
        if callable(replies):
            self._answer = replies
        else:
            lines = list(replies)
            # An iterator, so that the script moves on however often it is asked.
            script = cycle(lines) if repeat else iter(lines)
            self._answer = lambda _config: _next_line(script, len(lines))

    @property
    def provider(self) -> str:
        """What the kit calls its provider."""
        return self._provider

    @property
    def model(self) -> str:
        """What the kit calls its model."""
        return self._model

    def chat(self, config: ChatConfig) -> LLMResponse:
        """Answer with the script's next reply.

        Raises:
            ConfigurationError: If the script is over.
            Exception: If the script says so.
        """
        *_, last = self._perform(config)
        return cast("LLMResponse", last.response)

    async def achat(self, config: ChatConfig) -> LLMResponse:
        """Async twin of :meth:`chat`."""
        return self.chat(config)

    def stream(self, config: ChatConfig) -> Iterator[StreamChunk]:
        """Answer with the script's next reply, word by word."""
        yield from self._perform(config)

    async def astream(self, config: ChatConfig) -> AsyncIterator[StreamChunk]:
        """Async twin of :meth:`stream`."""
        for chunk in self._perform(config):
            yield chunk

    def embed(self, config: EmbeddingConfig) -> EmbeddingResponse:
        """Embed texts by their words."""
        rows = self._embedder.embed(config.texts)
        pairs = enumerate(zip(config.texts, rows, strict=True))
        vectors = [EmbeddingVector(index=i, text=text, embedding=row) for i, (text, row) in pairs]
        return EmbeddingResponse(vectors=vectors, model=self._model, provider=self._provider)

    aembed = threaded(embed)

    def count_tokens(self, text: str) -> int:
        """Number of words."""
        return len(text.split())

    def close(self) -> None:
        """Note that the kit was closed."""
        self.is_closed = True

    async def aclose(self) -> None:
        """Async twin of :meth:`close`."""
        self.close()

    def _perform(self, config: ChatConfig) -> Iterator[StreamChunk]:
        # One lock for both: the n-th request gets the n-th reply.
        with self._lock:
            self.requests.append(config)
            line = self._answer(config)
        reply = _reply(line)
        builder = StreamBuilder(provider=self._provider, model=config.model or self._model)
        # Signed reasoning has no delta of its own, and stands before what it led to.
        for part in reply.parts:
            if isinstance(part, ReasoningPart):
                builder.add_part(part)
        for delta in _deltas(reply):
            yield builder.add(delta)
        if isinstance(line, Exception):
            raise line
        _conclude(builder, reply, self._usage(config, reply))
        yield builder.final(parsed=reply.parsed)

    def _usage(self, config: ChatConfig, reply: LLMResponse) -> Usage:
        if reply.usage.state is not UsageState.UNKNOWN:
            return reply.usage
        return Usage(
            input_tokens=sum(self.count_tokens(turn.text) for turn in config.messages()),
            output_tokens=self.count_tokens(reply.content or "") + len(reply.tool_calls),
            state=UsageState.MEASURED,
        )


def _next_line(script: Iterator[Reply], length: int) -> Reply:
    for line in script:
        return line
    raise ConfigurationError(
        f"the script of this ScriptedKit is over after {length} replies; give it more, or "
        "repeat=True"
    )


def _reply(line: Reply) -> LLMResponse:
    if isinstance(line, LLMResponse):
        return line
    if isinstance(line, str):
        return LLMResponse(content=line)
    partial = line.partial if isinstance(line, StreamTruncatedError) else None
    if not isinstance(partial, LLMResponse):
        raise line
    return partial


def _deltas(reply: LLMResponse) -> Iterator[StreamDelta]:
    for piece in _PIECES.findall(reply.thinking or ""):
        yield StreamDelta(thinking=piece)
    for piece in _PIECES.findall(reply.content or ""):
        yield StreamDelta(text=piece)
    for index, call in enumerate(reply.tool_calls):
        text = json.dumps(call.arguments) if call.raw_arguments is None else call.raw_arguments
        # Two halves, so that whoever parses fragments one by one is found out.
        middle = len(text) // 2
        yield StreamDelta(
            tool_call_id=call.id or f"call-{index}",
            tool_call_name=call.name,
            tool_call_index=index,
        )
        for piece in (text[:middle], text[middle:]):
            yield StreamDelta(tool_call_args_fragment=piece, tool_call_index=index)


def _conclude(builder: StreamBuilder, reply: LLMResponse, usage: Usage) -> None:
    for part in reply.parts:
        if not isinstance(part, (ReasoningPart, TextPart, ToolCallPart, RefusalPart)):
            builder.add_part(part)
    if reply.refusal:
        builder.add_refusal(reply.refusal)
    builder.request_id, builder.response_id = reply.request_id, reply.response_id
    builder.dropped, builder.logprobs = reply.dropped, list(reply.logprobs or ())
    builder.add_usage(usage)
    builder.finish(reply.finish_reason, reply.raw_finish_reason)
