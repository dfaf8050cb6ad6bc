"""Marks of the prompt cache: where a prefix ends that the API shall keep."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from racto.core.errors import ConfigurationError

MOST_MARKS = 4
"""Most marks that one request may hold, automatic caching included; the API's own limit."""


def mark(ttl: Literal["5m", "1h"]) -> dict[str, str]:
    """The mark itself.

    Args:
        ttl: How long the prefix is kept after its last use.
    """
    return {"type": "ephemeral", "ttl": ttl}


def mark_prefix(fields: dict[str, Any], ttl: Literal["5m", "1h"]) -> None:
    """Ask for the caching of a request's prefix.

    The API is told to mark the end of the conversation, which it moves along from call to call.
    The system text, or else the last tool, is marked too: another conversation under the same
    instructions shares that much and no more.

    Args:
        fields: The body of the request; changed in place.
        ttl: How long to keep it.
    """
    fields["cache_control"] = mark(ttl)
    if isinstance(fields.get("system"), str):
        fields["system"] = [{"type": "text", "text": fields["system"]}]
    unchanging = fields.get("system") or fields.get("tools")
    if unchanging:
        unchanging[-1].setdefault("cache_control", mark(ttl))


def check_marks(fields: Mapping[str, Any]) -> None:
    """Count the marks of a request, those of the caller and those of racto together.

    Raises:
        ConfigurationError: If there are more than the API allows.
    """
    count = sum("cache_control" in block for block in _marked(fields))
    if count > MOST_MARKS:
        raise ConfigurationError(
            f"the request marks {count} places for the prompt cache and Anthropic allows "
            f"{MOST_MARKS}; cache= of a config takes up to two of them. Mark fewer parts"
        )


def _marked(fields: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Everything that can hold a mark."""
    yield fields
    yield from fields.get("tools", ())
    yield from _blocks(fields.get("system", ()))
    for message in fields.get("messages", ()):
        yield from _blocks(message["content"])


def _blocks(content: str | Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for block in () if isinstance(content, str) else content:
        yield block
        # The parts of a tool's answer can be marked as well.
        inner = block.get("content")
        if isinstance(inner, list):
            yield from (part for part in inner if isinstance(part, Mapping))
