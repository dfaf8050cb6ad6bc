"""racto's semantic cache, asked questions that are near one that it knows."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

from semantic_data import ASKED, asked, matrix

from racto.cache import SemanticCache
from racto.core.chat import ChatConfig
from racto.core.requests import ChatRequest
from racto.core.responses import LLMResponse

REPLY = LLMResponse(content="a" * 100)


def hit(rows: int, dimension: int, index: Any = None) -> Callable[[], None]:
    """``get`` of a question that is near another, in the only scope."""
    vectors = matrix(rows, dimension)
    questions = asked(vectors)
    cache = SemanticCache(_embedder(vectors, questions), 0.9, max_size=rows, index=index)
    for number in range(rows):
        cache.put(f"known {number}", REPLY)
    names = [f"asked {number}" for number in range(ASKED)]
    turn = count()

    def once() -> None:
        if cache.get(names[next(turn) % ASKED]) is None:
            raise AssertionError("missed")

    return once


def scoped(rows: int, dimension: int, scopes: int) -> Callable[[], None]:
    """``nearest`` of a request, in one of many scopes."""
    vectors = matrix(rows, dimension)
    cache = SemanticCache(_embedder(vectors, asked(vectors)), 0.9, max_size=rows)
    for number in range(rows):
        cache.remember(_request(f"known {number}", number % scopes), REPLY)
    requests = [_request(f"asked {number}", number % scopes) for number in range(ASKED)]
    turn = count()

    def once() -> None:
        if cache.nearest(requests[next(turn) % ASKED]) is None:
            raise AssertionError("missed")

    return once


def put(rows: int, dimension: int) -> Callable[[], None]:
    """``put`` into a full cache."""
    vectors = matrix(rows, dimension)
    cache = SemanticCache(lambda text: vectors[int(text.split()[1])], 0.9, max_size=rows)
    for number in range(rows):
        cache.put(f"known {number}", REPLY)
    turn = count()

    def once() -> None:
        number = next(turn)
        cache.put(f"new{number} {number % rows}", REPLY)

    return once


def _embedder(vectors: Any, questions: Any) -> Callable[[str], Any]:
    ready = {f"known {number}": row for number, row in enumerate(vectors)}
    return (ready | {f"asked {number}": row for number, row in enumerate(questions)}).__getitem__


def _request(question: str, scope: int) -> ChatRequest:
    config = ChatConfig(user_message=question)
    return ChatRequest(provider="p", model="m", system="s", config=config, scope=str(scope))
