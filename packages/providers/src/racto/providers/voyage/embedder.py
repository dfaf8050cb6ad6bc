"""The embedder over Voyage's API, the usual companion of models whose provider embeds nothing."""

from __future__ import annotations

from typing import Literal

from pydantic import SecretStr

from racto.core.errors import ConfigurationError
from racto.core.retries import RetryPolicy
from racto.providers.catalog import default_model
from racto.providers.embeddings.embedder import AsymmetricEmbedder
from racto.providers.embeddings.wires import EmbeddingCall

from .connection import PROVIDER, connect
from .wire import BATCH_BYTES, MOST_TEXTS, VoyageWire


class VoyageEmbedder(AsymmetricEmbedder):
    """Turns texts into vectors; keeps :class:`~racto.core.protocols.Embedder`.

    Also keeps :class:`~racto.core.protocols.QueryEmbedder`. Safe to share between threads, tasks
    and event loops.

    Args:
        model: Embedding model; the catalog's when None.
        api_key: Key; ``VOYAGE_API_KEY`` when None.
        base_url: Root of the API; that of whoever gave the key, Voyage or MongoDB, when None.
        dimensions: Length of the vectors, where the model can shorten them.
        input_type: What :meth:`embed` embeds; questions go through :meth:`embed_query`.
        truncation: Whether Voyage may cut texts that do not fit the model's context; without it
            they are refused, because what is cut off is found by no search and missed by nobody.
        batch_size: Most texts of one request, at most 1,000. Batches are also kept below the
            tokens that a request may have.
        retry: How often to call again after a passing error.
        timeout: Seconds for one ``embed``, retries included; None for no limit.

    Raises:
        ConfigurationError: If ``batch_size`` or ``dimensions`` is out of range.
    """

    def __init__(
        self,
        model: str | None = None,
        *,
        api_key: SecretStr | str | None = None,
        base_url: str | None = None,
        dimensions: int | None = None,
        input_type: Literal["query", "document"] = "document",
        truncation: bool = False,
        batch_size: int = 128,
        retry: RetryPolicy = RetryPolicy(),  # noqa: B008 - frozen
        timeout: float | None = 600.0,
    ) -> None:
        if batch_size > MOST_TEXTS:
            raise ConfigurationError(
                f"Voyage takes at most {MOST_TEXTS} texts a request, not batch_size={batch_size}"
            )
        connection = connect(api_key=api_key, base_url=base_url)
        call = EmbeddingCall(
            model=model or default_model(PROVIDER, "embedding"),
            dimensions=dimensions,
            input_type=input_type,
            batch_size=batch_size,
            batch_bytes=BATCH_BYTES,
            retry=retry,
            timeout=timeout,
        )
        wire = VoyageWire(connection.translator, truncation=truncation)
        super().__init__(wire, connection, call=call)
