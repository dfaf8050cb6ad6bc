"""Structured replies: the JSON in a reply, its check, and the words that ask for a repair."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, RootModel, ValidationError

from racto.core.chat import ChatConfig
from racto.core.errors import ConfigurationError, ResponseModelValidationError
from racto.core.responses import FinishReason, LLMResponse

_FENCE = re.compile(r"(`{3,}|~{3,})[ \t]*(\w*)")
_BRACKET = re.compile(r"[{\[]")

# Each try that fails may have read the whole rest of the reply.
_MOST_FAILURES = 32

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


def check_model(model: type[BaseModel]) -> None:
    """Refuse a model that no structured reply can satisfy.

    Raises:
        ConfigurationError: If it is a ``RootModel`` of a bare value.
    """
    # Asking pydantic for a schema costs much, and all other models are objects.
    if not issubclass(model, RootModel):
        return
    from racto.core.schemas import type_schema

    schema = type_schema(model)
    if not _may_be_structure(schema, schema.get("$defs", {})):
        raise ConfigurationError(
            f"response_model={model.__name__} is a bare value, and a structured reply is a JSON "
            "object or array; make the value a field of a BaseModel"
        )


def find_json(text: str) -> Any:
    """The JSON object or array in a reply: the whole text, one fenced block, or the first value.

    The text itself is never changed (the reference package cuts replies down to their first
    code block). None when there is none.
    """
    return next(_candidates(text), None)


def fault_of(response: LLMResponse, model: type[BaseModel]) -> Exception | None:
    """Why a reply does not satisfy the model; None when it does, and ``parsed`` is then set.

    Of several JSON values among the words the first that satisfies the model is meant; a model
    that cites ``[1]`` before its answer is understood. ``parsed`` is the JSON as the model wrote
    it: nothing is filled in (the reference package invents missing fields).
    """
    first: Exception | None = None
    for data in _candidates(response.content or ""):
        try:
            # As JSON, in which dates and enums are text; as Python data they would be refused.
            model.model_validate_json(json.dumps(data))
        except ValidationError as error:
            first = first or error
        else:
            response.parsed = data
            return None
    return first or ValueError("the reply holds no JSON object or array")


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


def _candidates(text: str) -> Iterator[dict[str, Any] | list[Any]]:
    """The JSON objects and arrays that a reply may mean, the likeliest first."""
    whole = _loaded(text)
    if whole is not None:
        yield whole
        return
    fenced = _fenced(text)
    # Of several blocks nobody knows which one is meant.
    inside = _loaded(fenced[0]) if len(fenced) == 1 else None
    if inside is not None:
        yield inside
    decoder, place, failures = json.JSONDecoder(), 0, 0
    while failures < _MOST_FAILURES and (found := _BRACKET.search(text, place)):
        try:
            # Stops behind the value, so that words after it do no harm.
            value, place = decoder.raw_decode(text, found.start())
        except (ValueError, RecursionError):
            place, failures = found.end(), failures + 1
        else:
            yield value


def _fenced(text: str) -> list[str]:
    """What stands in fenced blocks of JSON, or of no language, read line by line."""
    blocks: list[str] = []
    inside: list[str] = []
    fence = language = ""
    for line in text.split("\n"):
        bare = line.strip()
        opening = None if fence else _FENCE.match(bare)
        # Backticks further on are code within a line.
        if opening is not None and "`" not in bare[opening.end() :]:
            fence, language, inside = opening[1], opening[2].lower(), []
        elif fence and bare == fence:
            if not language or language.startswith("json"):
                blocks.append("\n".join(inside))
            fence = ""
        elif fence:
            inside.append(line)
    return blocks


def _may_be_structure(schema: dict[str, Any], defs: dict[str, Any]) -> bool:
    """Whether an object or array can satisfy a schema, as far as its outside tells."""
    if "$ref" in schema:
        named = defs.get(schema["$ref"].rpartition("/")[2])
        # A model that only holds itself has no outside; its values are structures, if any.
        rest = {name: inner for name, inner in defs.items() if inner is not named}
        return named is None or _may_be_structure(named, rest)
    choices = schema.get("anyOf") or schema.get("oneOf")
    if choices:
        return any(_may_be_structure(choice, defs) for choice in choices)
    values = schema.get("enum", [schema["const"]] if "const" in schema else [])
    if values:
        return any(isinstance(value, (dict, list)) for value in values)
    return schema.get("type", "object") in ("object", "array")


def _loaded(text: str) -> Any:
    try:
        data = json.loads(text.strip())
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, (dict, list)) else None
