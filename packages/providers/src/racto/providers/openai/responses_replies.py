"""Replies of the Responses API, read without loss: every item becomes parts, in their order."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from racto.core.content import (
    ContentPart,
    ImagePart,
    ProviderPart,
    ReasoningPart,
    RefusalPart,
    TextPart,
    ToolCallPart,
    ToolCallResult,
)
from racto.core.responses import FinishReason, LLMResponse
from racto.providers.words import id_in, name_in, text_in

from .replies import judged, read_logprobs
from .usage import responses_usage

_STATUSES = {
    "completed": FinishReason.STOP,
    "cancelled": FinishReason.CANCELLED,
    "failed": FinishReason.ERROR,
}
_REASONS = {
    "max_output_tokens": FinishReason.LENGTH,
    "content_filter": FinishReason.CONTENT_FILTER,
}
_BEYOND_MESSAGE = ("phase",)
_BEYOND_CALL = ("namespace", "caller", "async")


def read_finish(data: Mapping[str, Any]) -> tuple[FinishReason, str | None]:
    """The finish reason of a response and the API's own word for it.

    Args:
        data: The response; a word that is not known is ``unknown``.
    """
    status = name_in(data, "status")
    details = data.get("incomplete_details")
    reason = name_in(details, "reason") if isinstance(details, Mapping) else None
    if status == "incomplete":
        return _REASONS.get(str(reason), FinishReason.UNKNOWN), reason or status
    return _STATUSES.get(str(status), FinishReason.UNKNOWN), status


def read_response(data: Mapping[str, Any], provider: str) -> LLMResponse:
    """The response in a whole reply.

    Args:
        data: The response as the API gives it.
        provider: Who answered.
    """
    model = name_in(data, "model") or ""
    items = data.get("output") or ()
    parts = [part for item in items for part in read_item(item, provider, model)]
    calls = [
        ToolCallResult(**{name: getattr(part, name) for name in ToolCallResult.model_fields})
        for part in parts
        if isinstance(part, ToolCallPart)
    ]
    text = "".join(part.text for part in parts if isinstance(part, TextPart))
    refusal = "".join(part.text for part in parts if isinstance(part, RefusalPart)) or None
    thoughts = [part.text for part in parts if isinstance(part, ReasoningPart) and part.text]
    finish, raw_finish = read_finish(data)
    return LLMResponse(
        content=text or None,
        thinking="\n\n".join(thoughts) or None,
        tool_calls=calls,
        finish_reason=judged(finish, calls, refusal),
        usage=responses_usage(data.get("usage")),
        raw=data,
        parts=tuple(parts),
        refusal=refusal,
        logprobs=tuple(
            token
            for item in items
            for block in _content(item)
            for token in read_logprobs({"content": block.get("logprobs")}) or ()
        )
        or None,
        provider=provider,
        model=model,
        response_id=id_in(data, "id"),
        raw_finish_reason=raw_finish,
    )


def read_item(item: Mapping[str, Any], provider: str, model: str) -> list[ContentPart]:
    """The parts of one output item; what racto does not know is kept as it came.

    Args:
        item: The item.
        provider: Who answered.
        model: Which model.
    """
    kind = item.get("type")
    if kind == "message":
        said = (read_block(block) for block in _content(item))
        return [*beyond_message(item, provider), *(part for part in said if part is not None)]
    if kind == "function_call":
        return [ToolCallPart.of(read_call(item)), *beyond_call(item, provider)]
    if kind == "reasoning":
        return read_reasoning(item, provider, model)
    kept = ProviderPart(provider=provider, data=dict(item))
    return [kept, *_picture(item)] if kind == "image_generation_call" else [kept]


def read_block(block: Mapping[str, Any]) -> TextPart | RefusalPart | None:
    """One block of a message's content; None for a kind that holds no words."""
    if block.get("type") == "refusal":
        return RefusalPart(text=text_in(block, "refusal"))
    if block.get("type") != "output_text":
        return None
    return TextPart(text=text_in(block, "text"), citations=read_citations(block))


def read_citations(block: Mapping[str, Any]) -> tuple[dict[str, Any], ...]:
    """The sources of a block of text, as the API shaped them."""
    return tuple(note for note in block.get("annotations") or () if isinstance(note, dict))


def read_call(item: Mapping[str, Any]) -> ToolCallResult:
    """A tool call; its output goes back under the id of the call, not of the item."""
    return ToolCallResult.of_text(
        text_in(item, "arguments"),
        name=name_in(item, "name") or "",
        id=call_id(item),
    )


def call_id(item: Mapping[str, Any]) -> str:
    """The id under which the output of a call goes back; empty when there is none."""
    return id_in(item, "call_id") or id_in(item, "id") or ""


def read_reasoning(item: Mapping[str, Any], provider: str, model: str) -> list[ContentPart]:
    """A reasoning item: one part for each piece of its summary, the first with the signature.

    An item that shows its thinking openly is kept as it came as well, because the parts of a
    summary cannot be told from those of the thinking when it goes back.
    """
    summary, content = _texts(item.get("summary")), _texts(item.get("content"))
    facts: dict[str, Any] = {"provider": provider, "model": model}
    if content:
        shown = ReasoningPart(text="\n\n".join([*summary, *content]), **facts)
        return [shown, ProviderPart(provider=provider, data=dict(item))]
    signature = text_in(item, "encrypted_content") or None
    return [
        ReasoningPart(
            text=text,
            signature=None if number else signature,
            redacted=not text and signature is not None,
            id=id_in(item, "id"),
            **facts,
        )
        for number, text in enumerate(summary or [""])
    ]


def beyond_message(item: Mapping[str, Any], provider: str) -> list[ProviderPart]:
    """What a message must come back with beyond its words; stands before it."""
    more = _kept(item, _BEYOND_MESSAGE)
    return [ProviderPart(provider=provider, data={"type": "message", **more})] if more else []


def beyond_call(item: Mapping[str, Any], provider: str) -> list[ProviderPart]:
    """What a call must come back with beyond its arguments; found by the call's id."""
    more = _kept(item, _BEYOND_CALL)
    data = {"type": "function_call", "call_id": item.get("call_id"), **more}
    return [ProviderPart(provider=provider, data=data)] if more else []


def _kept(item: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: item[name] for name in names if item.get(name) is not None}


def _content(item: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    if item.get("type") != "message":
        return []
    return [block for block in item.get("content") or () if isinstance(block, Mapping)]


def _texts(pieces: Any) -> list[str]:
    return [text_in(piece, "text") for piece in pieces or () if isinstance(piece, Mapping)]


def _picture(item: Mapping[str, Any]) -> list[ContentPart]:
    try:
        data = base64.b64decode(item.get("result") or "", validate=True)
    except (binascii.Error, TypeError, ValueError):
        return []
    form = item.get("output_format") or "png"
    kind = "image/svg+xml" if form == "svg" else f"image/{form}"
    return [ImagePart(data=data, mime_type=kind)] if data else []
