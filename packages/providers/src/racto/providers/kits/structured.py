"""Structured replies: the JSON in a reply, its check, and the words that ask for a repair."""

from __future__ import annotations

import json
import re
from typing import Any

from pydantic import BaseModel, ValidationError

from racto.core.chat import ChatConfig
from racto.core.errors import ResponseModelValidationError
from racto.core.responses import FinishReason, LLMResponse

_FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})[ \t]*(?:json\w*)?[ \t]*\r?\n(.*?)^[ \t]*\1[ \t]*$",
                    re.DOTALL | re.MULTILINE | re.IGNORECASE)  # fmt: skip

# Asking again after one of these would cost the same and bring the same.
_HOPELESS = {
    FinishReason.LENGTH: "it was cut off at max_tokens; allow more tokens",
    FinishReason.REFUSAL: "the model refused",
    FinishReason.CONTENT_FILTER: "the provider's content filter withheld it",
    FinishReason.CONTEXT_OVERFLOW: "the model's context is full",
}


def with_inferred_model(config: ChatConfig) -> ChatConfig:
    """The config whose ``response_model`` is the prompt's model, when only the prompt has one."""
    wanted = config.prompt.output_format if config.prompt is not None else None
    # A schema given as a dictionary has no class to check the reply by.
    if config.response_model is None and isinstance(wanted, type):
        return config.model_copy(update={"response_model": wanted})
    return config


def asks_for_json(config: ChatConfig) -> bool:
    """Whether the caller asked for JSON, in the prompt or by a model."""
    wanted = config.prompt.output_format if config.prompt is not None else ""
    in_words = isinstance(wanted, str) and wanted.strip().lower() == "json"
    return in_words or isinstance(wanted, (dict, type)) or config.response_model is not None


def find_json(text: str) -> Any:
    """The JSON object or array in a reply: the whole text, one fenced block, or the first value.

    The text itself is never changed (the reference package cuts replies down to their first
    code block). None when there is none.
    """
    whole = _loaded(text)
    if whole is not None:
        return whole
    fenced = _FENCE.findall(text)
    # Of several blocks nobody knows which one is meant.
    if len(fenced) == 1:
        inside = _loaded(fenced[0][1])
        if inside is not None:
            return inside
    decoder = json.JSONDecoder()
    found = re.search(r"[{\[]", text)
    if found is None:
        return None
    try:
        # Stops behind the first value, so that words after it do no harm.
        return decoder.raw_decode(text, found.start())[0]
    except (ValueError, RecursionError):
        return None


def fault_of(response: LLMResponse, model: type[BaseModel]) -> Exception | None:
    """Why a reply does not satisfy the model; None when it does, and ``parsed`` is then set.

    ``parsed`` is the JSON as the model wrote it: nothing is filled in (the reference package
    invents missing fields).
    """
    data = find_json(response.content or "")
    if data is None:
        return ValueError("the reply holds no JSON object or array")
    try:
        # As JSON, in which dates and enums are text; as Python data they would be refused.
        model.model_validate_json(json.dumps(data))
    except ValidationError as error:
        return error
    response.parsed = data
    return None


def is_hopeless(response: LLMResponse) -> bool:
    """Whether asking again would only bring the same: the reply was cut, refused or withheld."""
    return response.finish_reason in _HOPELESS


def correction(fault: Exception) -> str:
    """The user turn that asks the model to mend its reply."""
    return (
        f"Your reply does not fit the required JSON schema:\n{_problems(fault)}\n"
        "Reply again with the whole corrected JSON value and nothing else."
    )


def failure(
    response: LLMResponse, model: type[BaseModel], fault: Exception, *, attempts: int
) -> ResponseModelValidationError:
    """The error for a reply that stays wrong."""
    why = _HOPELESS.get(response.finish_reason)
    reason = f" because {why}" if why else f" after {attempts} calls:\n{_problems(fault)}"
    return ResponseModelValidationError(
        f"the reply does not satisfy {model.__name__}{reason}",
        attempts=attempts,
        last_error=fault,
        raw_response=response.content or response.refusal,
        provider=response.provider or None,
        request_id=response.request_id,
    )


def _problems(fault: Exception) -> str:
    if not isinstance(fault, ValidationError):
        return f"- {fault}"
    lines = [
        f"- {'.'.join(map(str, each['loc'])) or 'the whole'}: {each['msg']}"
        for each in fault.errors(include_url=False, include_context=False)
    ]
    shown = lines[:20]
    # A reply that got everything wrong would fill the context with its own faults.
    if len(lines) > len(shown):
        shown.append(f"- and {len(lines) - len(shown)} more")
    return "\n".join(shown)


def _loaded(text: str) -> Any:
    try:
        data = json.loads(text.strip())
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, (dict, list)) else None
