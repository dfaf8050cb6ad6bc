"""Documents by how near they are to a query."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from racto.testing.exchange import Incoming
from racto.testing.vectors import vector

from .answers import Prepared
from .failures import refusal
from .limits import count_tokens
from .requests import RerankRequest, read

_DIMENSIONS = 256


def rerank(request: Incoming) -> Prepared:
    """``POST /v1/rerank``.

    Raises:
        Refusal: If the API would not take the request.
    """
    asked = read(RerankRequest, request)
    if not asked.query:
        raise refusal("Query cannot be an empty string.")
    # The query is read, and billed, once with each document.
    pairs = [asked.query + document for document in asked.documents]
    total = count_tokens(pairs, asked.model, truncation=asked.truncation)

    def render() -> dict[str, Any]:
        data = _ranked(asked)[: asked.top_k]
        usage = {"total_tokens": total}
        return {"object": "list", "data": data, "model": asked.model, "usage": usage}

    return Prepared(model=asked.model, render=render)


def _ranked(asked: RerankRequest) -> list[dict[str, Any]]:
    query = vector(asked.query, _DIMENSIONS)
    ranked: list[dict[str, Any]] = []
    for number, document in enumerate(asked.documents):
        score = _nearness(query, vector(document, _DIMENSIONS))
        own = {"document": document} if asked.return_documents else {}
        ranked.append({"relevance_score": score, "index": number, **own})
    # Of equals the earlier document stands first.
    return sorted(ranked, key=lambda each: -each["relevance_score"])


def _nearness(one: Sequence[float], two: Sequence[float]) -> float:
    """How near two vectors of length 1 are, 0.0 to 1.0."""
    return (1 + sum(a * b for a, b in zip(one, two, strict=True))) / 2
