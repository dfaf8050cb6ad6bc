"""Batches end where they must, and hold each id once."""

from __future__ import annotations

from racto.core import Chunk
from racto.stores.pgvector.batches import load_of


def test_batches_end_at_their_rows_and_at_their_bytes() -> None:
    def ends(sizes: list[int], most: int, most_bytes: int) -> list[int]:
        chunks = [
            Chunk(content="x" * size, chunk_id=f"{n:03}", embedding=[1.0])
            for n, size in enumerate(sizes)
        ]
        load = load_of(chunks, None, half=False)
        return [len(list(batch.rows())) for batch in load.batches(most, most_bytes)]

    small, large = 1, 10_000
    assert ends([small] * 5, 2, 1 << 20) == [2, 2, 1]
    assert ends([large, small, large], 9, 21_000) == [2, 1]
    # A row that is too large alone goes alone.
    assert ends([large, large], 9, 10) == [1, 1]
    assert ends([small], 9, 10) == [1]


def test_of_several_with_one_id_the_last_counts() -> None:
    chunks = [Chunk(content=f"{n}", chunk_id=f"{n % 2}", embedding=[1.0]) for n in range(4)]
    load = load_of(chunks, None, half=False)
    assert [(chunk.chunk_id, chunk.content) for chunk in load.chunks] == [("0", "2"), ("1", "3")]
