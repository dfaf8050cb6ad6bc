"""The developer kit for Anthropic, and for servers that speak its Messages API."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import SecretStr

from racto.core.prompts import RactoPrompt
from racto.core.protocols.caches import ExactCache, SimilarityCache
from racto.core.protocols.metrics import Metrics
from racto.core.protocols.tracing import Tracer
from racto.core.retries import RetryPolicy
from racto.providers.catalog import default_model
from racto.providers.connections.dialers import HTTPLibrary
from racto.providers.counting import CountingPower
from racto.providers.kits.kit import WireKit
from racto.providers.kits.settings import KitSettings, Router, Truncator
from racto.providers.pricing import DEFAULT_PRICES, PriceTable

from .api import PROVIDER, VERSION_HEADER, APIVersion
from .connection import connect
from .wire import MessagesWire


class AnthropicDeveloperKit(CountingPower, WireKit):
    """Chat, streams, tools, structured replies and thinking over Anthropic's Messages API.

    Keeps :class:`~racto.core.protocols.ChatKit`. The SDK loads at the first call; one client
    serves all plain calls, and one more each event loop, with at most 64 connections each.
    Anthropic offers no embeddings; Voyage's are the usual companion.

    Args:
        model: Chat model; the catalog's when None, the router's choice when ``auto``.
        api_key: Key; ``ANTHROPIC_API_KEY`` when None. Without any key the SDK's own login is
            used: a profile on this machine, or a workload's identity.
        base_url: Root of another server's API, without ``/v1``; ``ANTHROPIC_BASE_URL`` when None.
        default_prompt: Prompt for requests that bring no system text.
        exact_cache: Remembers replies by the complete request.
        semantic_cache: Remembers replies by the meaning of a lone question.
        router: Chooses the model when ``model`` is ``auto``.
        truncator: Shortens histories that do not fit.
        prices: What tokens cost; None leaves every cost unknown.
        tracer: Where spans go.
        metrics: Where measurements go.
        http: What carries the async calls: ``aiohttp`` is faster with many at once, and needs
            ``racto-providers[aiohttp]``.
        retry: How often to call again after a passing error.
        timeout: Seconds for a whole request, retries and tool rounds included.
        connect_timeout: Seconds to wait for a connection.
        read_timeout: Most seconds between two pieces of a reply; ``timeout`` alone when None.
        headers: Headers to send with every request. ``anthropic-version`` chooses the API's
            version, ``anthropic-beta`` asks for unfinished features.
        auth_token: Token of a login instead of a key; ``ANTHROPIC_AUTH_TOKEN`` when there is
            neither.
        scope: Tenant or user that cached replies must not leak out of.

    Raises:
        ConfigurationError: If ``model`` is ``auto`` and there is no router, or if both a key and
            a token are given.
    """

    def __init__(
        self,
        model: str | None = None,
        *,
        api_key: SecretStr | str | None = None,
        base_url: str | None = None,
        default_prompt: RactoPrompt | None = None,
        exact_cache: ExactCache | None = None,
        semantic_cache: SimilarityCache | None = None,
        router: Router | None = None,
        truncator: Truncator | None = None,
        prices: PriceTable | None = DEFAULT_PRICES,
        tracer: Tracer | None = None,
        metrics: Metrics | None = None,
        http: HTTPLibrary = "httpx2",
        retry: RetryPolicy = RetryPolicy(),  # noqa: B008 - frozen
        timeout: float | None = 600.0,
        connect_timeout: float = 5.0,
        read_timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
        auth_token: SecretStr | str | None = None,
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
        named = {name.lower(): value for name, value in (headers or {}).items()}
        version = APIVersion.of(named)
        connection = connect(
            api_key=api_key,
            auth_token=auth_token,
            base_url=base_url,
            # Named here, so that another SDK cannot change the API under the wire.
            headers={**named, VERSION_HEADER: version.date},
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
            http=http,
        )
        wire = MessagesWire(connection.translator, version)
        super().__init__(
            wire,
            connection.transport,
            model=model or default_model(PROVIDER, "chat"),
            settings=settings,
        )
        self._counter = wire


Chat = AnthropicDeveloperKit
"""The kit under the short name that the reference gives it."""
