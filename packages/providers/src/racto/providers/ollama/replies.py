"""Replies of Ollama's chat API, read without loss."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from racto.core.content import ContentPart, ReasoningPart, TextPart, ToolCallPart, ToolCallResult
from racto.core.logprobs import TokenLogprob
from racto.core.responses import FinishReason, LLMResponse
from racto.core.usage import Usage
from racto.providers.counts import Counts
from racto.providers.openai.replies import judged, read_logprobs as read_openai_logprobs
from racto.providers.words import id_in, name_in, text_in

from .connection import PROVIDER
from .identity import call_id

_FINISHES = {
    "stop": FinishReason.STOP,
    "length": FinishReason.LENGTH,
    # Old servers say only that they are done.
    None: FinishReason.STOP,
}


def read_finish(raw: str | None) -> FinishReason:
    """The finish reason for the API's word.

    ``load`` and ``unload`` mean that a model was loaded or freed and nothing was said; they are
    ``unknown``, as every other word is.
    """
    return _FINISHES.get(raw, FinishReason.UNKNOWN)


def read_usage(data: Mapping[str, Any]) -> Usage:
    """Usage of a reply, or of a stream's last line.

    Old servers leave out the prompt's count when the prompt was cached; the usage is then
    partial, and without any count unknown.
    """
    counts = Counts(data)
    prompt = counts.read("prompt_eval_count")
    # Clamped: the cached tokens are a part of the prompt's.
    cached = min(counts.read("prompt_eval_cached_count"), prompt)
    return Usage(
        input_tokens=prompt - cached,
        cache_read_tokens=cached,
        output_tokens=counts.read("eval_count"),
        state=counts.state("prompt_eval_count", "eval_count"),
    )


def read_calls(
    message: Mapping[str, Any], created_at: Any, *, first: int = 0
) -> list[ToolCallResult]:
    """The tool calls of a message, each with an id.

    Args:
        message: The message.
        created_at: Moment of the reply, or of a stream's first line.
        first: Number of calls that the reply has already brought.
    """
    return [
        _call(call, call_id(created_at, number))
        for number, call in enumerate(message.get("tool_calls") or (), start=first)
    ]


def read_logprobs(data: Mapping[str, Any]) -> tuple[TokenLogprob, ...] | None:
    """The log-probabilities of the reply's tokens; None when the server told none."""
    # The tokens are told as in OpenAI's API, one level higher.
    return read_openai_logprobs({"content": data.get("logprobs")})


def read_reply(data: Mapping[str, Any]) -> LLMResponse:
    """The response in a whole reply."""
    message, model = data["message"], name_in(data, "model") or ""
    text, thinking = text_in(message, "content"), text_in(message, "thinking")
    calls = read_calls(message, data.get("created_at"))
    parts: list[ContentPart] = []
    if thinking:
        parts.append(ReasoningPart(text=thinking, provider=PROVIDER, model=model))
    if text:
        parts.append(TextPart(text=text))
    parts.extend(ToolCallPart.of(call) for call in calls)
    raw_finish = name_in(data, "done_reason")
    return LLMResponse(
        content=text or None,
        thinking=thinking or None,
        tool_calls=calls,
        # It says "stop" after tool calls too.
        finish_reason=judged(read_finish(raw_finish), calls, None),
        usage=read_usage(data),
        raw=data,
        parts=tuple(parts),
        logprobs=read_logprobs(data),
        provider=PROVIDER,
        model=model,
        raw_finish_reason=raw_finish,
    )


def _call(data: Mapping[str, Any], made_id: str) -> ToolCallResult:
    function = data["function"]
    given = function.get("arguments")
    # An object by the protocol; engines that fail to read the model's JSON pass it on as text.
    text = given if isinstance(given, str) else json.dumps({} if given is None else given)
    return ToolCallResult.of_text(
        text, name=name_in(function, "name") or "", id=id_in(data, "id") or made_id
    )
