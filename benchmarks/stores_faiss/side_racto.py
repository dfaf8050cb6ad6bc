"""racto's store, filled as ingestion fills it: chunks with text, in batches."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from time import perf_counter
from typing import Any

from data import chunks, matrix, text


def add(rows: int, dimension: int) -> Callable[[], None]:
    """Chunks that are ready, into an empty store."""
    from racto.stores.faiss import FAISSStore

    batches = list(chunks(rows, dimension))

    def once() -> None:
        store = FAISSStore()
        for batch in batches:
            store.add(batch)

    return once


def search(rows: int, dimension: int) -> Callable[[], None]:
    """One query at a time."""
    store, queries, turn = filled(rows, dimension), matrix(64, dimension, seed=1), count()
    return lambda: store.search(queries[next(turn) % 64], 10) and None


def search_batch(rows: int, dimension: int) -> Callable[[], None]:
    """Thirty-two queries in one call."""
    store, queries = filled(rows, dimension), matrix(32, dimension, seed=1)
    return lambda: store.search_batch(queries, 10) and None


def search_filtered(rows: int, dimension: int) -> Callable[[], None]:
    """One query at a time among every tenth chunk."""
    store, queries, turn = filled(rows, dimension), matrix(64, dimension, seed=1), count()
    return lambda: store.search(queries[next(turn) % 64], 10, {"shelf": 3}) and None


def delete(rows: int, dimension: int) -> Callable[[], float]:
    """Seconds for the removal of one chunk."""
    store = filled(rows, dimension)
    ids = iter([chunk.chunk_id for page in store.scan(1000) for chunk in page])

    def once() -> float:
        chosen = [next(ids) for _ in range(100)]
        start = perf_counter()
        for chunk_id in chosen:
            store.delete([chunk_id])
        return (perf_counter() - start) / 100

    return once


def memory(rows: int, dimension: int) -> Callable[[], float]:
    """Bytes that the store adds to a fresh process / bytes of its vectors and texts."""

    def once() -> float:
        program = f"import side_racto; side_racto.report_memory({rows}, {dimension})"
        done = subprocess.run(
            [sys.executable, "-c", program],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            check=True,
        )
        return float(json.loads(done.stdout))

    return once


def report_memory(rows: int, dimension: int) -> None:
    """Fill a store in this process and print the ratio that :func:`memory` promises."""
    # A small store first: code, caches and the allocator's arenas are not the store's data.
    filled(64, dimension).close()
    before = resident()
    store = filled(rows, dimension)
    taken = resident() - before
    assert store.count() == rows
    characters = sum(len(text(number)) for number in range(rows))
    print(json.dumps(taken / (characters + rows * dimension * 4)))


def resident() -> int:
    """Bytes of this process that are in memory now (Linux), freed ones given back first."""
    import ctypes
    import gc

    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def filled(rows: int, dimension: int) -> Any:
    """A store of so many chunks."""
    from racto.stores.faiss import FAISSStore

    store = FAISSStore()
    for batch in chunks(rows, dimension):
        store.add(batch)
    return store
