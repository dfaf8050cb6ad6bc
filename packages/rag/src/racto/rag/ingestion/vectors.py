"""Embedding in batches, with every text's vector accounted for and none paid for twice."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Any

from racto.core.documents import Chunk
from racto.core.embeddings import Matrix, Vector
from racto.core.errors import ConfigurationError, EmbeddingError, StoreError
from racto.core.flows import Flow, gather, step
from racto.core.protocols.embedders import Embedder
from racto.rag.index import DocumentIndex
from racto.rag.index.manifest import fingerprint_of
from racto.rag.index.numbers import numpy_at_hand
from racto.rag.offload import offload


def embed(embedder: Embedder, texts: Sequence[str]) -> Flow[Matrix]:
    """The vectors of the texts, one each, in their order.

    Raises:
        EmbeddingError: If another number of vectors comes back. The reference package pairs what
            it got with the first texts and drops the others.
    """
    vectors = yield from step(embedder.embed, embedder.aembed, texts)
    if len(vectors) != len(texts):
        raise EmbeddingError(
            f"{type(embedder).__name__} returned {len(vectors)} vectors for {len(texts)} texts; "
            "nothing of this batch was stored"
        )
    # One bad row in an index would end every later search.
    if not _are_sound(vectors):
        raise EmbeddingError(
            f"{type(embedder).__name__} returned vectors of several lengths, or with values that "
            "are no finite numbers; nothing of this batch was stored"
        )
    return vectors


def _are_sound(vectors: Matrix) -> bool:
    """Whether all vectors are of one length above 0, and of finite numbers."""
    np: Any = numpy_at_hand()
    if np is not None and isinstance(vectors, np.ndarray):
        return vectors.ndim == 2 and vectors.shape[1] > 0 and bool(np.isfinite(vectors).all())
    # Row by row: a matrix need not be a list, nor iterable.
    rows = [vectors[place] for place in range(len(vectors))]
    if len({len(row) for row in rows}) > 1 or not all(map(len, rows)):
        return False
    if np is not None:
        return bool(np.isfinite(np.asarray(rows, dtype=np.float32)).all())
    return all(isfinite(row[at]) for row in rows for at in range(len(row)))


class VectorMaker:
    """Makes the vectors of chunks, several batches at once where that is wanted.

    What was made before a batch failed is kept in the index, and taken from there when the same
    chunks come again: a long document is gone on with where its embedding ended.

    Args:
        embedder: Makes the vectors.
        index: Keeps those of an interrupted source.
        batch_size: Texts that are embedded in one call.
        concurrency: Calls that may be under way at once.
    """

    def __init__(
        self, embedder: Embedder, index: DocumentIndex, *, batch_size: int, concurrency: int
    ) -> None:
        if batch_size < 1:
            raise ConfigurationError(f"batch_size must be at least 1, not {batch_size}")
        if concurrency < 1:
            raise ConfigurationError(f"concurrency must be at least 1, not {concurrency}")
        self._embedder = embedder
        self._paid = index.paid
        self._batch_size = batch_size
        self._concurrency = concurrency
        self.texts_at_once = batch_size * concurrency

    def vectors(self, chunks: Sequence[Chunk]) -> Flow[list[Vector]]:
        """The vectors of any number of chunks, in their order."""
        known: dict[str, Vector] = yield from offload(self._known, chunks)
        missing = [chunk for chunk in chunks if chunk.chunk_id not in known] if known else chunks
        made: dict[int, Matrix] = {}
        batches = [
            self._batch(missing, start, made) for start in range(0, len(missing), self._batch_size)
        ]
        try:
            if self._concurrency == 1:
                for batch in batches:
                    yield from batch
            else:
                yield from gather(batches, width=self._concurrency)
        except BaseException as error:
            self._keep(missing, made, error)
            raise
        # Row by row: a matrix need not be a list, nor iterable.
        fresh = [made[start][place] for start in sorted(made) for place in range(len(made[start]))]
        if not known:
            return fresh
        rest = iter(fresh)
        return [
            known[chunk.chunk_id] if chunk.chunk_id in known else next(rest) for chunk in chunks
        ]

    def _batch(self, chunks: Sequence[Chunk], start: int, made: dict[int, Matrix]) -> Flow[None]:
        texts = [chunk.content for chunk in chunks[start : start + self._batch_size]]
        made[start] = yield from embed(self._embedder, texts)

    def _known(self, chunks: Sequence[Chunk]) -> dict[str, Vector]:
        if not self._paid.exist():
            return {}
        ids = [chunk.chunk_id for chunk in chunks]
        return self._paid.take(fingerprint_of(self._embedder), ids)

    def _keep(self, chunks: Sequence[Chunk], made: dict[int, Matrix], error: BaseException) -> None:
        vectors = {
            chunks[start + place].chunk_id: rows[place]
            for start, rows in made.items()
            for place in range(len(rows))
        }
        if not vectors:
            return
        try:
            self._paid.keep(fingerprint_of(self._embedder), vectors)
        except StoreError as trouble:
            error.add_note(f"{len(vectors)} vectors that were made are lost: {trouble}")
