"""What a well-typed request may still have wrong; refused in Ollama's words."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from .failures import refusal
from .requests import ChatRequest, GenerateRequest, Generation, Message

_WHOLE = """
    num_ctx num_batch num_gpu main_gpu num_thread num_keep seed num_predict top_k repeat_last_n
    mirostat
"""
_REAL = """
    top_p min_p tfs_z typical_p temperature repeat_penalty presence_penalty frequency_penalty
    mirostat_tau mirostat_eta
"""
_FLAGS = """
    numa low_vram f16_kv logits_all vocab_only use_mmap use_mlock embedding_only penalize_newline
"""
_OPTIONS = {
    **dict.fromkeys(_WHOLE.split(), "integer"),
    **dict.fromkeys(_REAL.split(), "float32"),
    **dict.fromkeys(_FLAGS.split(), "boolean"),
    "stop": "array",
}
# How hard to think; a model that knows no levels takes true or false.
_LEVELS = ("high", "medium", "low", "max")
_ROLES = ("system", "user", "assistant", "tool")
_DURATION = re.compile(r"[-+]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|ms|s|m|h))+|[-+]?0")
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/=]")


def check_chat(asked: ChatRequest, *, strict: bool) -> None:
    """Refuse a chat that breaks a rule.

    Args:
        asked: The request.
        strict: Whether to refuse what Ollama lets pass: unknown options, tool results without
            their calls, calls without results.

    Raises:
        Refusal: If it does.
    """
    _check_generation(asked, strict=strict)
    messages = asked.messages or []
    for message in messages:
        check_images(message.images)
    for tool in asked.tools or ():
        if not tool.function.name:
            raise refusal("tool function name is required")
    if strict and (fault := _turn_fault(messages)):
        raise refusal(fault)


def check_generate(asked: GenerateRequest, *, strict: bool) -> None:
    """Refuse a completion that breaks a rule.

    Args:
        asked: The request.
        strict: Whether to refuse unknown options, which Ollama lets pass.

    Raises:
        Refusal: If it does.
    """
    _check_generation(asked, strict=strict)
    check_images(asked.images)
    if asked.raw and (asked.template or asked.system or asked.context):
        raise refusal("raw mode does not support template, system, or context")


def check_options(options: Mapping[str, Any] | None, *, strict: bool) -> None:
    """Refuse options that are ill-typed or unknown.

    Args:
        options: The options.
        strict: Whether to refuse unknown ones, which Ollama lets pass.

    Raises:
        Refusal: If there are any.
    """
    for name, value in (options or {}).items():
        wanted = _OPTIONS.get(name)
        if wanted is None and strict:
            raise refusal(f"invalid options: {name}")
        if wanted is not None and value is not None and not _is_of(value, wanted):
            raise refusal(f'option "{name}" must be of type {wanted}')


def check_keep_alive(keep_alive: float | str | None) -> None:
    """Refuse a duration that is none.

    Args:
        keep_alive: Seconds, or a duration as Go writes it.

    Raises:
        Refusal: If it is none.
    """
    if isinstance(keep_alive, str) and not _DURATION.fullmatch(keep_alive):
        raise refusal(f'time: invalid duration "{keep_alive}"')


def check_images(images: Sequence[str] | None) -> None:
    """Refuse images that are not in base64.

    Args:
        images: The images.

    Raises:
        Refusal: If one is not.
    """
    for image in images or ():
        wrong = _NOT_BASE64.search(image)
        if wrong or len(image) % 4:
            place = wrong.start() if wrong else len(image)
            raise refusal(f"illegal base64 data at input byte {place}")


def _check_generation(asked: Generation, *, strict: bool) -> None:
    check_options(asked.options, strict=strict)
    check_keep_alive(asked.keep_alive)
    if isinstance(asked.think, str) and asked.think not in _LEVELS:
        told = ", ".join(f'"{level}"' for level in _LEVELS)
        raise refusal(f'invalid think value: "{asked.think}" (must be {told}, true, or false)')
    if asked.format not in (None, "", "json") and not isinstance(asked.format, dict):
        told = json.dumps(json.dumps(asked.format))
        raise refusal(f'invalid format: {told}; expected "json" or a valid JSON Schema object')
    if not 0 <= (asked.top_logprobs or 0) <= 20:
        raise refusal("top_logprobs must be between 0 and 20")


def _is_of(value: Any, wanted: str) -> bool:
    if wanted == "boolean":
        return isinstance(value, bool)
    if wanted == "array":
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    # Go reads every number as a float, and cuts it where it wants an integer.
    return isinstance(value, int | float) and not isinstance(value, bool)


def _turn_fault(messages: Sequence[Message]) -> str | None:
    waiting: list[str] = []
    for number, message in enumerate(messages):
        if message.role not in _ROLES:
            return f"invalid role: must be one of {' '.join(_ROLES)}"
        if message.role == "tool":
            if not waiting:
                return f"messages[{number}]: a tool result without its tool call"
            # Results come in the order of the calls where nothing names them.
            name = message.tool_name or waiting[0]
            if name not in waiting:
                return f"messages[{number}]: no tool call has the name {name!r}"
            waiting.remove(name)
            continue
        if waiting:
            return f"messages[{number}]: tool calls were not answered: {', '.join(waiting)}"
        waiting = [call.function.name for call in message.tool_calls or ()]
        if waiting and message.role != "assistant":
            return f"messages[{number}]: only an assistant calls tools"
    return f"tool calls were not answered: {', '.join(waiting)}" if waiting else None
