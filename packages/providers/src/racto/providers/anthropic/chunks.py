"""Streams of the Messages API: events in, chunks out, one response in the end.

The events are read as plain JSON: the SDK's typed models cost several times as much as all else.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from racto.core.content import ToolCallResult
from racto.core.errors import StreamTruncatedError
from racto.core.stream import StreamBuilder, StreamChunk, StreamDelta
from racto.providers.connections.failures import Translator
from racto.providers.connections.payloads import SHAPE_ERRORS, load_event, misshapen
from racto.providers.kits.wires import WireRequest
from racto.providers.words import id_in, mended, name_in, objects_in, text_in

from .api import PROVIDER
from .replies import call_facts, read_block, read_finish, read_refusal, read_usage

Chunks = Sequence[StreamChunk]


@dataclass(slots=True)
class _OpenBlock:
    """A block that is still arriving.

    Attributes:
        data: The block as it began.
        call: Which of the turn's tool calls it is; None when it is none.
        is_told: Whether some of the call's arguments were handed out.
        pieces: What came for each field that is told in pieces.
        citations: Sources that came.
    """

    data: dict[str, Any]
    call: int | None = None
    is_told: bool = False
    pieces: dict[str, list[str]] = field(default_factory=dict)
    citations: list[dict[str, Any]] = field(default_factory=list)

    @property
    def kind(self) -> Any:
        """The block's type."""
        return self.data.get("type")

    def grow(self, name: str, value: Any) -> None:
        """Take a piece of a field."""
        if isinstance(value, str):
            self.pieces.setdefault(name, []).append(value)
        else:
            self.data[name] = value

    def closed(self) -> dict[str, Any]:
        """The block, whole."""
        block = dict(self.data)
        for name, pieces in self.pieces.items():
            text = "".join(pieces)
            if name != "partial_json":
                block[name] = f"{block.get(name) or ''}{text}"
            elif text:
                read = ToolCallResult.of_text(text, name="")
                block["input"] = {"INVALID_JSON": text} if read.is_malformed else read.arguments
        return block


class MessagesAssembler:
    """Assembles one stream.

    Args:
        translator: Makes the errors.
        request: What was asked.
        request_id: The provider's id of the request.
    """

    def __init__(
        self, translator: Translator, *, request: WireRequest, request_id: str | None
    ) -> None:
        self._translator = translator
        self._builder = StreamBuilder(provider=PROVIDER, model=request.model)
        self._builder.request_id = request_id
        self._builder.dropped = request.dropped
        self._message: dict[str, Any] = {}
        self._usage: dict[str, Any] = {}
        self._open: dict[Any, _OpenBlock] = {}
        self._calls = 0
        self._is_done = False

    @property
    def is_done(self) -> bool:
        """Whether ``message_stop`` has come."""
        return self._is_done

    def push(self, event: str) -> Chunks:
        """Take one event; the chunks it makes, none when it adds nothing.

        Raises:
            RactoGatewayError: If the event reports an error, whatever the HTTP status was.
            InvalidResponseError: If the event is none of a message's.
        """
        request_id = self._builder.request_id
        data = load_event(event, self._translator, request_id)
        try:
            take = _TAKERS.get(data["type"])
            # Without one it is a ping, or a kind that did not exist when this was written.
            return take(self, data) if take is not None else ()
        except SHAPE_ERRORS as error:
            raise misshapen(error, event, self._translator, request_id) from error

    def final(self) -> StreamChunk:
        """The final chunk; ``raw`` is the message without its content, which stands in the parts.

        Raises:
            StreamTruncatedError: If ``message_stop`` has not come.
        """
        if not self._is_done:
            raise self._builder.truncated()
        return self._builder.final({**self._message, "usage": self._usage})

    def cut(self, why: str) -> StreamTruncatedError:
        """The truncation error with what had arrived."""
        return self._builder.truncated(why)

    def _begin(self, data: Mapping[str, Any]) -> Chunks:
        message = data["message"]
        self._message = {name: value for name, value in message.items() if name != "content"}
        self._builder.response_id = id_in(message, "id")
        self._builder.model = name_in(message, "model") or self._builder.model
        self._count(message.get("usage"))
        return ()

    def _start(self, data: Mapping[str, Any]) -> Chunks:
        block = _OpenBlock(data["content_block"])
        self._open[data["index"]] = block
        # Most begin empty and grow; some servers say all at once.
        if block.kind == "text":
            return self._say(StreamDelta(text=text_in(block.data, "text")), data)
        if block.kind == "thinking":
            return self._say(StreamDelta(thinking=text_in(block.data, "thinking")), data)
        if block.kind != "tool_use":
            return ()
        block.call = self._calls
        self._calls += 1
        opening = StreamDelta(
            tool_call_id=id_in(block.data, "id"),
            tool_call_name=name_in(block.data, "name"),
            tool_call_index=block.call,
        )
        chunk = self._builder.add(opening, data)
        facts = call_facts(block.data)
        if facts:
            self._builder.sign_call(facts)
        return (chunk,)

    def _grow(self, data: Mapping[str, Any]) -> Chunks:
        block, delta = self._open[data["index"]], data["delta"]
        kind = delta["type"]
        if kind == "text_delta":
            return self._say(StreamDelta(text=text_in(delta, "text")), data)
        if kind == "thinking_delta":
            thought = text_in(delta, "thinking")
            block.grow("thinking", thought)
            return self._say(StreamDelta(thinking=thought), data)
        if kind == "citations_delta":
            block.citations.extend(objects_in({"citation": [delta["citation"]]}, "citation"))
            return ()
        if kind == "input_json_delta" and block.call is not None:
            return self._tell(block, text_in(delta, "partial_json"), data)
        for name, value in delta.items():
            if name != "type":
                block.grow(name, value)
        return ()

    def _stop(self, data: Mapping[str, Any]) -> Chunks:
        block = self._open.pop(data["index"])
        if block.kind == "text":
            cited = (*objects_in(block.data, "citations"), *block.citations)
            self._builder.end_text(citations=cited)
        elif block.call is not None:
            given = block.data.get("input")
            if given and not block.is_told:
                return self._tell(block, json.dumps(given), data)
        else:
            part = read_block(mended(block.closed()), self._builder.model)
            if part is not None:
                self._builder.add_part(part)
        return ()

    def _close(self, data: Mapping[str, Any]) -> Chunks:
        told = data["delta"]
        self._message |= {name: value for name, value in told.items() if value is not None}
        self._count(data.get("usage"))
        refusal = read_refusal(told.get("stop_details"))
        if refusal:
            self._builder.add_refusal(refusal)
        raw_finish = name_in(told, "stop_reason")
        if raw_finish:
            self._builder.finish(read_finish(raw_finish), raw_finish)
        return ()

    def _end(self, data: Mapping[str, Any]) -> Chunks:
        self._is_done = True
        return ()

    def _fail(self, data: Mapping[str, Any]) -> Chunks:
        # Errors that tell something were reported before.
        raise ValueError("it is an error that says nothing")

    def _say(self, delta: StreamDelta, data: Mapping[str, Any]) -> Chunks:
        return (self._builder.add(delta, data),) if delta.text or delta.thinking else ()

    def _tell(self, block: _OpenBlock, arguments: str, data: Mapping[str, Any]) -> Chunks:
        if not arguments:
            return ()
        block.is_told = True
        delta = StreamDelta(tool_call_args_fragment=arguments, tool_call_index=block.call)
        return (self._builder.add(delta, data),)

    def _count(self, usage: Any) -> None:
        # Later reports leave out what has not changed; a null says nothing.
        known = usage if isinstance(usage, Mapping) else {}
        self._usage |= {name: value for name, value in known.items() if value is not None}
        self._builder.add_usage(read_usage(self._usage))


_TAKERS = {
    "message_start": MessagesAssembler._begin,
    "content_block_start": MessagesAssembler._start,
    "content_block_delta": MessagesAssembler._grow,
    "content_block_stop": MessagesAssembler._stop,
    "message_delta": MessagesAssembler._close,
    "message_stop": MessagesAssembler._end,
    "error": MessagesAssembler._fail,
}
