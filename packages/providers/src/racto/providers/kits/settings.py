"""What every kit can be set up with, whoever its provider is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, Self, runtime_checkable

from racto.core.chat import ChatConfig
from racto.core.errors import ConfigurationError
from racto.core.prompts import RactoPrompt
from racto.core.protocols.caches import ExactCache, SimilarityCache
from racto.core.protocols.metrics import Metrics
from racto.core.protocols.tracing import Tracer
from racto.core.retries import RetryPolicy
from racto.core.telemetry.hooks import NOOP_METRICS, NOOP_TRACER
from racto.core.usage import Usage
from racto.providers.pricing import DEFAULT_PRICES, PriceTable

if TYPE_CHECKING:
    # Its rules of language load with it, and most kits have no router.
    from racto.providers.routing import RoutingDecision

AUTO = "auto"
"""The model's name that leaves the choice to the router."""


class Router(Protocol):
    """Chooses a model for a message."""

    def route(self, text: str) -> str:
        """The model to ask."""
        ...


@runtime_checkable
class DecidingRouter(Protocol):
    """A router that says why: its score and reasons go into the span."""

    def decide(self, text: str) -> RoutingDecision:
        """The model to ask, with the score and the reasons for it."""
        ...


class Truncator(Protocol):
    """Shortens a history that does not fit a model's context."""

    def truncate(
        self, chat_config: ChatConfig, model: str, *, provider: str = "", system: str | None = None
    ) -> ChatConfig:
        """The same config when it fits, else a copy with less history.

        Args:
            chat_config: The request, with the kit's default prompt filled in.
            model: The model after routing.
            provider: Who serves it.
            system: The system text as it will be sent; None to take it from the config.

        Raises:
            ContextLengthError: If it cannot be made to fit.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class KitSettings:
    """Settings of a kit that do not depend on its provider.

    Attributes:
        default_prompt: Prompt for requests that bring neither ``prompt`` nor ``system``.
        exact_cache: Remembers replies by the complete request; not of requests whose tools run
            here, or that bring a ``tool_context``.
        semantic_cache: Remembers replies by the meaning of a lone question, without tools.
        router: Chooses the model when the kit's model is ``auto``.
        truncator: Shortens histories that do not fit.
        prices: What tokens cost; None leaves every cost unknown.
        tracer: Where spans go.
        metrics: Where measurements go.
        retry: How often to call again after a passing error.
        timeout: Seconds for a whole request, retries, repairs and tool rounds included; None for
            no limit. Of a stream: until its first chunk. Where tools run between the rounds of a
            stream, they must be done and the next round must begin within it, too.
        scope: Tenant or user that cached replies must not leak out of.
    """

    default_prompt: RactoPrompt | None = None
    exact_cache: ExactCache | None = None
    semantic_cache: SimilarityCache | None = None
    router: Router | None = None
    truncator: Truncator | None = None
    prices: PriceTable | None = DEFAULT_PRICES
    tracer: Tracer = NOOP_TRACER
    metrics: Metrics = NOOP_METRICS
    retry: RetryPolicy = RetryPolicy()  # noqa: RUF009 - frozen
    timeout: float | None = 600.0
    scope: str = ""

    @classmethod
    def of(
        cls,
        model: str | None,
        *,
        router: Router | None,
        tracer: Tracer | None,
        metrics: Metrics | None,
        **others: Any,
    ) -> Self:
        """The settings that a kit's constructor was given.

        Args:
            model: The kit's model.
            router: As in the class.
            tracer: As in the class; None for no spans.
            metrics: As in the class; None for no measurements.
            **others: Further attributes of the class.

        Raises:
            ConfigurationError: If the model is ``auto`` and there is no router.
        """
        if model == AUTO and router is None:
            raise ConfigurationError('model="auto" needs a router=, which chooses the model')
        return cls(
            router=router, tracer=tracer or NOOP_TRACER, metrics=metrics or NOOP_METRICS, **others
        )

    def priced(self, usage: Usage, provider: str, *models: str, batch: bool = False) -> Usage:
        """The usage of one call with its cost, as far as it is known.

        Args:
            usage: Tokens of one call.
            provider: Who answered.
            *models: Names of the model, the best one first: what answered, then what was asked.
            batch: Whether it was part of a batch job.
        """
        if self.prices is None:
            return usage
        return self.prices.priced(usage, provider, *models, batch=batch)
