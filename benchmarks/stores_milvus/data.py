"""The chunks that both sides keep, the same in every run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

WORDS = ("vector", "index", "query", "chunk", "store", "page", "token", "answer", "source", "rank")
BATCH = 1000


def matrix(rows: int, dimension: int, seed: int = 0):  # type: ignore[no-untyped-def]
    """Unit vectors, float32, shape (rows, dimension)."""
    import numpy as np

    vectors = np.random.default_rng(seed).standard_normal((rows, dimension), dtype=np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def text(number: int, length: int = 512) -> str:
    """A text of so many characters, a string of its own."""
    start = number * 7 % 4093
    return _BOOK[start : start + length]


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


_BOOK = " ".join(WORDS) * 100
