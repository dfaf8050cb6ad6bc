"""The embedder over OpenAI's embeddings API, and over servers that speak it."""

from __future__ import annotations

from pydantic import SecretStr

from racto.core.retries import RetryPolicy
from racto.providers.catalog import default_model
from racto.providers.embeddings.embedder import WireEmbedder
from racto.providers.embeddings.wires import EmbeddingCall

from .connection import connect
from .embedding_wire import BATCH_BYTES, OpenAIEmbeddingWire

_PROVIDER = "openai"


class OpenAIEmbedder(WireEmbedder):
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
        connection = connect(_PROVIDER, api_key=api_key, base_url=base_url)
        call = EmbeddingCall(
            model=model or default_model(_PROVIDER, "embedding"),
            dimensions=dimensions,
            batch_size=batch_size,
            batch_bytes=BATCH_BYTES,
            retry=retry,
            timeout=timeout,
        )
        super().__init__(
            OpenAIEmbeddingWire(_PROVIDER, connection.translator), connection, call=call
        )
