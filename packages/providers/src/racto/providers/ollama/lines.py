"""Streams of Ollama's chat API: one JSON line after the other, one response in the end."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from racto.core.errors import StreamTruncatedError
from racto.core.stream import StreamBuilder, StreamChunk, StreamDelta
from racto.providers.connections.failures import Translator
from racto.providers.connections.payloads import SHAPE_ERRORS, load_event, misshapen
from racto.providers.kits.wires import WireRequest
from racto.providers.words import name_in, text_in

from .connection import PROVIDER
from .replies import read_calls, read_finish, read_logprobs, read_usage


class ChatAssembler:
    """Assembles one stream.

    Args:
        translator: Makes the errors.
        request: What was asked.
        request_id: The server's id of the request, where a proxy gives one.
    """

    def __init__(
        self, translator: Translator, *, request: WireRequest, request_id: str | None
    ) -> None:
        self._translator = translator
        self._builder = StreamBuilder(provider=PROVIDER, model=request.model)
        self._builder.request_id = request_id
        self._builder.dropped = request.dropped
        # Of the first line: a whole reply has the same one.
        self._created_at: Any = None
        self._calls = 0
        self._is_done = False

    @property
    def is_done(self) -> bool:
        """Whether the line with ``done`` has come."""
        return self._is_done

    def push(self, event: str) -> Sequence[StreamChunk]:
        """Take one line; the chunks it makes, none when it adds nothing.

        Raises:
            RactoGatewayError: If the line reports an error; the HTTP status was 200 long before.
            InvalidResponseError: If it is no line of a chat.
        """
        request_id = self._builder.request_id
        data = load_event(event, self._translator, request_id)
        try:
            return self._take(data)
        except SHAPE_ERRORS as error:
            raise misshapen(error, event, self._translator, request_id) from error

    def final(self) -> StreamChunk:
        """The final chunk.

        Raises:
            StreamTruncatedError: If no line said that the reply is done.
        """
        return self._builder.final()

    def cut(self, why: str) -> StreamTruncatedError:
        """The truncation error with what had arrived."""
        return self._builder.truncated(why)

    def _take(self, data: Mapping[str, Any]) -> Sequence[StreamChunk]:
        builder, message = self._builder, data["message"]
        if self._created_at is None:
            self._created_at = data.get("created_at")
            builder.model = name_in(data, "model") or builder.model
        if data.get("logprobs"):
            builder.logprobs.extend(read_logprobs(data) or ())
        text, thinking = text_in(message, "content"), text_in(message, "thinking")
        chunks = []
        if text or thinking:
            chunks.append(builder.add(StreamDelta(text=text, thinking=thinking), data))
        if message.get("tool_calls"):
            chunks.extend(self._called(message, data))
        if data.get("done"):
            self._is_done = True
            builder.add_usage(read_usage(data))
            raw_finish = name_in(data, "done_reason")
            builder.finish(read_finish(raw_finish), raw_finish)
        return chunks

    def _called(self, message: Mapping[str, Any], data: Mapping[str, Any]) -> list[StreamChunk]:
        """The chunks of calls; each comes whole, in one line."""
        calls = read_calls(message, self._created_at, first=self._calls)
        pieces = [
            StreamDelta(
                tool_call_id=call.id,
                tool_call_name=call.name,
                tool_call_args_fragment=call.raw_arguments
                if call.is_malformed
                else json.dumps(call.arguments, ensure_ascii=False),
                tool_call_index=self._calls + number,
            )
            for number, call in enumerate(calls)
        ]
        self._calls += len(calls)
        return [self._builder.add(piece, data) for piece in pieces]
