"""The developer kit for Ollama, on this machine, in the network, or at ollama.com."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import SecretStr

from racto.core.prompts import RactoPrompt
from racto.core.protocols.caches import ExactCache, SimilarityCache
from racto.core.protocols.metrics import Metrics
from racto.core.protocols.tracing import Tracer
from racto.core.retries import RetryPolicy
from racto.providers.catalog import default_model
from racto.providers.embeddings.power import EmbeddingPower, EmbeddingService
from racto.providers.kits.kit import WireKit
from racto.providers.kits.settings import KitSettings, Router, Truncator
from racto.providers.pricing import DEFAULT_PRICES, PriceTable

from .connection import PROVIDER, connect
from .embedding_wire import OllamaEmbeddingWire
from .hosts import base_url_of
from .wire import OllamaWire


class OllamaDeveloperKit(EmbeddingPower, WireKit):
    """Chat, streams, tools, structured replies and embeddings over Ollama's own API.

    Keeps :class:`~racto.core.protocols.ChatKit` and
    :class:`~racto.core.protocols.EmbeddingKit`.

    Args:
        model: Chat model; the catalog's when None, the router's choice when ``auto``.
        base_url: Address of the server, in any form that ``OLLAMA_HOST`` may have;
            ``OLLAMA_HOST``, or this machine, when None.
        api_key: Key; ``OLLAMA_API_KEY`` when None. A server of one's own wants none.
        embedding_model: Model of :meth:`embed`; the catalog's when None.
        default_prompt: Prompt for requests that bring no system text.
        exact_cache: Remembers replies by the complete request.
        semantic_cache: Remembers replies by the meaning of a lone question.
        router: Chooses the model when ``model`` is ``auto``.
        truncator: Shortens histories that do not fit.
        prices: What tokens cost; None leaves every cost unknown. By the catalog, models on this
            machine cost nothing; of a server elsewhere, or of Ollama's cloud behind the one
            here (``...-cloud``), the cost is unknown.
        tracer: Where spans go.
        metrics: Where measurements go.
        truncate: Whether the server may drop what does not fit the model's context. It would do
            so in silence; without leave, racto has it refuse such requests, and stop a reply
            that fills the context with ``length``.
        keep_alive: How long the model stays in memory afterwards: seconds, or a duration such as
            ``10m``; the server's own when None.
        retry: How often to call again after a passing error.
        timeout: Seconds for a whole request, retries and tool rounds included.
        connect_timeout: Seconds to wait for a connection.
        read_timeout: Most seconds between two pieces of a reply; ``timeout`` alone when None.
        headers: Headers to send with every request.
        scope: Tenant or user that cached replies must not leak out of.

    Raises:
        ConfigurationError: If ``base_url`` is no address, or ``model`` is ``auto`` and there is
            no router.
    """

    def __init__(
        self,
        model: str | None = None,
        *,
        base_url: str | None = None,
        api_key: SecretStr | str | None = None,
        embedding_model: str | None = None,
        default_prompt: RactoPrompt | None = None,
        exact_cache: ExactCache | None = None,
        semantic_cache: SimilarityCache | None = None,
        router: Router | None = None,
        truncator: Truncator | None = None,
        prices: PriceTable | None = DEFAULT_PRICES,
        tracer: Tracer | None = None,
        metrics: Metrics | None = None,
        truncate: bool = False,
        keep_alive: float | str | None = None,
        retry: RetryPolicy = RetryPolicy(),  # noqa: B008 - frozen
        timeout: float | None = 600.0,
        connect_timeout: float = 5.0,
        read_timeout: float | None = None,
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
            prices=prices and prices.at(base_url_of(base_url)),
            tracer=tracer,
            metrics=metrics,
            retry=retry,
            timeout=timeout,
            scope=scope,
        )
        connection = connect(
            api_key=api_key,
            base_url=base_url,
            headers=headers,
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
        )
        super().__init__(
            OllamaWire(connection.translator, truncate=truncate, keep_alive=keep_alive),
            connection.transport,
            model=model or default_model(PROVIDER, "chat"),
            settings=settings,
        )
        self._embeddings = EmbeddingService(
            OllamaEmbeddingWire(connection.translator, truncate=truncate, keep_alive=keep_alive),
            connection,
            settings=settings,
            model=embedding_model,
            batch_size=64,
        )


Chat = OllamaDeveloperKit
"""The kit under the short name that the reference gives it."""
