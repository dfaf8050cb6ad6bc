"""Embedders: whatever turns texts into vectors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from racto.core.embeddings import Matrix, Vector


@runtime_checkable
class Embedder(Protocol):
    """Turns texts into vectors of one length.

    One that is offered in the entry-point group ``racto.embedders`` takes ``model`` first and, if
    it calls a service, the keywords ``api_key`` and ``base_url``, each with a default.
    """

    @property
    def dimension(self) -> int:
        """Length d of the vectors; -1 before the first call, when it is not known earlier."""
        ...

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Embed texts, in order.

        Returns:
            Shape (n, d), float32 and C-contiguous where numpy is at hand; shape (0, d) for none.

        Raises:
            EmbeddingError: If another number of vectors came back, or they are no vectors.
        """
        ...

    async def aembed(self, texts: Sequence[str]) -> Matrix:
        """Async twin of :meth:`embed`."""
        ...


@runtime_checkable
class QueryEmbedder(Protocol):
    """The power to embed a question otherwise than a document, as asymmetric models want."""

    def embed_query(self, text: str) -> Vector:
        """Embed a question; shape (d,)."""
        ...

    async def aembed_query(self, text: str) -> Vector:
        """Async twin of :meth:`embed_query`."""
        ...


@runtime_checkable
class Fingerprinted(Protocol):
    """The power to name the vector space, so that an index refuses vectors of another one."""

    @property
    def fingerprint(self) -> str:
        """Equal for embedders whose vectors may be compared, different otherwise."""
        ...
