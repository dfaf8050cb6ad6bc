"""Streams of the Chat Completions API: events in, chunks out, one response in the end.

The events are read as plain JSON: the SDK's typed models cost four times as much as all else.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from racto.core.content import ToolCallPart
from racto.core.errors import StreamTruncatedError
from racto.core.responses import FinishReason, LLMResponse
from racto.core.stream import StreamBuilder, StreamChunk, StreamDelta
from racto.providers.connections.failures import Translator
from racto.providers.connections.payloads import SHAPE_ERRORS, load_event, misshapen
from racto.providers.kits.wires import WireRequest
from racto.providers.words import id_in, name_in, objects_in, place_in, text_in

from .dialects import ChatDialect
from .emulation import is_reply
from .replies import read_finish, read_logprobs, reasoning_of, text_of
from .usage import chat_usage


class ChatAssembler:
    """Assembles one stream.

    Args:
        dialect: How the server speaks.
        translator: Makes the errors.
        request: What was asked.
        request_id: The provider's id of the request.
    """

    def __init__(
        self,
        dialect: ChatDialect,
        translator: Translator,
        *,
        request: WireRequest,
        request_id: str | None,
    ) -> None:
        self._dialect = dialect
        self._translator = translator
        self._builder = StreamBuilder(provider=dialect.provider, model=request.model)
        self._builder.request_id = request_id
        self._builder.dropped = request.dropped
        self._has_refused = False
        self._is_done = False
        # Whether the last piece of a call was one of the reply's tool, and where those stand.
        self._in_reply = False
        self._replies: set[Any] = set()

    @property
    def is_done(self) -> bool:
        """Whether ``[DONE]`` has come."""
        return self._is_done

    def push(self, event: str) -> Sequence[StreamChunk]:
        """Take one event; the chunks it makes, none when it adds nothing.

        Raises:
            RactoGatewayError: If the event reports an error, whatever the HTTP status was.
            InvalidResponseError: If the event is not a completion's chunk.
        """
        if event.startswith("[DONE]"):
            self._is_done = True
            if not self._dialect.sends_finish_reason and not self._builder.is_finished:
                self._builder.finish(FinishReason.STOP)
            return ()
        request_id = self._builder.request_id
        data = load_event(event, self._translator, request_id)
        try:
            return self._take(data)
        except SHAPE_ERRORS as error:
            raise misshapen(error, event, self._translator, request_id) from error

    def final(self) -> StreamChunk:
        """The final chunk.

        Raises:
            StreamTruncatedError: If no finish reason came.
        """
        chunk = self._builder.final()
        # Ids are made last: until then their absence keeps the calls apart.
        if chunk.response is not None and any(not call.id for call in chunk.tool_calls):
            _give_ids(chunk.response)
        return chunk

    def cut(self, why: str) -> StreamTruncatedError:
        """The truncation error with what had arrived."""
        return self._builder.truncated(why)

    def _take(self, data: Mapping[str, Any]) -> Sequence[StreamChunk]:
        builder = self._builder
        if builder.response_id is None:
            builder.response_id = id_in(data, "id")
            builder.model = name_in(data, "model") or builder.model
        # OpenAI sends usage alone, after the end; others with any event, or with every one.
        if data.get("usage"):
            builder.add_usage(chat_usage(data["usage"]))
        choices = data.get("choices")
        if not choices:
            return ()
        choice = choices[0]
        delta = choice.get("delta") or {}
        if choice.get("logprobs"):
            builder.logprobs.extend(read_logprobs(choice["logprobs"]) or ())
        refusal = text_in(delta, "refusal")
        if refusal:
            self._has_refused = True
            builder.add_refusal(refusal)
        chunks = self._chunks(delta, data)
        if delta.get("annotations"):
            # They are about the text up to here; what follows is a part of its own.
            builder.end_text(citations=objects_in(delta, "annotations"))
        raw_finish = name_in(choice, "finish_reason")
        if raw_finish:
            finish = read_finish(raw_finish)
            if finish is FinishReason.STOP and self._has_refused:
                finish = FinishReason.REFUSAL
            # With other calls beside it, a stop still becomes one of tool calls.
            if finish is FinishReason.TOOL_CALL and self._replies:
                finish = FinishReason.STOP
            builder.finish(finish, raw_finish)
        return chunks

    def _chunks(self, delta: Mapping[str, Any], data: Mapping[str, Any]) -> Sequence[StreamChunk]:
        content, calls = delta.get("content"), delta.get("tool_calls")
        text = content if isinstance(content, str) else text_of(content)
        thinking = reasoning_of(delta)
        add = self._builder.add
        if not calls:
            # One piece of text: nearly every event of nearly every stream.
            return (
                (add(StreamDelta(text=text, thinking=thinking), data),) if text or thinking else ()
            )
        # Text first: the response's parts stand in the order in which they are added.
        chunks = [add(StreamDelta(text=text, thinking=thinking), data)] if text or thinking else []
        return [*chunks, *(add(self._delta(call), data) for call in calls)]

    def _delta(self, call: Mapping[str, Any]) -> StreamDelta:
        index = call.get("index")
        if (call.get("function") or {}).get("name"):
            self._in_reply = is_reply(call)
            if self._in_reply:
                self._replies.add(index)
        # The arguments of the reply's tool are the reply's text.
        if self._in_reply if index is None else index in self._replies:
            return StreamDelta(text=_arguments(call))
        return _piece(call)


def _piece(call: Mapping[str, Any]) -> StreamDelta:
    return StreamDelta(
        tool_call_id=id_in(call, "id"),
        tool_call_name=name_in(call.get("function") or {}, "name"),
        tool_call_args_fragment=_arguments(call),
        tool_call_index=place_in(call, "index"),
    )


def _arguments(call: Mapping[str, Any]) -> str:
    arguments = (call.get("function") or {}).get("arguments") or ""
    # Some servers send the object itself, whole.
    return arguments if isinstance(arguments, str) else json.dumps(arguments)


def _give_ids(response: LLMResponse) -> None:
    """Ids for the calls of a server that sends none; a tool's answer must carry one."""
    for number, call in enumerate(response.tool_calls):
        if not call.id:
            fallback = f"{response.response_id or 'call'}_{number}"
            response.tool_calls[number] = call.model_copy(update={"id": fallback})
    calls = iter(response.tool_calls)
    response.parts = tuple(
        ToolCallPart.of(next(calls)) if isinstance(part, ToolCallPart) else part
        for part in response.parts
    )
