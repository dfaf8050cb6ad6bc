"""Searching: the filter comes before the choice, even where Milvus cannot say all of it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from operator import mul
from typing import Any

from racto.core.documents import Chunk, RetrievalResult
from racto.core.filters import Filter, lookup_of, matches
from racto.core.flows import Flow

from .filters import Expression, bounds_of, with_overflow
from .records import chunk_of
from .settings import Metric
from .shelf import ALL, Shelf

MOST = 16_384
"""So many results Milvus gives at most."""

# Beyond so many candidates it is cheaper to compare all that match.
_WIDEST = 1024
_PAGE = 1000

Found = list[tuple[float, Chunk]]


def searching(
    shelf: Shelf, queries: Sequence[list[float]], top_k: int, tree: Filter | None
) -> Flow[list[list[RetrievalResult]]]:
    """The nearest chunks to each query among those that satisfy a filter.

    Milvus filters by what it can say of the filter. Where that is not all, candidates are asked
    for in growing numbers until enough of them satisfy the rest; at the end all are compared.

    Args:
        shelf: The collection, which must be there.
        queries: Checked queries.
        top_k: Most results a query.
        tree: What chunks must satisfy.
    """
    bounds = bounds_of(tree)
    upper = with_overflow(bounds.upper)
    found: dict[int, Found] = {number: [] for number in range(len(queries))}
    waiting = [] if upper is False else list(found)
    limit = top_k if bounds.tight else max(4 * top_k, 64)
    yield from shelf.flushed()
    while waiting:
        limit = min(limit, MOST)
        hits = yield from _nearest(shelf, [queries[number] for number in waiting], limit, upper)
        short, all_seen = [], min(map(len, hits))
        for number, own in zip(waiting, hits, strict=True):
            found[number] = [hit for hit in own if matches(tree, lookup_of(hit[1]))]
            if len(found[number]) < top_k:
                short.append(number)
        waiting = short
        if waiting and (all_seen < limit or 4 * limit > max(_WIDEST, top_k)):
            # An index that was not exact may have given fewer than there are.
            candidates = yield from shelf.count(upper)
            if candidates > all_seen:
                asked = [queries[number] for number in waiting]
                chosen = yield from _compared(shelf, asked, top_k, tree)
                found.update(zip(waiting, chosen, strict=True))
            break
        limit *= 4
    return [_ranked(found[number], top_k) for number in range(len(queries))]


def _nearest(
    shelf: Shelf, queries: Sequence[list[float]], limit: int, expression: Expression
) -> Flow[list[Found]]:
    settings = shelf.settings
    # A hit has its key anyway.
    wanted = ALL[1:] if settings.vectors_in_results else ALL[1:-1]
    answer = yield from shelf.ask(
        "search",
        data=list(queries),
        anns_field="vector",
        limit=limit,
        filter=expression if isinstance(expression, str) else "",
        output_fields=list(wanted),
        search_params={"metric_type": settings.metric, "params": dict(settings.search_params)},
        **shelf.fresh(),
    )
    # One chunk may be near to several queries.
    rows = {hit["key"]: hit["entity"] for hits in answer for hit in hits}
    rows = yield from shelf.whole(rows)
    chunks = {key: chunk_of(row) for key, row in rows.items()}
    return [
        [
            (_score_of(hit, settings.metric), chunks[hit["key"]])
            for hit in hits
            if hit["key"] in chunks
        ]
        for hits in answer
    ]


def _compared(
    shelf: Shelf, queries: Sequence[list[float]], top_k: int, tree: Filter | None
) -> Flow[list[Found]]:
    """Compare each query with every chunk that satisfies a filter, a page at a time."""
    found: list[Found] = [[] for _ in queries]
    after: str | None = ""
    while after is not None:
        chunks, after = yield from shelf.page(tree, _PAGE, after)
        for number, query in enumerate(queries):
            new = [(_score(query, chunk, shelf.settings.metric), chunk) for chunk in chunks]
            found[number] = _best([*found[number], *new], top_k)
    return found


def _score(query: list[float], chunk: Chunk, metric: Metric) -> float:
    vector = list(chunk.embedding or ())
    if metric == "L2":
        return -math.dist(query, vector)
    product = sum(map(mul, query, vector))
    lengths = math.hypot(*query) * math.hypot(*vector) if metric == "COSINE" else 1.0
    return product / lengths if lengths else 0.0


def _score_of(hit: Mapping[str, Any], metric: Metric) -> float:
    distance = float(hit["distance"])
    # Milvus gives the square of the distance.
    return -math.sqrt(max(distance, 0.0)) if metric == "L2" else distance


def _best(found: Found, top_k: int) -> Found:
    return sorted(found, key=lambda pair: (-pair[0], pair[1].chunk_id))[:top_k]


def _ranked(found: Found, top_k: int) -> list[RetrievalResult]:
    return [
        RetrievalResult(chunk=chunk, score=score, rank=rank)
        for rank, (score, chunk) in enumerate(_best(found, top_k), start=1)
    ]
