"""Usage as OpenAI's two APIs report it, in disjoint buckets."""

from __future__ import annotations

from typing import Any

from racto.core.usage import Usage
from racto.providers.counts import Counts


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
    counts, inside = Counts(data), f"{sent}_details"
    prompt, output = counts.read(sent), counts.read(made)
    # DeepSeek tells it under another name. Clamped: some proxies report more than all tokens.
    read = counts.read("cached_tokens", inside) or counts.read("prompt_cache_hit_tokens")
    cached = min(read, prompt)
    written = min(counts.read("cache_write_tokens", inside), prompt - cached)
    terms = (inside, "cache_write_tokens_details")
    lasting = min(counts.read("ttl_12h_tokens", *terms), written)
    thought = min(counts.read("reasoning_tokens", f"{made}_details"), output)
    return Usage(
        input_tokens=prompt - cached - written,
        cache_read_tokens=cached,
        cache_write_5m_tokens=written - lasting,
        cache_write_1h_tokens=lasting,
        output_tokens=output,
        reasoning_tokens=thought,
        state=counts.state(sent, made),
    )
