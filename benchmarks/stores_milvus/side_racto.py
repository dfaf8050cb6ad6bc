"""racto's store on Milvus Lite, filled as ingestion fills it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from tempfile import mkdtemp
from typing import Any

from data import chunks, matrix


def add(rows: int, dimension: int) -> Callable[[], None]:
    """Chunks that are ready, into an empty collection."""
    batches = list(chunks(rows, dimension))
    store = _store()

    def once() -> None:
        store.drop()
        for batch in batches:
            store.add(batch)
        store.flush()

    return once


def search(rows: int, dimension: int) -> Callable[[], None]:
    """One query at a time."""
    store, queries, turn = _filled(rows, dimension), matrix(64, dimension, seed=1), count()
    return lambda: store.search(queries[next(turn) % 64], 10) and None


def search_batch(rows: int, dimension: int) -> Callable[[], None]:
    """Thirty-two queries in one call."""
    store, queries = _filled(rows, dimension), matrix(32, dimension, seed=1)
    return lambda: store.search_batch(queries, 10) and None


def search_filtered(rows: int, dimension: int) -> Callable[[], None]:
    """One query at a time among every tenth chunk."""
    store, queries, turn = _filled(rows, dimension), matrix(64, dimension, seed=1), count()
    return lambda: store.search(queries[next(turn) % 64], 10, {"shelf": 3}) and None


def _store() -> Any:
    from racto.stores.milvus import MilvusStore

    return MilvusStore("bench", uri=f"{mkdtemp()}/bench.db", batch_size=1000, index_type="FLAT")


def _filled(rows: int, dimension: int) -> Any:
    store = _store()
    for batch in chunks(rows, dimension):
        store.add(batch)
    store.flush()
    return store
