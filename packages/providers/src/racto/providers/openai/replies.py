"""Replies of the Chat Completions API, read without loss."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from racto.core.content import (
    AudioPart,
    ContentPart,
    ReasoningPart,
    RefusalPart,
    TextPart,
    ToolCallPart,
    ToolCallResult,
)
from racto.core.logprobs import LEAST, TokenLogprob
from racto.core.responses import FinishReason, LLMResponse
from racto.providers.words import id_in, name_in, text_in

from .usage import chat_usage

_FINISHES = {
    "stop": FinishReason.STOP,
    "eos": FinishReason.STOP,
    "eos_token": FinishReason.STOP,
    "stop_sequence": FinishReason.STOP,
    "length": FinishReason.LENGTH,
    "tool_calls": FinishReason.TOOL_CALL,
    "function_call": FinishReason.TOOL_CALL,
    "content_filter": FinishReason.CONTENT_FILTER,
    "error": FinishReason.ERROR,
}


def read_finish(raw: Any) -> FinishReason:
    """The finish reason for the API's word; a word that is not known is ``unknown``."""
    return _FINISHES.get(raw, FinishReason.UNKNOWN)


def read_call(data: Mapping[str, Any], fallback_id: str) -> ToolCallResult:
    """A tool call; malformed arguments are kept as they came.

    Args:
        data: The call as the API gives it.
        fallback_id: Id for servers that give none; the tool's answer needs one.
    """
    function = data.get("function") or {}
    given = function.get("arguments")
    # The API sends text; some servers send the object itself.
    text = given if isinstance(given, str) else json.dumps({} if given is None else given)
    return ToolCallResult.of_text(
        text, name=name_in(function, "name") or "", id=id_in(data, "id") or fallback_id
    )


def read_reply(data: Mapping[str, Any], choice: Mapping[str, Any], provider: str) -> LLMResponse:
    """The response for one choice of a completion.

    Args:
        data: The whole completion.
        choice: The choice to read.
        provider: Who answered.
    """
    message = choice.get("message") or {}
    model, response_id = name_in(data, "model") or "", id_in(data, "id")
    calls = [
        read_call(call, f"{response_id or 'call'}_{number}")
        for number, call in enumerate(message.get("tool_calls") or ())
    ]
    text = text_of(message.get("content"))
    thinking = reasoning_of(message)
    refusal = text_in(message, "refusal") or None
    raw_finish = name_in(choice, "finish_reason")
    parts: list[ContentPart] = []
    if thinking:
        parts.append(ReasoningPart(text=thinking, provider=provider, model=model))
    if text:
        notes = tuple(note for note in message.get("annotations") or () if isinstance(note, dict))
        parts.append(TextPart(text=text, citations=notes))
    if refusal:
        parts.append(RefusalPart(text=refusal))
    parts.extend(_sounds(message.get("audio")))
    parts.extend(ToolCallPart.of(call) for call in calls)
    return LLMResponse(
        content=text or None,
        thinking=thinking or None,
        tool_calls=calls,
        finish_reason=judged(read_finish(raw_finish), calls, refusal),
        usage=chat_usage(data.get("usage")),
        raw=data,
        parts=tuple(parts),
        refusal=refusal,
        logprobs=read_logprobs(choice.get("logprobs")),
        provider=provider,
        model=model,
        response_id=response_id,
        raw_finish_reason=raw_finish,
    )


def read_logprobs(data: Any) -> tuple[TokenLogprob, ...] | None:
    """The log-probabilities of the reply's tokens; None when the server told none.

    Args:
        data: ``logprobs`` of a choice: an object whose ``content`` lists the tokens.
    """
    tokens = data.get("content") if isinstance(data, Mapping) else None
    if not isinstance(tokens, list):
        return None
    return tuple(
        _logprob(token, tuple(_logprob(other) for other in token.get("top_logprobs") or ()))
        for token in tokens
    )


def judged(finish: FinishReason, calls: list[ToolCallResult], refusal: str | None) -> FinishReason:
    """The finish reason in the light of the reply: a "stop" may hide a refusal or tool calls."""
    # Servers say "stop" where they know no better word.
    if finish is FinishReason.STOP and refusal:
        return FinishReason.REFUSAL
    return FinishReason.TOOL_CALL if finish is FinishReason.STOP and calls else finish


def text_of(content: Any) -> str:
    """The text of a message or delta; some servers send a list of typed parts.

    Raises:
        TypeError: If it is neither, nor null.
    """
    if isinstance(content, list):
        return "".join(text_in(part, "text") for part in content if isinstance(part, Mapping))
    return text_in({"content": content}, "content")


def reasoning_of(message: Mapping[str, Any]) -> str:
    """The model's thinking, under either of the names that servers use."""
    found = message.get("reasoning_content") or message.get("reasoning")
    return found if isinstance(found, str) else ""


def _sounds(audio: Any) -> list[AudioPart]:
    if not isinstance(audio, Mapping) or not audio.get("data"):
        return []
    try:
        data = base64.b64decode(audio["data"], validate=True)
    except (binascii.Error, ValueError):
        return []
    return [AudioPart(data=data, transcript=audio.get("transcript"))]


def _logprob(data: Mapping[str, Any], alternatives: tuple[TokenLogprob, ...] = ()) -> TokenLogprob:
    # Null is how some servers write the logarithm of nothing.
    value = data.get("logprob")
    return TokenLogprob(
        token=name_in(data, "token") or "",
        logprob=LEAST if value is None else value,
        alternatives=alternatives,
    )
