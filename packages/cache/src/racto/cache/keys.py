"""The key of a request: a digest of everything that decides the reply, the same in every process.

The reference's key knows five fields, so that two questions after two histories share a reply.
Here the whole request counts: provider, model, system text, scope and each field of the config
but ``metadata`` and ``timeout``, tools and response models by their schemas, files by their bytes.
The encoding has a version, and golden vectors in its test.
"""

from __future__ import annotations

from dataclasses import fields
from operator import itemgetter
from typing import Any

from racto.core.chat import ChatConfig
from racto.core.errors import ConfigurationError
from racto.core.requests import ChatRequest

from .digests import LONG, Recent, brief, digest_of
from .encodings import encoded

VERSION = "racto-key-1"
"""Stands before everything that is digested; a new encoding gets a new one."""

UNKEYED = frozenset({"metadata", "timeout"})
"""Fields of the config that decide no reply."""

# Bytes of files that are hashed in the event loop, for about 0.2 ms.
_INLINE_BYTES = 200_000

# Of this room and not of ChatConfig: when a default changes there, keys must change too.
PLAIN: dict[str, Any] = {
    "prompt": None,
    "system": None,
    "temperature": None,
    "max_tokens": 4096,
    "tools": None,
    "tool_choice": "auto",
    "parallel_tool_calls": None,
    "auto_execute_tools": False,
    "tool_context": (),
    "max_tool_turns": 3,
    "response_model": None,
    "max_validation_retries": 2,
    "history": (),
    "attachments": None,
    "chain_of_thought": False,
    "native_thinking": False,
    "thinking_budget": 10000,
    "reasoning_effort": None,
    "top_p": None,
    "top_k": None,
    "seed": None,
    "stop": (),
    "presence_penalty": None,
    "frequency_penalty": None,
    "logprobs": None,
    "cache": None,
    "model": None,
    "on_unsupported": "raise",
    "extra": {},
}
"""Values that leave no trace in a key, by field; ``user_message`` always does."""

_values = itemgetter(*PLAIN)
_PLAIN_VALUES = tuple(PLAIN.values())
_KNOWN = UNKEYED | PLAIN.keys() | {"user_message"}
_LATER_FACTS = tuple(
    field.name
    for field in fields(ChatRequest)
    if field.name not in ("provider", "model", "system", "config", "scope")
)
# An older racto-cache beside a newer racto-core: fields that it does not know count as well.
_HAS_LATER = bool(_LATER_FACTS or ChatConfig.model_fields.keys() - _KNOWN)


def request_key(request: ChatRequest, *, without_question: bool = False) -> str:
    """The key of a request: 64 hexadecimal digits.

    Two classes for ``response_model`` with the same name and schema are the same, whatever their
    validators do. A schema is digested once as long as it lives: do not change it in place.

    Args:
        request: The complete request.
        without_question: Leave ``user_message`` out, for caches that compare it by meaning.

    Raises:
        ConfigurationError: If a field holds what has no key that lasts, such as the objects of
            ``tool_context``; caches keep no reply to such a request.
    """
    return digest_of(_text(request, without_question=without_question))


def find_key(request: ChatRequest, *, without_question: bool = False) -> str | None:
    """The key of a request, or None when it has none: no cache can know its reply.

    Args:
        request: The complete request.
        without_question: As in :func:`request_key`.
    """
    try:
        return request_key(request, without_question=without_question)
    except ConfigurationError:
        return None


def local_key(request: ChatRequest) -> str | None:
    """A key for this process alone, which is faster to make; None when the request has none.

    Args:
        request: The complete request.
    """
    try:
        text = _text(request)
    except ConfigurationError:
        return None
    # A dictionary hashes a short text faster than anything else does.
    return text if len(text) < LONG else digest_of(text)


async def alocal_key(request: ChatRequest) -> str | None:
    """Async twin of :func:`local_key`: large files are hashed in a thread."""
    config = request.config
    if (config.attachments or config.history) and _bytes_in(config) > _INLINE_BYTES:
        import asyncio

        return await asyncio.to_thread(local_key, request)
    return local_key(request)


def five_part_key(
    user_message: str,
    system_prompt: str,
    model: str,
    temperature: float | None,
    max_tokens: int | None,
) -> str:
    """The key of the reference's five parts; never that of a whole request.

    Args:
        user_message: The user's words.
        system_prompt: The system text.
        model: The model's name.
        temperature: 0 and 0.0 are the same.
        max_tokens: Most tokens to generate.
    """
    return digest_of(_five_text(user_message, system_prompt, model, temperature, max_tokens))


def local_five_part_key(
    user_message: str,
    system_prompt: str,
    model: str,
    temperature: float | None,
    max_tokens: int | None,
) -> str:
    """As :func:`five_part_key`, for this process alone, which is faster to make.

    Args:
        user_message: The user's words.
        system_prompt: The system text.
        model: The model's name.
        temperature: 0 and 0.0 are the same.
        max_tokens: Most tokens to generate.
    """
    text = _five_text(user_message, system_prompt, model, temperature, max_tokens)
    return text if len(text) < LONG else digest_of(text)


def _text(request: ChatRequest, *, without_question: bool = False) -> str:
    config = request.config
    values = _values(config.__dict__)
    text = _heads.of((request.provider, request.model, request.system, request.scope))
    text += "?" if without_question else brief(config.user_message)
    # Nearly all requests differ from the plain one in a field or two, many in none.
    if values != _PLAIN_VALUES:
        text += _told(values)
    if _HAS_LATER or type(config) is not ChatConfig:
        text += _later(request)
    return text


def _bytes_in(config: ChatConfig) -> int:
    sizes = [len(file.data) for file in config.attachments or ()]
    for message in config.history:
        if type(message.content) is not str:
            sizes += [len(getattr(part, "data", None) or b"") for part in message.content]
    return sum(sizes)


def _told(values: tuple[Any, ...]) -> str:
    told = ""
    for name, value, plain in zip(PLAIN, values, _PLAIN_VALUES, strict=True):
        if value is not plain and value != plain:
            told += _field(name, value)
    return told


def _field(name: str, value: Any) -> str:
    try:
        # Objects of this process: another one's may mean something else under the same name.
        if name == "tool_context":
            raise ConfigurationError("its objects belong to this process")
        return f"{name}={encoded(value)}"
    except ConfigurationError as error:
        raise ConfigurationError(f"the request has no key because of {name}: {error}") from error


def _later(request: ChatRequest) -> str:
    config = request.config
    names = sorted((set(type(config).model_fields) | set(config.model_extra or ())) - _KNOWN)
    told = [(name, getattr(config, name)) for name in names]
    told += [(f"request.{name}", getattr(request, name)) for name in _LATER_FACTS]
    return "".join([_field(name, value) for name, value in told if value is not None])


def _head(facts: tuple[str, ...]) -> str:
    return digest_of(VERSION + "".join(map(brief, facts)))


def _five_text(
    question: str, system: str, model: str, temperature: float | None, most: int | None
) -> str:
    return _five_heads.of((system, model, temperature, most)) + brief(question)


def _five_head(facts: tuple[str, str, float | None, int | None]) -> str:
    system, model, temperature, most = facts
    heat = "n" if temperature is None else encoded(float(temperature))
    tokens = "n" if most is None else encoded(int(most))
    return digest_of(f"{VERSION}-five{brief(system)}{brief(model)}{heat}{tokens}")


_heads: Recent[tuple[str, ...]] = Recent(_head, lambda facts: 100 + sum(map(len, facts)))
_five_heads: Recent[tuple[str, str, float | None, int | None]] = Recent(
    _five_head, lambda facts: 100 + len(facts[0]) + len(facts[1])
)
