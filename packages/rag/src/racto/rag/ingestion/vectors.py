"""Embedding in batches, with every text's vector accounted for."""

from __future__ import annotations

from collections.abc import Sequence

from racto.core.embeddings import Matrix, Vector
from racto.core.errors import EmbeddingError
from racto.core.flows import Flow, step
from racto.core.protocols.embedders import Embedder


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
    return vectors


def embed_all(embedder: Embedder, texts: Sequence[str], batch_size: int) -> Flow[list[Vector]]:
    """The vectors of any number of texts, asked for ``batch_size`` at a time."""
    vectors: list[Vector] = []
    for start in range(0, len(texts), batch_size):
        batch = texts[start : start + batch_size]
        made = yield from embed(embedder, batch)
        # Row by row: a matrix need not be a list, nor iterable.
        vectors.extend(made[place] for place in range(len(batch)))
    return vectors
