"""The embedder over Google's embedding models."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pydantic import SecretStr

from racto.core.embeddings import Vector
from racto.core.flows import Flow
from racto.core.retries import RetryPolicy
from racto.providers.catalog import default_model
from racto.providers.embeddings.embedder import AsymmetricEmbedder
from racto.providers.embeddings.wires import EmbeddingCall

from .access import access
from .embedding_wire import BATCH_SIZE, VERTEX_BATCH_BYTES, GoogleEmbeddingWire
from .turns import PROVIDER

# The tasks whose questions are embedded otherwise than what they are asked of.
_ASYMMETRIC = (None, "document", "RETRIEVAL_DOCUMENT")


class GoogleEmbedder(AsymmetricEmbedder):
    """Turns texts into vectors; keeps :class:`~racto.core.protocols.Embedder`.

    :meth:`embed` embeds documents and :meth:`embed_query` questions, unless ``task_type`` says
    otherwise (the reference package tells the API no task, and finds less). Safe to share between
    threads, tasks and event loops.

    Args:
        model: Embedding model; the catalog's when None.
        api_key: Key; ``GOOGLE_API_KEY`` or ``GEMINI_API_KEY`` when None.
        base_url: Root of another server's API.
        task_type: What the vectors are for, for example ``CLUSTERING``; all texts are then
            embedded for it. Documents and questions of retrieval when None.
        dimensions: Length of the vectors, where the model can shorten them; shortened vectors are
            brought to length 1 again.
        batch_size: Most texts of one request, at most 100.
        vertexai: Vertex AI instead of the Gemini API.
        project: Project of Google Cloud, for Vertex AI.
        location: Region, for Vertex AI.
        credentials: Credentials of google-auth, for Vertex AI.
        retry: How often to call again after a passing error.
        timeout: Seconds for one ``embed``, retries included; None for no limit.

    Raises:
        ConfigurationError: If ``batch_size`` or ``dimensions`` is below 1, or what is given does
            not fit the service.
    """

    def __init__(
        self,
        model: str | None = None,
        *,
        api_key: SecretStr | str | None = None,
        base_url: str | None = None,
        task_type: str | None = None,
        dimensions: int | None = None,
        batch_size: int = BATCH_SIZE,
        vertexai: bool = False,
        project: str | None = None,
        location: str | None = None,
        credentials: Any = None,
        retry: RetryPolicy = RetryPolicy(),  # noqa: B008 - frozen
        timeout: float | None = 600.0,
    ) -> None:
        service = access(
            vertexai=vertexai,
            api_key=api_key,
            base_url=base_url,
            project=project,
            location=location,
            credentials=credentials,
        )
        call = EmbeddingCall(
            model=model or default_model(PROVIDER, "embedding"),
            dimensions=dimensions,
            input_type=task_type,
            batch_size=min(batch_size, BATCH_SIZE),
            batch_bytes=VERTEX_BATCH_BYTES if vertexai else None,
            retry=retry,
            timeout=timeout,
        )
        connection = service.connect()
        wire = GoogleEmbeddingWire(service.endpoint, connection.translator)
        super().__init__(wire, connection, call=call)
        self._task = task_type

    @property
    def fingerprint(self) -> str:
        """Name of the vector space: vectors made for other tasks cannot be compared."""
        task = "retrieval" if self._task in _ASYMMETRIC else self._task
        return f"{super().fingerprint}/{task}"

    def _asking(self, text: str) -> Flow[Vector]:
        task = "query" if self._task in _ASYMMETRIC else self._task
        made = yield from self._embedding([text], replace(self._call, input_type=task))
        vector: Vector = made[0]
        return vector
