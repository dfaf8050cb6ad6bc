"""The embedder over an Ollama server."""

from __future__ import annotations

from pydantic import SecretStr

from racto.core.retries import RetryPolicy
from racto.providers.catalog import default_model
from racto.providers.embeddings.embedder import WireEmbedder
from racto.providers.embeddings.wires import EmbeddingCall

from .connection import PROVIDER, connect
from .embedding_wire import OllamaEmbeddingWire


class OllamaEmbedder(WireEmbedder):
    """Turns texts into vectors; keeps :class:`~racto.core.protocols.Embedder`.

    Safe to share between threads, tasks and event loops.

    Args:
        model: Embedding model; the catalog's when None.
        api_key: Key; ``OLLAMA_API_KEY`` when None. A server of one's own wants none.
        base_url: Address of the server; ``OLLAMA_HOST``, or this machine, when None.
        dimensions: Length of the vectors, where the model can shorten them.
        batch_size: Most texts of one request.
        truncate: Whether the server may cut texts that do not fit the model's context; without
            it they are refused, because what is cut off is found by no search and missed by
            nobody.
        keep_alive: How long the model stays in memory afterwards: seconds, or a duration such as
            ``10m``; the server's own when None.
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
        batch_size: int = 64,
        truncate: bool = False,
        keep_alive: float | str | None = None,
        retry: RetryPolicy = RetryPolicy(),  # noqa: B008 - frozen
        timeout: float | None = 600.0,
    ) -> None:
        connection = connect(api_key=api_key, base_url=base_url)
        wire = OllamaEmbeddingWire(connection.translator, truncate=truncate, keep_alive=keep_alive)
        call = EmbeddingCall(
            model=model or default_model(PROVIDER, "embedding"),
            dimensions=dimensions,
            batch_size=batch_size,
            retry=retry,
            timeout=timeout,
        )
        super().__init__(wire, connection, call=call)
