"""Payloads of generation tasks, made from what a caller gives: words, settings, mixed items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticSerializationError

from racto.core.chat import ChatConfig
from racto.core.errors import ConfigurationError
from racto.core.prompts import RactoPrompt
from racto.core.schemas import type_schema
from racto.core.tools import ToolRegistry

from .payloads import GeneratePayload, problems_of
from .references import path_of

Item: TypeAlias = str | Mapping[str, Any] | ChatConfig
"""One item of a batch: the words, fields of ``ChatConfig`` with the words, or a whole request."""

_APART = frozenset({"tools", "response_model", "tool_choice", "auto_execute_tools", "tool_context"})


def payload_of(item: Item, defaults: Mapping[str, Any], *, where: str = "") -> GeneratePayload:
    """The payload of one request.

    Args:
        item: The request. What it says itself goes before ``defaults``, zeros and None included
            (the reference package takes ``temperature=0.0`` for nothing said).
        defaults: Fields for what the item does not say; a ``ChatConfig`` has said everything.
        where: What to call the item in errors, for example ``items[3]``.

    Raises:
        ConfigurationError: If it is malformed or cannot travel; the message names the field.
    """
    try:
        fields = _fields_of(item)
        if not isinstance(item, ChatConfig):
            fields = {**defaults, **fields}
        apart = {name: fields.pop(name) for name in _APART & fields.keys()}
        config = ChatConfig(**fields)
        if "response_model" not in apart and isinstance(config.prompt, RactoPrompt):
            apart["response_model"] = _model_of_prompt(config.prompt)
        return _payload(config, apart)
    except ValidationError as error:
        raise ConfigurationError(f"{_lead(where)}{problems_of(error)}") from error
    except PydanticSerializationError as error:
        raise ConfigurationError(f"{_lead(where)}the request is no JSON data: {error}") from error
    except ConfigurationError as error:
        if not where:
            raise
        raise ConfigurationError(f"{_lead(where)}{error}") from error


def _fields_of(item: Any) -> dict[str, Any]:
    if isinstance(item, str):
        return {"user_message": item}
    if isinstance(item, Mapping):
        return dict(item)
    if isinstance(item, ChatConfig):
        return {name: getattr(item, name) for name in item.model_fields_set}
    raise ConfigurationError(
        f"an item is a text, a mapping of ChatConfig's fields, or a ChatConfig, "
        f"not a {type(item).__name__}"
    )


def _payload(config: ChatConfig, apart: Mapping[str, Any]) -> GeneratePayload:
    if apart.get("tool_context"):
        raise ConfigurationError(
            "tool_context: objects cannot travel; give them to the worker's tools instead"
        )
    tools = _tool_names(apart.get("tools"))
    # Only what was given: a worker of another release keeps its own defaults for the rest.
    fields = config.model_dump(mode="json", include=set(config.model_fields_set))
    for name in ("tool_choice", "auto_execute_tools"):
        if name in apart:
            fields[name] = apart[name]
    _check_choice(fields, tools)
    return GeneratePayload(
        config=fields, tools=tools, response_model=_model_reference(apart.get("response_model"))
    )


def _tool_names(tools: Any) -> tuple[str, ...]:
    if tools is None:
        return ()
    if isinstance(tools, ToolRegistry):
        return tuple(tools.tools)
    is_list = isinstance(tools, Sequence) and not isinstance(tools, str)
    if is_list and all(isinstance(name, str) for name in tools):
        return tuple(tools)
    raise ConfigurationError(
        "tools: give the names of tools that the worker knows, or a ToolRegistry of the same names"
    )


def _check_choice(fields: Mapping[str, Any], tools: tuple[str, ...]) -> None:
    choice = fields.get("tool_choice", "auto")
    if choice not in ("auto", "required", "none", *tools):
        raise ConfigurationError(f"tool_choice: {choice!r} is none of the tools {list(tools)}")
    if fields.get("auto_execute_tools") and not tools:
        raise ConfigurationError("auto_execute_tools: there are no tools to execute")


def _model_reference(model: Any) -> str | dict[str, Any] | None:
    if isinstance(model, type) and issubclass(model, BaseModel):
        return path_of(model)
    if isinstance(model, Mapping):
        return dict(model)
    if model is None or (isinstance(model, str) and ":" in model):
        return model
    raise ConfigurationError(
        "response_model: give a pydantic model, its import path 'package.module:Model', or a "
        f"JSON Schema, not {model!r:.80}"
    )


def _model_of_prompt(prompt: RactoPrompt) -> type[BaseModel] | dict[str, Any] | None:
    wanted = prompt.output_format
    if not isinstance(wanted, type):
        return None
    try:
        path_of(wanted)
    except ConfigurationError:
        # In the prompt itself it travels as its schema too.
        return type_schema(wanted)
    return wanted


def _lead(where: str) -> str:
    return f"{where}: " if where else ""
