"""Marks at the end of a prefix that shall be cached."""

from __future__ import annotations

from typing import Any

from racto.core.content import TextPart
from racto.providers.kits.omissions import Omissions

from .dialects import ChatDialect


def marked(
    block: dict[str, Any], part: TextPart, dialect: ChatDialect, omissions: Omissions
) -> dict[str, Any]:
    """A block of text with the mark that its part asks for.

    Args:
        block: The block as the API takes it.
        part: What it was made of.
        dialect: How the server speaks.
        omissions: Takes the mark where the server knows none.
    """
    if not part.cache:
        return block
    if not dialect.takes_cache_marks:
        omissions.omit("cache mark", "the server takes no marks in messages")
        return block
    mark = {"mode": "explicit"}
    if part.cache == "1h":
        # The usual term is half an hour, and the next longer one is this.
        mark["ttl"] = "12h"
    return {**block, "prompt_cache_breakpoint": mark}
