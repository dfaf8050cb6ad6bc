"""The developer kit for Google's models, over the Gemini API or Vertex AI."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import SecretStr

from racto.core.errors import ConfigurationError
from racto.core.prompts import RactoPrompt
from racto.core.protocols.caches import ExactCache, SimilarityCache
from racto.core.protocols.metrics import Metrics
from racto.core.protocols.tracing import Tracer
from racto.core.retries import RetryPolicy
from racto.providers.catalog import default_model
from racto.providers.connections.failures import Translator
from racto.providers.counting import CountingPower
from racto.providers.embeddings.power import EmbeddingPower, EmbeddingService
from racto.providers.kits.kit import WireKit
from racto.providers.kits.settings import KitSettings, Router, Truncator
from racto.providers.kits.wires import Wire
from racto.providers.pricing import DEFAULT_PRICES, PriceTable

from .access import access
from .embedding_wire import BATCH_SIZE, VERTEX_BATCH_BYTES, GoogleEmbeddingWire
from .endpoints import Endpoint
from .interactions.wire import InteractionsWire
from .turns import PROVIDER
from .wire import GenerateContentWire


class GoogleDeveloperKit(EmbeddingPower, CountingPower, WireKit):
    """Chat, streams, tools, structured replies and embeddings over Google's own protocol.

    Keeps :class:`~racto.core.protocols.ChatKit` and
    :class:`~racto.core.protocols.EmbeddingKit`. One client serves all calls of a thread-safe
    pool, and one more each event loop. Google's SDK is not needed.

    Args:
        model: Chat model; the catalog's when None, the router's choice when ``auto``.
        api_key: Key; ``GOOGLE_API_KEY`` or ``GEMINI_API_KEY`` when None. With ``vertexai`` a key
            of Vertex AI's express mode.
        base_url: Root of another server's API, with or without a version.
        embedding_model: Model of :meth:`embed`; the catalog's when None.
        default_prompt: Prompt for requests that bring no system text.
        exact_cache: Remembers replies by the complete request.
        semantic_cache: Remembers replies by the meaning of a lone question.
        router: Chooses the model when ``model`` is ``auto``.
        truncator: Shortens histories that do not fit.
        prices: What tokens cost; None leaves every cost unknown.
        tracer: Where spans go.
        metrics: Where measurements go.
        api: Which of Google's protocols to speak; ``interactions`` is the newer one, used
            without anything being stored at Google's.
        api_version: Version of the API instead of the one that Google's SDK asks for.
        vertexai: Vertex AI instead of the Gemini API.
        project: Project for Vertex AI; that of the credentials, or ``GOOGLE_CLOUD_PROJECT``, when
            None.
        location: Region for Vertex AI; ``GOOGLE_CLOUD_LOCATION``, or ``global``, when None.
        credentials: Credentials of google-auth for Vertex AI; the application's default ones when
            None.
        retry: How often to call again after a passing error.
        timeout: Seconds for a whole request, retries and tool rounds included.
        connect_timeout: Seconds to wait for a connection.
        headers: Headers to send with every request.
        scope: Tenant or user that cached replies must not leak out of.

    Raises:
        ConfigurationError: If what is given does not fit the service, or each other.
    """

    def __init__(
        self,
        model: str | None = None,
        *,
        api_key: SecretStr | str | None = None,
        base_url: str | None = None,
        embedding_model: str | None = None,
        default_prompt: RactoPrompt | None = None,
        exact_cache: ExactCache | None = None,
        semantic_cache: SimilarityCache | None = None,
        router: Router | None = None,
        truncator: Truncator | None = None,
        prices: PriceTable | None = DEFAULT_PRICES,
        tracer: Tracer | None = None,
        metrics: Metrics | None = None,
        api: Literal["generate_content", "interactions"] = "generate_content",
        api_version: str | None = None,
        vertexai: bool = False,
        project: str | None = None,
        location: str | None = None,
        credentials: Any = None,
        retry: RetryPolicy = RetryPolicy(),  # noqa: B008 - frozen
        timeout: float | None = 600.0,
        connect_timeout: float = 5.0,
        headers: Mapping[str, str] | None = None,
        scope: str = "",
    ) -> None:
        settings = KitSettings.of(
            model,
            default_prompt=default_prompt,
            exact_cache=exact_cache,
            semantic_cache=semantic_cache,
            router=router,
            truncator=truncator,
            prices=prices,
            tracer=tracer,
            metrics=metrics,
            retry=retry,
            timeout=timeout,
            scope=scope,
        )
        service = access(
            vertexai=vertexai,
            api_key=api_key,
            base_url=base_url,
            api_version=api_version,
            project=project,
            location=location,
            credentials=credentials,
        )
        connection = service.connect(headers=headers, connect_timeout=connect_timeout)
        self._counter = GenerateContentWire(service.endpoint, connection.translator)
        super().__init__(
            _wire(api, service.endpoint, connection.translator),
            connection.transport,
            model=model or default_model(PROVIDER, "chat"),
            settings=settings,
        )
        self._embeddings = EmbeddingService(
            GoogleEmbeddingWire(service.endpoint, connection.translator),
            connection,
            settings=settings,
            model=embedding_model,
            batch_size=BATCH_SIZE,
            batch_bytes=VERTEX_BATCH_BYTES if vertexai else None,
        )


Chat = GoogleDeveloperKit
"""The kit under the short name that the reference gives it."""


def _wire(api: str, endpoint: Endpoint, translator: Translator) -> Wire:
    if api == "generate_content":
        return GenerateContentWire(endpoint, translator)
    if api == "interactions":
        return InteractionsWire(endpoint, translator)
    raise ConfigurationError(f'api must be "generate_content" or "interactions", not {api!r}')
