"""The embedder that all providers share: batches over a wire, in both voices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import TracebackType
from typing import TypeVar

from racto.core.embeddings import Matrix, Vector
from racto.core.flows import Flow, arun, run
from racto.providers.arrays import joined
from racto.providers.connections.connection import Connection

from .flow import embedded
from .wires import EmbeddingCall, EmbeddingWire

S = TypeVar("S", bound="WireEmbedder")


class WireEmbedder:
    """Turns texts into vectors; keeps :class:`~racto.core.protocols.Embedder`.

    A provider's embedder is a subclass that makes wire, connection and call. Safe to share
    between threads, tasks and event loops.

    Args:
        wire: Shapes requests and replies.
        connection: Carries them.
        call: How texts are embedded.
    """

    def __init__(self, wire: EmbeddingWire, connection: Connection, *, call: EmbeddingCall) -> None:
        self._wire = wire
        self._connection = connection
        self._call = call
        self._dimension = call.dimensions or -1

    @property
    def model(self) -> str:
        """The embedding model."""
        return self._call.model

    @property
    def dimension(self) -> int:
        """Length of the vectors; -1 before the first call, unless ``dimensions`` was given."""
        return self._dimension

    @property
    def fingerprint(self) -> str:
        """Name of the vector space."""
        return f"{self._wire.provider}/{self.model}/{self._call.dimensions or 'full'}"

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Embed texts, in order.

        Args:
            texts: Any number of texts; most providers take no empty ones.

        Returns:
            Shape (n, d), float32; lists of floats where numpy is not installed.

        Raises:
            EmbeddingError: If another number of vectors came back, or they are no vectors.
            RactoGatewayError: What the server answered.
        """
        return run(self._embedding(texts, self._call))

    async def aembed(self, texts: Sequence[str]) -> Matrix:
        """Async twin of :meth:`embed`."""
        return await arun(self._embedding(texts, self._call))

    def close(self) -> None:
        """Give all connections back; the next call would open new ones."""
        self._connection.transport.close()

    async def aclose(self) -> None:
        """Async twin of :meth:`close`."""
        await self._connection.transport.aclose()

    def __enter__(self: S) -> S:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    async def __aenter__(self: S) -> S:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.model!r})"

    def _embedding(self, texts: Sequence[str], call: EmbeddingCall) -> Flow[Matrix]:
        batches = yield from embedded(texts, call, wire=self._wire, connection=self._connection)
        if batches:
            # Every thread writes the same number, so no lock is needed.
            self._dimension = len(batches[0].rows[0])
        return joined([batch.rows for batch in batches], self._dimension)


class AsymmetricEmbedder(WireEmbedder):
    """An embedder of a model that tells questions from documents.

    Also keeps :class:`~racto.core.protocols.QueryEmbedder`: :meth:`embed` embeds documents,
    unless the call says otherwise, and :meth:`embed_query` a question.
    """

    def __init__(self, wire: EmbeddingWire, connection: Connection, *, call: EmbeddingCall) -> None:
        super().__init__(
            wire, connection, call=replace(call, input_type=call.input_type or "document")
        )

    def embed_query(self, text: str) -> Vector:
        """Embed a question.

        Returns:
            Shape (d,), float32; a list of floats where numpy is not installed.

        Raises:
            EmbeddingError: If no vector came back.
            RactoGatewayError: What the server answered.
        """
        return run(self._asking(text))

    async def aembed_query(self, text: str) -> Vector:
        """Async twin of :meth:`embed_query`."""
        return await arun(self._asking(text))

    def _asking(self, text: str) -> Flow[Vector]:
        made = yield from self._embedding([text], replace(self._call, input_type="query"))
        vector: Vector = made[0]
        return vector
