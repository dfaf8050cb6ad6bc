"""Usage as OpenAI's two APIs report it, in disjoint buckets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from racto.core.usage import Usage, UsageState


def chat_usage(data: Any) -> Usage:
    """Usage of a chat completion; cached tokens are counted inside ``prompt_tokens``.

    Args:
        data: The reply's ``usage``; anything but an object is unknown usage.
    """
    return _usage(data, "prompt_tokens", "completion_tokens")


def responses_usage(data: Any) -> Usage:
    """Usage of a response; cached tokens are counted inside ``input_tokens``.

    Args:
        data: The reply's ``usage``; anything but an object is unknown usage.
    """
    return _usage(data, "input_tokens", "output_tokens")


def _usage(data: Any, sent: str, made: str) -> Usage:
    if not isinstance(data, Mapping) or sent not in data:
        return Usage()
    prompt, output = _count(data, sent), _count(data, made)
    inside, thought = _details(data, sent), _details(data, made)
    # DeepSeek tells it under another name. Clamped: some proxies report more than all tokens.
    read = _count(inside, "cached_tokens") or _count(data, "prompt_cache_hit_tokens")
    cached = min(read, prompt)
    written = min(_count(inside, "cache_write_tokens"), prompt - cached)
    terms = inside.get("cache_write_tokens_details")
    lasting = _count(terms, "ttl_12h_tokens") if isinstance(terms, Mapping) else 0
    lasting = min(lasting, written)
    return Usage(
        input_tokens=prompt - cached - written,
        cache_read_tokens=cached,
        cache_write_5m_tokens=written - lasting,
        cache_write_1h_tokens=lasting,
        output_tokens=output,
        reasoning_tokens=min(_count(thought, "reasoning_tokens"), output),
        state=UsageState.MEASURED,
    )


def _details(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = data.get(f"{name}_details")
    return found if isinstance(found, Mapping) else {}


def _count(data: Mapping[str, Any], name: str) -> int:
    value = data.get(name)
    return max(0, int(value)) if isinstance(value, (int, float)) else 0
