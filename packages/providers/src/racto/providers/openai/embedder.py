"""The embedder over OpenAI's embeddings API, and over servers that speak it."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType

from pydantic import SecretStr

from racto.core.embeddings import Matrix
from racto.core.errors import ConfigurationError
from racto.core.flows import Flow, arun, run
from racto.core.retries import RetryPolicy
from racto.providers.arrays import length, matrix
from racto.providers.catalog import default_model

from .connection import connect
from .embedding import EmbeddingCall, embedded

_PROVIDER = "openai"


class OpenAIEmbedder:
    """Turns texts into vectors; keeps :class:`~racto.core.protocols.Embedder`.

    Safe to share between threads, tasks and event loops.

    Args:
        model: Embedding model; the catalog's when None.
        api_key: Key; ``OPENAI_API_KEY`` when None.
        base_url: Root of another server's API.
        dimensions: Length of the vectors, where the model can shorten them.
        batch_size: Most texts of one request.
        retry: How often to call again after a passing error.
        timeout: Seconds for one ``embed``, retries included; None for no limit.

    Raises:
        ConfigurationError: If ``batch_size`` or ``dimensions`` is below 1.
    """

    def __init__(
        self,
        model: str | None = None,
        *,
        api_key: SecretStr | str | None = None,
        base_url: str | None = None,
        dimensions: int | None = None,
        batch_size: int = 256,
        retry: RetryPolicy = RetryPolicy(),  # noqa: B008 - frozen
        timeout: float | None = 600.0,
    ) -> None:
        if batch_size < 1 or (dimensions is not None and dimensions < 1):
            raise ConfigurationError("batch_size and dimensions must be at least 1")
        self._call = EmbeddingCall(
            model=model or default_model(_PROVIDER, "embedding"),
            dimensions=dimensions,
            batch_size=batch_size,
            retry=retry,
            timeout=timeout,
        )
        self._connection = connect(_PROVIDER, api_key=api_key, base_url=base_url)
        self._dimension = dimensions or -1

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
        return f"{_PROVIDER}/{self.model}/{self._call.dimensions or 'full'}"

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Embed texts, in order.

        Args:
            texts: Any number of texts; OpenAI takes no empty ones.

        Returns:
            Shape (n, d), float32; lists of floats where numpy is not installed.

        Raises:
            EmbeddingError: If another number of vectors came back.
            RactoGatewayError: What the server answered.
        """
        return run(self._embedding(texts))

    async def aembed(self, texts: Sequence[str]) -> Matrix:
        """Async twin of :meth:`embed`."""
        return await arun(self._embedding(texts))

    def close(self) -> None:
        """Give all connections back; the next call would open new ones."""
        self._connection.transport.close()

    async def aclose(self) -> None:
        """Async twin of :meth:`close`."""
        await self._connection.transport.aclose()

    def __enter__(self) -> OpenAIEmbedder:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    async def __aenter__(self) -> OpenAIEmbedder:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"OpenAIEmbedder({self.model!r})"

    def _embedding(self, texts: Sequence[str]) -> Flow[Matrix]:
        connection = self._connection
        batches = yield from embedded(
            texts, self._call, transport=connection.transport, translator=connection.translator
        )
        rows = [row for batch in batches for row in batch.rows]
        if rows:
            # Every thread writes the same number, so no lock is needed.
            self._dimension = length(rows[0])
        return matrix(rows, self._dimension)
