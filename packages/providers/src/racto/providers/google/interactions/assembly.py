"""One response of an interaction's steps, whether they come whole or piece by piece."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from racto.core.content import ProviderPart, ReasoningPart
from racto.core.errors import RactoGatewayAPIError, RactoGatewayError, StreamTruncatedError
from racto.core.responses import FinishReason, LLMResponse
from racto.core.stream import EMPTY_DELTA, StreamBuilder, StreamChunk, StreamDelta
from racto.providers.connections.failures import Translator
from racto.providers.counts import add_report
from racto.providers.google.replies import read_usage
from racto.providers.google.turns import PROVIDER, TOKEN
from racto.providers.kits.wires import WireRequest
from racto.providers.words import id_in, mended, name_in, objects_in, place_in, text_in

from .media import read_media

_FINISHES = {
    "completed": FinishReason.STOP,
    "requires_action": FinishReason.TOOL_CALL,
    "incomplete": FinishReason.LENGTH,
    "budget_exceeded": FinishReason.LENGTH,
    "requires_continuation": FinishReason.PAUSE,
    "cancelled": FinishReason.CANCELLED,
    "failed": FinishReason.ERROR,
}
_ON_ITS_WAY = (None, "in_progress", "queued")

_COUNTS = {
    "total_input_tokens": "promptTokenCount",
    "total_cached_tokens": "cachedContentTokenCount",
    "total_tool_use_tokens": "toolUsePromptTokenCount",
    "total_output_tokens": "candidatesTokenCount",
    "total_thought_tokens": "thoughtsTokenCount",
}


class InteractionAssembly:
    """Takes events in and tells the chunks they make, and the response in the end.

    Args:
        request: What was asked.
        request_id: Google's id of the request.
        translator: Makes the errors.
    """

    def __init__(
        self, request: WireRequest, request_id: str | None, *, translator: Translator
    ) -> None:
        self._translator = translator
        self._builder = StreamBuilder(provider=PROVIDER, model=request.model)
        self._builder.request_id = request_id
        self._builder.dropped = request.dropped
        # Steps that are open, by their numbers.
        self._steps: dict[int, dict[str, Any]] = {}
        self._thoughts: list[str] = []
        self._sources: list[dict[str, Any]] = []
        self._media: list[Mapping[str, Any]] = []
        self._counts: dict[str, Any] = {}
        self._token: str | None = None
        self._last: Mapping[str, Any] | None = None
        self._is_done = False

    @property
    def request_id(self) -> str | None:
        """Google's id of the request."""
        return self._builder.request_id

    @property
    def is_done(self) -> bool:
        """Whether the interaction is over."""
        return self._is_done

    def take(self, data: Mapping[str, Any]) -> Sequence[StreamChunk]:
        """Take one event; the chunks it makes.

        Raises:
            RactoGatewayError: If the interaction failed and tells why.
            ValueError: If it has another shape; also AttributeError, KeyError and TypeError.
        """
        self._last = data
        kind = str(data.get("event_type"))
        if kind == "step.start":
            return self._start(_place(data), mended(data["step"]), data)
        if kind == "step.delta":
            self._count((data.get("metadata") or {}).get("total_usage"))
            return self._delta(_place(data), data["delta"], data)
        if kind == "step.stop":
            self._count(data.get("usage"))
            return self._stop(_place(data), data)
        if kind.startswith("interaction."):
            self._is_done = kind == "interaction.completed"
            self._note(data.get("interaction") or data)
        return ()

    def whole(self, data: Mapping[str, Any]) -> LLMResponse:
        """The response of a whole interaction.

        Raises:
            RactoGatewayError: If the interaction failed and tells why.
            ValueError: If it has another shape; also AttributeError, KeyError and TypeError.
        """
        self._last = data
        self._name(data)
        for index, step in enumerate(data.get("steps") or ()):
            self._start(index, step, data)
            self._stop(index, data)
        self._note(data)
        if not self._builder.is_finished:
            self._builder.finish(FinishReason.UNKNOWN, data["status"])
        self._settle()
        return self._builder.response(data)

    def final(self) -> StreamChunk:
        """The final chunk.

        Raises:
            StreamTruncatedError: If the interaction's end was not told.
        """
        if not self._builder.is_finished:
            raise self.cut("the stream ended before the interaction did")
        self._settle()
        return self._builder.final(self._last)

    def cut(self, why: str) -> StreamTruncatedError:
        """The truncation error with what had arrived."""
        self._settle()
        return self._builder.truncated(why)

    def _note(self, interaction: Mapping[str, Any]) -> None:
        """Take what is told of the interaction itself."""
        self._name(interaction)
        self._count(interaction.get("usage"))
        self._token = name_in(interaction, "continuation_token") or self._token
        status = name_in(interaction, "status")
        if status in _ON_ITS_WAY:
            return
        self._builder.finish(_FINISHES.get(status, FinishReason.UNKNOWN), status)
        if status != "requires_continuation":
            self._token = None
        errors = interaction.get("errors")
        if status == "failed" and errors:
            raise self._failed(errors[0])

    def _name(self, interaction: Mapping[str, Any]) -> None:
        builder = self._builder
        builder.response_id = builder.response_id or id_in(interaction, "id")
        builder.model = name_in(interaction, "model") or builder.model

    def _failed(self, error: Mapping[str, Any]) -> RactoGatewayError:
        made = self._translator.reported(error, request_id=self.request_id)
        if isinstance(made, RactoGatewayAPIError):
            self._settle()
            made.partial = self._builder.response(self._last)
        return made

    def _start(
        self, index: int, step: Mapping[str, Any], data: Mapping[str, Any]
    ) -> Sequence[StreamChunk]:
        kind = step["type"]
        self._steps[index] = dict(step)
        if kind == "function_call":
            name = name_in(step, "name")
            if name is None:
                raise ValueError("a call names no tool")
            opening = StreamDelta(
                tool_call_id=id_in(step, "id") or f"{self._builder.response_id or 'call'}_{index}",
                tool_call_name=name,
                tool_call_index=index,
            )
            return (self._builder.add(opening, data),)
        # What stands in a step from the beginning is read like what comes later.
        pieces: list[Mapping[str, Any]] = []
        if kind == "model_output":
            pieces = list(step.get("content") or ())
        elif kind == "thought":
            summary = step.get("summary") or ()
            pieces = [{"type": "thought_summary", "content": each} for each in summary]
        return [chunk for piece in pieces for chunk in self._delta(index, piece, data)]

    def _delta(
        self, index: int, delta: Mapping[str, Any], data: Mapping[str, Any]
    ) -> Sequence[StreamChunk]:
        builder, kind, step = self._builder, delta["type"], self._steps.setdefault(index, {})
        if kind == "text":
            self._sources.extend(objects_in(delta, "annotations"))
            return (builder.add(StreamDelta(text=text_in(delta, "text")), data),)
        if kind == "thought_summary":
            text = text_in(delta.get("content") or {}, "text")
            self._thoughts.append(text)
            return (builder.add(StreamDelta(thinking=text), data),) if text else ()
        if kind == "thought_signature":
            step["signature"] = name_in(delta, "signature")
            return ()
        if kind == "arguments_delta":
            step.pop("arguments", None)
            return (builder.add(_arguments(index, text_in(delta, "arguments")), data),)
        if kind == "text_annotation_delta":
            self._sources.extend(objects_in(delta, "annotations"))
            return ()
        if kind in ("image", "audio"):
            self._media.append(delta)
        else:
            step.update({name: mended(delta[name]) for name in delta if name != "type"})
        # It adds no words, and the event itself is in the chunk for who wants it now.
        return (builder.add(EMPTY_DELTA, data),)

    def _stop(self, index: int, data: Mapping[str, Any]) -> Sequence[StreamChunk]:
        step = self._steps.pop(index, {})
        kind = step.get("type")
        if kind == "function_call":
            if "arguments" not in step:
                return ()
            return (self._builder.add(_arguments(index, json.dumps(step["arguments"])), data),)
        if kind == "thought":
            self._end_thought(name_in(step, "signature"))
        elif kind == "model_output":
            self._builder.end_text(citations=self._sources)
            self._sources = []
            for part in read_media(self._media):
                self._builder.add_part(part)
            self._media = []
        elif kind is not None:
            # What runs at Google's goes back as it came.
            self._builder.add_part(ProviderPart(provider=PROVIDER, data=step))
        return ()

    def _end_thought(self, signature: str | None) -> None:
        text, self._thoughts = mended("".join(self._thoughts)), []
        if text or signature:
            self._builder.add_part(
                ReasoningPart(
                    text=text, signature=signature, provider=PROVIDER, model=self._builder.model
                )
            )

    def _count(self, usage: Any) -> None:
        report = usage if isinstance(usage, Mapping) else {}
        add_report(
            self._counts, {_COUNTS[name]: report[name] for name in report if name in _COUNTS}
        )

    def _settle(self) -> None:
        """Give the builder what waits for more that will not come."""
        self._end_thought(None)
        for index, step in self._steps.items():
            if step.get("type") == "function_call" and "arguments" in step:
                # A call whose arguments never came must not pass for one without any.
                self._builder.add(_arguments(index, "{"))
        self._steps = {}
        if self._token:
            part = ProviderPart(provider=PROVIDER, data={TOKEN: self._token})
            self._builder.add_part(part)
            self._token = None
        self._builder.usage = read_usage(self._counts)


def _arguments(index: int, text: str) -> StreamDelta:
    return StreamDelta(tool_call_args_fragment=text, tool_call_index=index)


def _place(data: Mapping[str, Any]) -> int:
    index = place_in(data, "index")
    if index is None:
        raise TypeError("the event tells no place of its step")
    return index
