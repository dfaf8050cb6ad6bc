"""The developer kit for OpenAI and for every server that speaks its protocol."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

from pydantic import SecretStr

from racto.core.errors import ConfigurationError
from racto.core.prompts import RactoPrompt
from racto.core.protocols.caches import ExactCache, SimilarityCache
from racto.core.protocols.metrics import Metrics
from racto.core.protocols.tracing import Tracer
from racto.core.retries import RetryPolicy
from racto.providers.catalog import default_model
from racto.providers.connections.dialers import HTTPLibrary
from racto.providers.connections.failures import Translator
from racto.providers.embeddings.power import EmbeddingPower, EmbeddingService
from racto.providers.kits.kit import WireKit
from racto.providers.kits.settings import KitSettings, Router, Truncator
from racto.providers.kits.wires import Wire
from racto.providers.pricing import DEFAULT_PRICES, PriceTable

from .connection import connect
from .dialects import COMPATIBLE, OPENAI, ChatDialect
from .embedding_wire import BATCH_BYTES, OpenAIEmbeddingWire

API: TypeAlias = Literal["responses", "chat"]
"""OpenAI's two APIs for chats: the newer one, and the one that other servers speak."""


class OpenAIDeveloperKit(EmbeddingPower, WireKit):
    """Chat, streams, tools, structured replies and embeddings over OpenAI's API.

    Keeps :class:`~racto.core.protocols.ChatKit` and
    :class:`~racto.core.protocols.EmbeddingKit`. The SDK loads at the first call; one client
    serves all plain calls, and one more each event loop, with at most 64 connections each.

    Args:
        model: Chat model; the catalog's when None, the router's choice when ``auto``.
        api_key: Key; ``OPENAI_API_KEY`` when None.
        base_url: Root of another server's API, for example ``http://localhost:8000/v1``;
            ``OPENAI_BASE_URL`` when None.
        embedding_model: Model of :meth:`embed`; the catalog's when None.
        default_prompt: Prompt for requests that bring no system text.
        exact_cache: Remembers replies by the complete request.
        semantic_cache: Remembers replies by the meaning of a lone question.
        router: Chooses the model when ``model`` is ``auto``.
        truncator: Shortens histories that do not fit.
        prices: What tokens cost; None leaves every cost unknown.
        tracer: Where spans go.
        metrics: Where measurements go.
        api: Which of OpenAI's APIs to speak, ``responses`` or ``chat``. When None, ``responses``
            with OpenAI's own servers, and ``chat`` with another ``base_url`` or a ``dialect``;
            what a server answers changes nothing.
        dialect: How the server speaks; OpenAI's way, or with another ``base_url`` the way that
            most compatible servers understand.
        http: What carries the async calls: ``aiohttp`` is faster with many at once, and needs
            ``racto-providers[aiohttp]``.
        retry: How often to call again after a passing error.
        timeout: Seconds for a whole request, retries and tool rounds included.
        connect_timeout: Seconds to wait for a connection.
        read_timeout: Most seconds between two pieces of a reply; ``timeout`` alone when None.
        headers: Headers to send with every request.
        organization: OpenAI organization that pays.
        project: OpenAI project that pays.
        scope: Tenant or user that cached replies must not leak out of.

    Raises:
        ConfigurationError: If ``api`` or ``http`` is neither of its two words, or ``model`` is
            ``auto`` and there is no router.
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
        api: API | None = None,
        dialect: ChatDialect | None = None,
        http: HTTPLibrary = "httpx2",
        retry: RetryPolicy = RetryPolicy(),  # noqa: B008 - frozen
        timeout: float | None = 600.0,
        connect_timeout: float = 5.0,
        read_timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
        organization: str | None = None,
        project: str | None = None,
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
        is_openais = _is_openais(base_url or os.environ.get("OPENAI_BASE_URL"))
        self._api = _chosen(api, by_default="responses" if is_openais and not dialect else "chat")
        self._dialect = dialect or (OPENAI if is_openais else COMPATIBLE)
        connection = connect(
            self._dialect.provider,
            api_key=api_key,
            base_url=base_url,
            headers=headers,
            organization=organization,
            project=project,
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
            http=http,
        )
        super().__init__(
            _wire(self._api, self._dialect, connection.translator),
            connection.transport,
            model=model or default_model("openai", "chat"),
            settings=settings,
        )
        self._embeddings = EmbeddingService(
            OpenAIEmbeddingWire(self._dialect.provider, connection.translator),
            connection,
            settings=settings,
            model=embedding_model,
            catalog="openai",
            batch_bytes=BATCH_BYTES,
        )

    @property
    def api(self) -> API:
        """Which of OpenAI's APIs is spoken."""
        return self._api

    @property
    def dialect(self) -> ChatDialect:
        """How the server speaks."""
        return self._dialect


Chat = OpenAIDeveloperKit
"""The kit under the short name that the reference gives it."""


def _is_openais(base_url: str | None) -> bool:
    """Whether a root is OpenAI's own, be it that of a region; the caller's word decides."""
    host = urlsplit(base_url or "https://api.openai.com").hostname or ""
    return host == "api.openai.com" or host.endswith(".api.openai.com")


def _wire(api: API, dialect: ChatDialect, translator: Translator) -> Wire:
    # Here, because each of the two takes some milliseconds to load, and a kit speaks one.
    if api == "responses":
        from .responses_wire import ResponsesWire

        return ResponsesWire(dialect, translator)
    from .chat_wire import ChatWire

    return ChatWire(dialect, translator)


def _chosen(api: API | None, *, by_default: API) -> API:
    if api not in (None, "responses", "chat"):
        raise ConfigurationError(f'api must be "responses" or "chat", not {api!r}')
    return api or by_default
