"""Rules on the breakpoints of the prompt cache: at most four, the long-lived ones first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .blocks import CacheControl
from .reading import Objection
from .requests import CountRequest, MessageRequest

_MOST = 4


def objections(request: MessageRequest | CountRequest) -> Iterator[Objection]:
    """Tell what is wrong with the cache breakpoints of a request."""
    # The cache is looked up from the longest prefix down, four steps at most.
    marks = list(_marks(request))
    if len(marks) > _MOST:
        yield f"A maximum of {_MOST} blocks with cache_control may be provided. Found {len(marks)}."
    short_seen = False
    for place, mark in marks:
        if mark.ttl == "1h" and short_seen:
            yield (
                f"{place}.cache_control.ttl: a ttl='1h' cache_control block must not come after a "
                "ttl='5m' cache_control block. Note that blocks are processed in the following "
                "order: `tools`, `system`, `messages`."
            )
        short_seen = short_seen or mark.ttl != "1h"


def _marks(request: MessageRequest | CountRequest) -> Iterator[tuple[str, CacheControl]]:
    # In the order in which the prompt is built, which is that of the prefixes.
    for number, tool in enumerate(request.tools or ()):
        yield from _of(f"tools.{number}", tool)
    for number, words in enumerate(request.system or ()):
        yield from _of(f"system.{number}", words)
    for turn, message in enumerate(request.messages):
        for number, block in enumerate(message.content):
            place = f"messages.{turn}.content.{number}"
            yield from _of(place, block)
            if block.type == "tool_result":
                for inner, part in enumerate(block.content):
                    yield from _of(f"{place}.content.{inner}", part)
    # The request's own mark stands for one on its last block.
    if request.cache_control:
        yield "cache_control", request.cache_control


def _of(place: str, block: Any) -> Iterator[tuple[str, CacheControl]]:
    mark = getattr(block, "cache_control", None)
    # That of a beta feature's own part was not looked at.
    if isinstance(mark, CacheControl):
        yield place, mark
