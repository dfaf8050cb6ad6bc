"""racto's store, filled as ingestion fills it: chunks with text, in batches."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from data import matrix, text

BATCH = 1000


def search(rows: int, dimension: int, top_k: int) -> Callable[[], int]:
    """One query at a time; results come with chunks, vectors and ranks."""
    store, queries = filled(rows, dimension), matrix(64, dimension, seed=1)
    turn = iter(range(1 << 60))

    def once() -> int:
        store.search(queries[next(turn) % 64], top_k)
        return 1

    return once


def search_batch(rows: int, dimension: int, top_k: int, batch: int) -> Callable[[], int]:
    """A batch of queries in one call; results as for one query."""
    store, queries = filled(rows, dimension), matrix(batch, dimension, seed=1)

    def once() -> int:
        store.search_batch(queries, top_k)
        return batch

    return once


def search_filtered(rows: int, dimension: int, top_k: int) -> Callable[[], int]:
    """One query at a time among every tenth chunk."""
    store, queries = filled(rows, dimension), matrix(64, dimension, seed=1)
    turn = iter(range(1 << 60))

    def once() -> int:
        store.search(queries[next(turn) % 64], top_k, {"shelf": 3})
        return 1

    return once


def add(rows: int, dimension: int) -> Callable[[], int]:
    """Chunks that are ready, into an empty store."""
    from racto.stores.memory import InMemoryVectorStore

    batches = list(chunks(rows, dimension))

    def once() -> int:
        store = InMemoryVectorStore()
        for batch in batches:
            store.add(batch)
        return rows

    return once


def memory(rows: int, dimension: int) -> Callable[[], float]:
    """(Bytes that the store adds to a fresh process, less its text) / its float32 data."""
    here = Path(__file__)

    def once() -> float:
        program = f"import side_racto; side_racto.report_memory({rows}, {dimension})"
        done = subprocess.run(
            [sys.executable, "-c", program],
            cwd=here.parent,
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
    characters = sum(len(text(number)) for number in range(rows))
    assert store.count() == rows
    print(json.dumps((taken - characters) / (rows * dimension * 4)))


def resident() -> int:
    """Bytes of this process that are in memory now (Linux), freed ones given back first."""
    import ctypes
    import gc

    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


def filled(rows: int, dimension: int) -> Any:
    """A store of so many chunks."""
    from racto.stores.memory import InMemoryVectorStore

    store = InMemoryVectorStore()
    for batch in chunks(rows, dimension):
        store.add(batch)
    return store


def chunks(rows: int, dimension: int) -> Iterator[list[Any]]:
    """Batches of chunks as a chunker and an embedder make them."""
    from racto.core import Chunk, ChunkMetadata

    shelves = [{"shelf": number} for number in range(10)]
    for start in range(0, rows, BATCH):
        vectors = matrix(min(BATCH, rows - start), dimension, seed=start)
        yield [
            Chunk(
                content=text(number),
                chunk_id=f"f3b1c9d2e4a5:{number * 460}-{number * 460 + 512}",
                doc_id="f3b1c9d2e4a5",
                embedding=vector,
                metadata=ChunkMetadata(
                    source="corpus/handbook.md",
                    doc_id="f3b1c9d2e4a5",
                    chunk_index=number,
                    total_chunks=rows,
                    start_char=number * 460,
                    end_char=number * 460 + 512,
                    extra=shelves[number % 10],
                ),
            )
            for number, vector in enumerate(vectors, start=start)
        ]
