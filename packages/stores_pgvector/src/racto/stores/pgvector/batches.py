"""What an ``add`` was given, checked whole, and cut into batches that are written out one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from racto.core.documents import Chunk

from .escapes import escaped
from .records import Row, checked, row_of
from .vectors import Floats, rows_of

MOST_BYTES = 16 << 20
"""About how many bytes a batch has at most; a single chunk may have more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Chunks that can be stored.

    Attributes:
        chunks: One of each id, in the order in which all writers lock.
        ids: Their ids as the table keeps them.
        made: The rows of those whose check took one.
        vectors: Shape (n, d).
    """

    chunks: Sequence[Chunk]
    ids: list[str]
    made: Sequence[Row | None]
    vectors: Floats

    def batches(self, most: int, most_bytes: int = MOST_BYTES) -> Iterator[Batch]:
        """Batches of at most so many rows and of about so many bytes; each must be stored in turn."""
        start = 0
        while start < len(self.chunks):
            batch = Batch(self, start, most=most, most_bytes=most_bytes)
            yield batch
            start = batch.stop


class Batch:
    """The rows of one transaction, which are made when they are sent.

    Args:
        load: All chunks.
        start: The first of this batch.
        most: Most rows.
        most_bytes: About how many bytes at most, but at least one row.
    """

    def __init__(self, load: Load, start: int, *, most: int, most_bytes: int) -> None:
        self._load, self._most_bytes = load, most_bytes
        self._end = min(start + most, len(load.chunks))
        self.start, self.stop = start, start
        self.ids, self.vectors = load.ids[start : self._end], load.vectors[start : self._end]

    def rows(self) -> Iterator[Row]:
        """The rows from the first on; ``stop`` is behind the last that was taken."""
        width = self.vectors.shape[1] * 4
        self.stop, taken = self.start, 0
        for at in range(self.start, self._end):
            row = self._load.made[at] or row_of(self._load.chunks[at])
            taken += row.size + width
            if at > self.start and taken > self._most_bytes:
                return
            self.stop = at + 1
            yield row


def load_of(chunks: Sequence[Chunk], dimension: int | None, *, half: bool) -> Load:
    """Check chunks and put them in order; of several with one id the last counts.

    Args:
        chunks: At least one.
        dimension: What the length of each embedding must be; None takes that of the first.
        half: Whether the values must fit into 16 bits.

    Raises:
        MissingEmbeddingError: If a chunk has no vector.
        DimensionMismatchError: If one has another number of values.
        InvalidEmbeddingError: If one holds what is no finite number, or is too long.
        StoreError: If metadata cannot be kept.
    """
    latest = {chunk.chunk_id: chunk for chunk in chunks}
    # All writers lock in the order of the ids, so that two of them never wait for each other.
    wanted = [latest[chunk_id] for chunk_id in sorted(latest)]
    return Load(
        chunks=wanted,
        ids=[escaped(chunk.chunk_id) for chunk in wanted],
        vectors=rows_of(wanted, dimension, half=half),
        made=[checked(chunk) for chunk in wanted],
    )
