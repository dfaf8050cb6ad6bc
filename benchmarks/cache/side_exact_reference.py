"""The reference package's exact cache, whose key is five parts of the request."""

from __future__ import annotations

from collections.abc import Callable

from ractogateway import LLMResponse
from ractogateway.cache import ExactMatchCache

CALLS = 1000
REST = ("Be brief, and answer in the language of the question.", "gpt-4o", 0.0, 4096)


def hit(size: int) -> Callable[[], int]:
    """A hit."""
    cache, question = ExactMatchCache(), "x" * size
    cache.put(question, *REST, LLMResponse(content="z" * size))

    def once() -> int:
        for _ in range(CALLS):
            cache.get(question, *REST)
        return CALLS

    return once


def miss(size: int) -> Callable[[], int]:
    """A miss."""
    cache, question = ExactMatchCache(), "x" * size

    def once() -> int:
        for _ in range(CALLS):
            cache.get(question, *REST)
        return CALLS

    return once


def put(size: int) -> Callable[[], int]:
    """A reply put in the place of an older one."""
    cache, question, reply = ExactMatchCache(), "x" * size, LLMResponse(content="z" * size)

    def once() -> int:
        for _ in range(CALLS):
            cache.put(question, *REST, reply)
        return CALLS

    return once
