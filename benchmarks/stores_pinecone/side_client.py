"""Pinecone's bare client doing the same work: text and metadata in, and their dictionaries out."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

from data import TEXT, canned, vectors

_open = ExitStack()


def fields(number: int) -> dict[str, Any]:
    """What a careful user of the client stores: fields to filter on, and the record as JSON."""
    facts = {"source": "sea.md", "page": number, "shelf": number % 10}
    return {**facts, "record": json.dumps({"text": TEXT, "id": f"c{number}", **facts})}


def index_on(dimension: int, top_k: int) -> Any:
    """An index on a server that always finds the same records."""
    from pinecone.index import Index

    rows = vectors(top_k, dimension, kind="list")
    matches = [
        {"id": f"c{number}", "score": 0.9, "values": row, "metadata": fields(number)}
        for number, row in enumerate(rows)
    ]
    host = _open.enter_context(canned(dimension, matches))
    return Index(host=host, api_key="key")


def add(rows: int, dimension: int, kind: str = "array") -> Callable[[], int]:
    """Records, a hundred a request and four requests at a time, as the client does it by itself."""
    index, ready = index_on(dimension, 1), vectors(rows, dimension, kind=kind)

    def once() -> int:
        # A slice at a time, so that a hundred thousand records are not in memory at once.
        for start in range(0, rows, 10_000):
            records = [
                {"id": f"c{n}", "values": ready[n], "metadata": fields(n)}
                for n in range(start, min(rows, start + 10_000))
            ]
            answer = index.upsert(
                vectors=records, batch_size=100, max_concurrency=4, show_progress=False
            )
            assert answer.upserted_count == len(records)
        return rows

    return once


def search(rows: int, dimension: int, top_k: int) -> Callable[[], int]:
    """One query at a time."""
    index, queries = index_on(dimension, top_k), vectors(rows, dimension, 1, "list")

    def once() -> int:
        for query in queries:
            answer(index, query, top_k)
        return rows

    return once


def search_filtered(rows: int, dimension: int, top_k: int) -> Callable[[], int]:
    """One query at a time with a filter."""
    index, queries = index_on(dimension, top_k), vectors(rows, dimension, 1, "list")

    def once() -> int:
        for query in queries:
            answer(index, query, top_k, filter={"shelf": {"$eq": 3}})
        return rows

    return once


def search_batch(rows: int, dimension: int, top_k: int) -> Callable[[], int]:
    """All queries, eight threads at a time."""
    index, queries = index_on(dimension, top_k), vectors(rows, dimension, 1, "list")

    def once() -> int:
        with ThreadPoolExecutor(max_workers=8) as pool:
            found = list(pool.map(lambda query: answer(index, query, top_k), queries))
        return len(found)

    return once


def answer(index: Any, query: list[float], top_k: int, **more: Any) -> list[Any]:
    """The records of one query, read back."""
    found = index.query(
        vector=query, top_k=top_k, include_metadata=True, include_values=True, **more
    )
    return [(json.loads(m.metadata["record"]), m.score, m.values) for m in found.matches]
