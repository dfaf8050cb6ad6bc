"""The developer kit for Hugging Face's router, and for TGI and vLLM servers."""

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
from racto.providers.openai.dialects import ChatDialect
from racto.providers.pricing import DEFAULT_PRICES, PriceTable

from .connection import PROVIDER, connect
from .embedding_wire import EmbeddingsWire, FeatureExtractionWire
from .wire import AUTO, HUGGINGFACE, HuggingFaceWire

_ANY_MODEL = "tgi"


class HuggingFaceDeveloperKit(EmbeddingPower, WireKit):
    """Chat, streams, tools, structured replies and embeddings over Hugging Face.

    Keeps :class:`~racto.core.protocols.ChatKit` and
    :class:`~racto.core.protocols.EmbeddingKit`. Without ``base_url`` it asks the router of the
    Inference Providers, and embeds by feature extraction; with it a server of one's own, which
    embeds at ``/v1/embeddings``.

    Args:
        model: Chat model; the catalog's when None, or ``tgi`` with ``base_url``, which a TGI
            takes for its own; the router's choice when ``auto``.
        token: Token; ``HF_TOKEN`` or ``HUGGINGFACE_TOKEN`` when None.
        api_key: The token under the name that all kits have for it.
        base_url: Address of a TGI, a vLLM or an Inference Endpoint, with or without ``/v1``.
        embedding_model: Model of :meth:`embed`; the catalog's when None.
        default_prompt: Prompt for requests that bring no system text.
        exact_cache: Remembers replies by the complete request.
        semantic_cache: Remembers replies by the meaning of a lone question.
        router: Chooses the model when ``model`` is ``auto``.
        truncator: Shortens histories that do not fit.
        prices: What tokens cost; None leaves every cost unknown.
        tracer: Where spans go.
        metrics: Where measurements go.
        provider: Who shall answer: an inference provider such as ``groq``, or one of the
            policies ``fastest``, ``cheapest`` and ``preferred``; the account's own choice when
            ``auto``. A model may name it itself: ``openai/gpt-oss-120b:groq``.
        bill_to: Organization that pays.
        dialect: How the server speaks, where it is neither the router nor a TGI.
        retry: How often to call again after a passing error.
        timeout: Seconds for a whole request, retries and tool rounds included.
        connect_timeout: Seconds to wait for a connection.
        read_timeout: Most seconds between two pieces of a reply; ``timeout`` alone when None.
        headers: Headers to send with every request.
        scope: Tenant or user that cached replies must not leak out of.

    Raises:
        ConfigurationError: If both ``token`` and ``api_key`` are given, or ``model`` is ``auto``
            and there is no router.
    """

    def __init__(
        self,
        model: str | None = None,
        *,
        token: SecretStr | str | None = None,
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
        provider: str = AUTO,
        bill_to: str | None = None,
        dialect: ChatDialect = HUGGINGFACE,
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
            prices=prices,
            tracer=tracer,
            metrics=metrics,
            retry=retry,
            timeout=timeout,
            scope=scope,
        )
        connection = connect(
            token=token,
            api_key=api_key,
            base_url=base_url,
            bill_to=bill_to,
            headers=headers,
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
        )
        named = default_model(PROVIDER, "chat") if base_url is None else _ANY_MODEL
        super().__init__(
            HuggingFaceWire(dialect, connection.translator, provider=provider),
            connection.transport,
            model=model or named,
            settings=settings,
        )
        embeddings = EmbeddingsWire if base_url is not None else FeatureExtractionWire
        self._embeddings = EmbeddingService(
            embeddings(connection.translator),
            connection,
            settings=settings,
            model=embedding_model,
            batch_size=32,
        )


Chat = HuggingFaceDeveloperKit
"""The kit under the short name that the reference gives it."""
