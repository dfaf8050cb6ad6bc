"""How the server counts tokens: by a plain rule, so that a test can say the number beforehand."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

TOKENS_OF_MESSAGE = 3
"""What each message costs beside its content."""
TOKENS_OF_IMAGE = 1_500
"""What each image costs, whatever its size."""
TOKENS_OF_DOCUMENT = 3_000
"""What each document costs that is not text."""
# Real tokens of English words are about as long; those of this server are exactly so.
_CHARACTERS_OF_TOKEN = 4


def count_tokens(data: Mapping[str, Any]) -> int:
    """Count the input tokens of a request.

    Each text costs a token for every four characters begun: words, thinking, the arguments of
    calls, and the definitions of tools as compact JSON. Each message costs 3 more, each image
    1,500 and each document that is not text 3,000.

    Args:
        data: The body of a request that is good.
    """
    messages = data["messages"]
    # Those of tools are counted with their tools.
    schema = (data.get("output_config") or {}).get("format") or {}
    return (
        _content(data.get("system") or ())
        + sum(_text(_json(_unmarked(tool))) for tool in data.get("tools") or ())
        + (_text(_json(schema["schema"])) if schema else 0)
        + sum(TOKENS_OF_MESSAGE + _content(message["content"]) for message in messages)
    )


def _content(content: str | Sequence[Mapping[str, Any]]) -> int:
    return _text(content) if isinstance(content, str) else sum(map(_block, content))


def _block(block: Mapping[str, Any]) -> int:
    kind, inner = block["type"], block.get("content")
    # An image costs by its area at the real API, which would mean to decode it.
    if kind == "image":
        return TOKENS_OF_IMAGE
    if kind == "document":
        return _document(block["source"])
    if kind in ("tool_result", "search_result"):
        return _content(inner or ())
    words = (block.get(name) for name in ("text", "thinking", "data", "name"))
    # Parts of beta features may have anything there.
    texts = [each for each in words if isinstance(each, str)]
    texts += [_json(block[name]) for name in ("input", "content") if name in block]
    return sum(map(_text, texts))


def _document(source: Mapping[str, Any]) -> int:
    if source["type"] in ("text", "content"):
        return _content(source.get("data") or source.get("content") or ())
    return TOKENS_OF_DOCUMENT


def _unmarked(tool: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: value for name, value in tool.items() if name != "cache_control"}


def _text(text: str) -> int:
    return -(-len(text) // _CHARACTERS_OF_TOKEN)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
