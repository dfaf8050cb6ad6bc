"""The developer kit for OpenAI and for every server that speaks its protocol."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import SecretStr

from racto.core.embeddings import EmbeddingConfig, EmbeddingResponse, EmbeddingVector
from racto.core.errors import ConfigurationError, UnsupportedFeatureError
from racto.core.flows import Flow, arun, run
from racto.core.prompts import RactoPrompt
from racto.core.protocols.caches import ExactCache, SimilarityCache
from racto.core.protocols.metrics import Metrics
from racto.core.protocols.tracing import Tracer
from racto.core.retries import RetryPolicy
from racto.core.telemetry import conventions
from racto.core.telemetry.hooks import NOOP_METRICS, NOOP_TRACER
from racto.core.usage import Usage
from racto.providers.arrays import floats
from racto.providers.catalog import default_model
from racto.providers.kits.kit import WireKit
from racto.providers.kits.observation import Observation
from racto.providers.kits.settings import KitSettings, Router, Truncator

from .chat_wire import ChatWire
from .connection import connect
from .dialects import COMPATIBLE, OPENAI, ChatDialect
from .embedding import EmbeddingCall, embedded


class OpenAIDeveloperKit(WireKit):
    """Chat, streams, tools, structured replies and embeddings over OpenAI's API.

    Keeps :class:`~racto.core.protocols.ChatKit` and
    :class:`~racto.core.protocols.EmbeddingKit`. The SDK loads at the first call; one client
    serves all calls of a thread-safe pool, and one more each event loop.

    Args:
        model: Chat model; the catalog's when None, the router's choice when ``auto``.
        api_key: Key; ``OPENAI_API_KEY`` when None.
        base_url: Root of another server's API, for example ``http://localhost:8000/v1``.
        embedding_model: Model of :meth:`embed`; the catalog's when None.
        default_prompt: Prompt for requests that bring no system text.
        exact_cache: Remembers replies by the complete request.
        semantic_cache: Remembers replies by the meaning of a lone question.
        router: Chooses the model when ``model`` is ``auto``.
        truncator: Shortens histories that do not fit.
        tracer: Where spans go.
        metrics: Where measurements go.
        api: Which of OpenAI's APIs to speak; ``responses`` is not built yet.
        dialect: How the server speaks; OpenAI's way, or with ``base_url`` the way that most
            compatible servers understand.
        retry: How often to call again after a passing error.
        timeout: Seconds for a whole request, retries and tool rounds included.
        connect_timeout: Seconds to wait for a connection.
        headers: Headers to send with every request.
        organization: OpenAI organization that pays.
        project: OpenAI project that pays.
        scope: Tenant or user that cached replies must not leak out of.

    Raises:
        UnsupportedFeatureError: If ``api`` is ``responses``.
        ConfigurationError: If ``model`` is ``auto`` and there is no router.
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
        tracer: Tracer | None = None,
        metrics: Metrics | None = None,
        api: Literal["chat", "responses"] = "chat",
        dialect: ChatDialect | None = None,
        retry: RetryPolicy = RetryPolicy(),  # noqa: B008 - frozen
        timeout: float | None = 600.0,
        connect_timeout: float = 5.0,
        headers: Mapping[str, str] | None = None,
        organization: str | None = None,
        project: str | None = None,
        scope: str = "",
    ) -> None:
        _check(api, model, router)
        # Decided by what the caller passed, never by what a server answered.
        dialect = dialect or (COMPATIBLE if base_url else OPENAI)
        connection = connect(
            dialect.provider,
            api_key=api_key,
            base_url=base_url,
            headers=headers,
            organization=organization,
            project=project,
            connect_timeout=connect_timeout,
        )
        settings = KitSettings(
            default_prompt=default_prompt,
            exact_cache=exact_cache,
            semantic_cache=semantic_cache,
            router=router,
            truncator=truncator,
            tracer=tracer or NOOP_TRACER,
            metrics=metrics or NOOP_METRICS,
            retry=retry,
            timeout=timeout,
            scope=scope,
        )
        super().__init__(
            ChatWire(dialect, connection.translator),
            connection.transport,
            model=model or default_model("openai", "chat"),
            settings=settings,
        )
        self._connection = connection
        self._embedding_model = embedding_model

    def embed(self, config: EmbeddingConfig) -> EmbeddingResponse:
        """Embed all texts of a request, in its order.

        Args:
            config: Texts, and how to embed them.

        Raises:
            EmbeddingError: If another number of vectors came back.
            UnsupportedFeatureError: If ``input_type`` is set: the API does not tell queries
                from documents.
        """
        return run(self._embedding(config))

    async def aembed(self, config: EmbeddingConfig) -> EmbeddingResponse:
        """Async twin of :meth:`embed`."""
        return await arun(self._embedding(config))

    def _embedding(self, config: EmbeddingConfig) -> Flow[EmbeddingResponse]:
        # Dropping it would embed questions as documents and nobody would notice.
        if config.input_type is not None:
            raise UnsupportedFeatureError(
                "OpenAI's embeddings API does not tell queries from documents; leave input_type "
                "out, or send a field of your server's in extra=",
                feature="input_type",
            )
        model = config.model or self._embedding_model or default_model("openai", "embedding")
        call = EmbeddingCall(
            model=model,
            dimensions=config.dimensions,
            extra=config.extra,
            retry=self._settings.retry,
            timeout=self._settings.timeout,
        )
        with self._embedding_observation(model) as observation:
            batches = yield from embedded(
                config.texts,
                call,
                transport=self._connection.transport,
                translator=self._connection.translator,
            )
            usage = sum((batch.usage for batch in batches), Usage.nothing())
            observation.used(usage)
        rows = [floats(row) for batch in batches for row in batch.rows]
        vectors = [
            EmbeddingVector(index=number, text=text, embedding=list(row))
            for number, (text, row) in enumerate(zip(config.texts, rows, strict=True))
        ]
        answered = batches[0].model or model
        return EmbeddingResponse(
            vectors=vectors, model=answered, usage=usage, provider=self.provider
        )

    def _embedding_observation(self, model: str) -> Observation:
        return Observation(
            self._settings.tracer,
            self._settings.metrics,
            operation=conventions.OPERATION_EMBEDDINGS,
            provider=self.provider,
            model=model,
        )


Chat = OpenAIDeveloperKit
"""The kit under the short name that the reference gives it."""


def _check(api: str, model: str | None, router: Router | None) -> None:
    if api == "responses":
        raise UnsupportedFeatureError(
            'the Responses API is not built yet; use api="chat", which OpenAI goes on supporting',
            feature="api",
        )
    if api != "chat":
        raise ConfigurationError(f'api must be "chat" or "responses", not {api!r}')
    if model == "auto" and router is None:
        raise ConfigurationError('model="auto" needs a router=, which chooses the model')
