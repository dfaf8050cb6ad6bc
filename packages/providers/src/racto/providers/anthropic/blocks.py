"""The parts of a message as content blocks of the Messages API."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from racto.core.content import (
    ContentPart,
    ProviderPart,
    ReasoningPart,
    RefusalPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)
from racto.providers.kits.omissions import Omissions

from .api import PROVIDER
from .caching import mark
from .media import Block, media_block

# What the API says of a call beside its arguments, and wants back: kept as its signature.
CALL_FACTS = ("caller", "toolset_name")


def user_blocks(parts: Iterable[ContentPart], omissions: Omissions) -> list[Block]:
    """The blocks of a user's turn; the answers to tool calls are part of it.

    Args:
        parts: What the user says.
        omissions: Takes what the API cannot carry.
    """
    blocks: list[Block] = []
    for part in parts:
        if isinstance(part, TextPart):
            _add_text(blocks, part, omissions)
            if part.citations:
                omissions.omit("citations", "a user's words cannot carry them")
        elif isinstance(part, ToolResultPart):
            blocks.append(_result(part, omissions))
        elif isinstance(part, ProviderPart):
            blocks.extend(_own(part))
        elif isinstance(part, (ReasoningPart, RefusalPart, ToolCallPart)):
            omissions.omit(part.type, "only the assistant's turns hold it")
        else:
            block = media_block(part, omissions)
            blocks.extend([block] if block else ())
    return blocks


def assistant_blocks(parts: Iterable[ContentPart], omissions: Omissions) -> list[Block]:
    """The blocks of an assistant's turn, as the model gave them.

    Args:
        parts: What the model said.
        omissions: Takes what the API cannot carry.
    """
    blocks: list[Block] = []
    for part in parts:
        if isinstance(part, TextPart):
            _add_text(blocks, part, omissions)
            # Those of another provider have another shape and point at other sources.
            cited = [each for each in part.citations if _is_location(each)]
            if cited and part.text.strip():
                blocks[-1]["citations"] = cited
        elif isinstance(part, ToolCallPart):
            blocks.append(_call(part))
        elif isinstance(part, ReasoningPart):
            blocks.extend(_thinking(part))
        elif isinstance(part, RefusalPart):
            _add_text(blocks, TextPart(text=part.text), omissions)
        elif isinstance(part, ProviderPart):
            blocks.extend(_own(part))
        else:
            omissions.omit(part.type, "an assistant's turn in the history takes none")
    # Thinking that led to nothing, as where the limit cut it off, must not come last.
    while blocks and blocks[-1]["type"] in ("thinking", "redacted_thinking"):
        blocks.pop()
    return blocks


def _add_text(blocks: list[Block], part: TextPart, omissions: Omissions) -> None:
    # The API refuses blank text, which may still mark the end of what stands before it.
    if part.text.strip():
        blocks.append({"type": "text", "text": part.text})
    if part.cache is None:
        return
    if blocks:
        blocks[-1]["cache_control"] = mark(part.cache)
    else:
        omissions.omit("cache", "there is nothing before the blank text that bears the mark")


def _result(part: ToolResultPart, omissions: Omissions) -> Block:
    block: Block = {"type": "tool_result", "tool_use_id": _id(part.tool_call_id)}
    content: str | list[Block] = (
        part.content if isinstance(part.content, str) else user_blocks(part.content, omissions)
    )
    if content and not (isinstance(content, str) and content.isspace()):
        block["content"] = content
    if part.is_error:
        block["is_error"] = True
    return block


def _call(part: ToolCallPart) -> Block:
    # The API takes an object only; the model can mend its own words only when it sees them.
    arguments = (
        part.arguments if part.raw_arguments is None else {"INVALID_JSON": part.raw_arguments}
    )
    block = {"type": "tool_use", "id": _id(part.id), "name": part.name, "input": arguments}
    return {**block, **_facts(part.signature)}


def _facts(signature: str | None) -> Block:
    """What the API said of a call; nothing when the signature is another provider's."""
    try:
        facts = json.loads(signature or "{}")
    except (ValueError, RecursionError):
        return {}
    return {name: facts[name] for name in CALL_FACTS if isinstance(facts, dict) and name in facts}


def _thinking(part: ReasoningPart) -> Iterable[Block]:
    # Without its signature, or at another provider, thinking proves nothing and is refused.
    if part.provider == PROVIDER and part.signature:
        if part.redacted:
            yield {"type": "redacted_thinking", "data": part.signature}
        else:
            yield {"type": "thinking", "thinking": part.text, "signature": part.signature}


def _own(part: ProviderPart) -> Iterable[Block]:
    # Another provider's block means nothing here, and was that model's own affair.
    if part.provider == PROVIDER:
        yield dict(part.data)


def _is_location(citation: dict[str, Any]) -> bool:
    return str(citation.get("type")).endswith("_location")


def _id(call_id: str) -> str:
    """An id that the API takes; histories that began elsewhere bring others."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", call_id)
