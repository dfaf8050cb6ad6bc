"""Embeddings from word vectors in this process: no server, no key, thousands of texts a second."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from racto.core.embeddings import Matrix
from racto.core.errors import ConfigurationError
from racto.core.flows import threaded
from racto.providers.arrays import numpy

from .weights import NAME, Weights, load_weights

DIMENSIONS = (64, 128, 256)
# Bounds the memory of a batch: at most so many token vectors, 16 MB, are gathered at once.
_MOST_TOKENS = 16_384
_TEXTS_AT_ONCE = 256


class LocalEmbedder:
    """The mean of a text's token vectors, normalised; keeps the ``Embedder`` protocol.

    Weights: WordLlama's ``l2_supercat_256``, from the wheel, loaded at the first call. Quality
    is that of word vectors: good at words and synonyms, blind to word order. Safe to share
    between threads.

    Args:
        dimensions: Length of the vectors: 64, 128 or 256.

    Raises:
        ConfigurationError: If ``dimensions`` is another number.
    """

    def __init__(self, dimensions: int = 256) -> None:
        if dimensions not in DIMENSIONS:
            raise ConfigurationError(
                f"dimensions must be one of {', '.join(map(str, DIMENSIONS))}, not {dimensions}"
            )
        self._dimensions = dimensions
        self._weights: Weights | None = None
        self._lock = threading.Lock()

    @property
    def dimension(self) -> int:
        """Length of the vectors."""
        return self._dimensions

    @property
    def fingerprint(self) -> str:
        """Name of the vector space."""
        return f"local/{NAME}/{self._dimensions}"

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Embed texts, in order.

        Args:
            texts: Any number of texts of any length.

        Returns:
            Shape (n, d), float32, rows of length 1; a text without a token is all zeros.

        Raises:
            MissingExtraError: If the libraries of the extra are not installed.
        """
        np = numpy(purpose="the local embedder")
        weights = self._loaded()
        made = np.zeros((len(texts), self._dimensions), dtype=np.float32)
        for start in range(0, len(texts), _TEXTS_AT_ONCE):
            batch = list(texts[start : start + _TEXTS_AT_ONCE])
            # The tokens that begin and end a text mean nothing to a mean of word vectors.
            found = weights.tokenizer.encode_batch_fast(batch, add_special_tokens=False)
            ids = [encoding.ids for encoding in found]
            _fill(np, made[start : start + len(ids)], ids, weights.vectors)
        # An empty text has no direction; dividing by its length would make it NaN.
        lengths = np.linalg.norm(made, axis=1, keepdims=True)
        np.divide(made, lengths, out=made, where=lengths > 0)
        result: Matrix = made
        return result

    aembed = threaded(embed)

    def __repr__(self) -> str:
        return f"LocalEmbedder(dimensions={self._dimensions})"

    def _loaded(self) -> Weights:
        with self._lock:
            if self._weights is None:
                self._weights = load_weights(self._dimensions)
            return self._weights


def _fill(np: Any, rows: Any, ids: list[list[int]], vectors: Any) -> None:
    """Write the sum of each text's token vectors; normalising makes a mean of it."""
    start = 0
    while start < len(ids):
        stop, tokens = start, 0
        while stop < len(ids) and (stop == start or tokens + len(ids[stop]) <= _MOST_TOKENS):
            tokens += len(ids[stop])
            stop += 1
        if tokens > _MOST_TOKENS:
            # One very long text: counting its tokens needs no more than a table's memory.
            kinds, counts = np.unique(np.asarray(ids[start]), return_counts=True)
            rows[start] = counts.astype(np.float32) @ vectors[kinds]
        else:
            _fill_group(np, rows[start:stop], ids[start:stop], vectors)
        start = stop


def _fill_group(np: Any, rows: Any, ids: list[list[int]], vectors: Any) -> None:
    sizes = np.fromiter(map(len, ids), dtype=np.intp, count=len(ids))
    # reduceat knows no empty groups; the rows of empty texts stay zero.
    filled = np.flatnonzero(sizes)
    if not filled.size:
        return
    flat = np.fromiter((token for text in ids for token in text), dtype=np.intp, count=sizes.sum())
    starts = (np.cumsum(sizes) - sizes)[filled]
    rows[filled] = np.add.reduceat(vectors[flat], starts, axis=0)
